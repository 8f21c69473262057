"""Worked examples: every rule carries cases that a policy person can read; this runs them.

run_rule(cat, rule) -> one ExampleResult per example of the rule
run_own(cat) -> one per example of the home's own values
all_examples(cat) -> each rule with each of its examples
example_frames(cat, {id: given}) -> the frames in which examples are evaluated, as many as there are
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.benefit import Benefit, BenefitExample
from policies.catalogue.fact import Fact
from policies.catalogue.model import KEYS, Catalogue, Rule
from policies.catalogue.own_values import OwnExample
from policies.catalogue.shapes import Entity, FactValue, Given
from policies.catalogue.signal import SignalExample
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals

Example = BenefitExample | SignalExample
_INPUTS = {"name", "as_of", "person", "household", "rule", "town_code"}
# Where an example lives unless it says otherwise: some town of the province, so that values by place exist.
HOME = {"town_code": "440000000", "village_code": "440000000000"}


@dataclass(frozen=True)
class ExampleResult:
    """One example's outcome; `faults` says what differed, in words, and is empty when it holds."""

    rule_id: str
    name: str
    faults: tuple[str, ...]


def run_own(cat: Catalogue) -> list[ExampleResult]:
    """A home's own examples, in order: each answered by its rule, with the home's values at its town."""
    return [_own(cat, example) for example in cat.own.examples]


def _own(cat: Catalogue, example: OwnExample) -> ExampleResult:
    same = [r for r in cat.rules_at(example.as_of) if r.id == example.rule]
    mine = [r for r in same if example.town_code.startswith(r.place or "")]
    rule = max(mine, key=lambda r: len(r.place or ""), default=None)
    if rule is None:
        fault = f"no rule {example.rule} is in force on {example.as_of}"
        return ExampleResult(example.rule, example.name, (fault,))
    base, town = rule.examples_base, {"town_code": example.town_code}
    given = Given(
        person={**base.person, **town, **example.person},
        household={**base.household, **town, **example.household},
    )
    unknown = [name for name in {**example.person, **example.household} if not _is_fact(cat, name)]
    if unknown:
        return ExampleResult(rule.id, example.name, (f"there is no fact '{unknown[0]}'",))
    answer = _answers(cat, rule, {"e": given}, example.as_of)["e"]
    return ExampleResult(rule.id, example.name, tuple(_differences(example, answer)))


def _is_fact(cat: Catalogue, name: str) -> bool:
    return name in KEYS or any(fact.name == name for fact in cat.facts.values())


def all_examples(cat: Catalogue) -> Iterator[tuple[Rule, Example]]:
    """Each rule with each of its examples."""
    for rule in cat.rules:
        for example in rule.examples:
            yield rule, example


def run_rule(cat: Catalogue, rule: Rule) -> list[ExampleResult]:
    """One rule on its examples, in their order; those of one date are evaluated together."""
    examples: tuple[Example, ...] = rule.examples
    answers: dict[str, dict] = {}
    for day in {example.as_of for example in examples}:
        given = {f"e{i}": facts_given(rule, e) for i, e in enumerate(examples) if e.as_of == day}
        answers |= _answers(cat, rule, given, day)
    return [
        ExampleResult(rule.id, example.name, tuple(_differences(example, answers[f"e{i}"])))
        for i, example in enumerate(examples)
    ]


def facts_given(rule: Rule, example: Example) -> Given:
    """The facts of an example over those that all examples of its rule share."""
    # of a place's own text, somewhere in that place
    home: dict[str, FactValue] = {"town_code": rule.place.ljust(9, "0")} if rule.place else {}
    person = {**home, **rule.examples_base.person, **example.person}
    return Given(person=person, household={**home, **rule.examples_base.household, **example.household})


def example_frames(cat: Catalogue, given: Mapping[str, Given]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One person and one household per id (which both bear); a fact that is not given is null."""
    persons, households = [], []
    for key, facts in given.items():
        persons.append({"person_id": key, "household_id": key, **HOME, **facts.person})
        households.append({"household_id": key, **HOME, **facts.household})
    return _frame(cat, "person", persons), _frame(cat, "household", households)


def _frame(cat: Catalogue, entity: Entity, rows: list[dict]) -> pl.DataFrame:
    keys = [key for key in KEYS if entity == "person" or key != "person_id"]
    columns = [pl.Series(key, [row[key] for row in rows], dtype=pl.String) for key in keys]
    for fact in cat.facts.values():
        if fact.entity == entity:
            values = [_exact(fact, row.get(fact.name)) for row in rows]
            columns.append(pl.Series(fact.name, values, dtype=DTYPES[fact.type]))
    return pl.DataFrame(columns)


def _exact(fact: Fact, value: object) -> object:
    """A whole amount as the decimal its column holds."""
    return Decimal(value) if fact.type in ("yuan", "number") and isinstance(value, int) else value


def _answers(cat: Catalogue, rule: Rule, given: Mapping[str, Given], day: date) -> dict[str, dict]:
    """What the rule answers for each example of one date, by its id."""
    persons, households = example_frames(cat, given)
    if isinstance(rule, Benefit):
        rows = evaluate_benefits(replace(cat, benefits=(rule,), signals=()), persons, households, day)
    else:
        only = replace(cat, benefits=(), signals=(rule,))
        rows = evaluate_signals(only, persons, households, day, unknown_of=(rule.entity,))
    found = {row[f"{rule.entity}_id"]: row for row in rows.iter_rows(named=True)}
    answer = _benefit_answer if isinstance(rule, Benefit) else _signal_answer
    return {key: answer(found.get(key)) for key in given}


def _benefit_answer(row: dict | None) -> dict:
    """The answer's row; a benefit that writes none has answered no."""
    if row is None:
        return {"eligible": "no", "is_receiving": False, "missing": ()}
    return row | {"missing": tuple(row["missing_facts"].split(",")) if row["missing_facts"] else ()}


def _signal_answer(row: dict | None) -> dict:
    if row is None:
        return {"state": "no", "missing": (), "level": None, "sentence": None}
    return row | {"missing": tuple(row["missing_facts"]), "sentence": row["sentence_zh"]}


def _differences(example: Example | OwnExample, found: dict) -> Iterator[str]:
    """What an example does not state is not compared."""
    for key in sorted(example.model_fields_set - _INPUTS):
        expected, got = getattr(example, key), found.get(key)
        if expected != got:
            yield f"{key}: expected {expected}, got {got}"
