"""A random rule with its definitions and parameters, and random people near what all of them compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.generative.rule_language.expressions import term
from tests.generative.rule_language.parameters import SAID, parameter
from tests.generative.rule_language.people import People, people
from tests.generative.rule_language.vocabulary import DAYS, NEVER, Scope, scope_of
from tests.spec.evaluator.terms import MEMBER_WORDS, Term, written
from tests.spec.evaluator.world import Rules

TYPES = {"number": "number", "text": "text", "boolean": "boolean", "date": "date"}
DEPTHS = (1, 2, 3, 3, 4)


@dataclass(frozen=True)
class Case:
    """One rule, the people it is asked of, and what it rests on."""

    entity: str
    kind: str
    rule: Term
    rules: Rules
    people: People

    def __repr__(self) -> str:
        return "\n".join(
            [
                f"\n{self.entity}'s {self.kind} on {self.rules.as_of}: {written(self.rule)}",
                *(f"definition {key}: {one}" for key, one in self.rules.definitions.items()),
                *(f"parameter {name}: {one}" for name, one in self.rules.parameters.items()),
                repr(self.people),
            ]
        )


class _Building:
    """Parameters and definitions one after another, each of which may name those before it."""

    def __init__(self, draw: Random, monotone: bool) -> None:
        self.draw = draw
        self.scopes = {one: scope_of(one, monotone=monotone) for one in ("person", "household")}
        self.parameters: dict[str, Mapping[str, Any]] = {}
        self.definitions: dict[tuple[str, str], Mapping[str, Any]] = {}

    def scope(self, entity: str) -> Scope:
        """The scope with members' words, which see persons."""
        return replace(self.scopes[entity], members=self.scopes["person"])

    def add(self) -> None:
        """One more parameter or definition."""
        entity = self.draw.choice(["person", "household"])
        kind = self.draw.choice(["number", "number", "text", "boolean", "date"])
        if kind == "date" or self.draw.randint(0, 2) == 0:
            self.define(entity, kind)
        else:
            self.add_parameter(entity, kind)

    def add_parameter(self, entity: str, kind: str) -> None:
        """A household's may be named in a person's rule too, for its keys are found there."""
        name = f"g.v{len(self.parameters)}"
        self.parameters[name] = parameter(self.draw, kind, self.scopes[entity])
        for one in ("person", "household") if entity == "household" else ("person",):
            self.scopes[one] = self.scopes[one].with_parameter(name, kind)

    def define(self, entity: str, kind: str) -> None:
        """A definition with one version or two."""
        name = f"{'c' if entity == 'person' else 'hc'}{len(self.definitions)}"
        formulas = [
            written(term(self.draw, kind, self.scope(entity), 2)) for _ in range(self.draw.randint(1, 2))
        ]
        turn = date(2026, 3, 1)
        versions = [{"valid_from": date(2000, 1, 1), **SAID, "formula": formulas[0]}]
        if len(formulas) == 2:
            versions[0]["valid_to"] = date(2026, 2, 28)
            versions.append({"valid_from": turn, **SAID, "formula": formulas[1]})
        entry = {"name": name, "entity": entity, "type": TYPES[kind], "zh": name, "versions": versions}
        self.definitions[entity, name] = entry
        self.scopes[entity] = self.scopes[entity].with_fact(name, kind)
        if entity == "household":
            self.scopes["person"] = self.scopes["person"].with_fact(f"household_{name}", kind)


def cases(*, monotone: bool = True) -> st.SearchStrategy[Case]:
    """Whole random cases; `monotone`: without the words that take the unknown for something.

    One seed makes one case: Hypothesis varies what it draws piece by piece so little that half of a run's
    rules would be the same. `smallest` makes a failing one small.
    """
    return st.integers(0, 2**48).map(lambda seed: drawn_case(Random(seed), monotone=monotone))


def drawn_case(draw: Random, *, monotone: bool) -> Case:
    """Parameters and definitions, then a rule that may name them, then the people."""
    building = _Building(draw, monotone)
    for _ in range(draw.randint(0, 4)):
        building.add()
    entity = draw.choice(["person", "household"])
    kind = draw.choice([*["number", "boolean"] * 3, "text", "date"])
    rule = term(draw, kind, building.scope(entity), draw.choice(DEPTHS), may_be_leaf=False)
    day = draw.choice([*DAYS, date(2024, 1, 1) + timedelta(days=draw.randint(0, 1_000))])
    rules = Rules(day, building.definitions, building.parameters, NEVER)
    near = sorted(set(_numbers([rule.walk(), building.parameters, building.definitions])))
    return Case(entity, kind, rule, rules, people(draw, near))


def smallest(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The smallest part of a failing case's rule that still fails."""
    parts = [replace(case, rule=part) for part in _outside_members(case.rule)]
    found = [part for part in parts if part.rule != case.rule and fails(part)]
    return smallest(min(found, key=lambda part: len(list(part.rule.walk()))), fails) if found else case


def _outside_members(rule: Term) -> Iterator[Term]:
    yield rule
    for part in rule.parts if rule.word not in MEMBER_WORDS else ():
        yield from _outside_members(part)


def _numbers(given: Any) -> Iterator[Fraction]:
    """Every number that occurs anywhere in what is given."""
    if isinstance(given, Term):
        yield from _numbers(given.value)
    elif isinstance(given, Mapping):
        yield from _numbers(given.values())
    elif isinstance(given, int | Decimal | Fraction) and not isinstance(given, bool):
        yield Fraction(given)
    elif not isinstance(given, str | date | bool | None):
        for one in given:
            yield from _numbers(one)
