"""The facts of the random world, and which names a random rule may use where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

# Type as facts.yaml names it -> the kind of the language.
KINDS = {
    **dict.fromkeys(("integer", "number", "yuan"), "number"),
    **{kind: kind for kind in ("boolean", "text", "date")},
}
PERSON = {
    **{"n": "yuan", "m": "yuan", "x": "number", "i": "integer", "j": "integer"},
    **{"p": "boolean", "q": "boolean", "r": "boolean", "t": "text", "u": "text", "d": "date", "e": "date"},
}
HOME = {
    **{"hn": "yuan", "人均收入": "yuan", "hi": "integer", "hp": "boolean", "ht": "text", "hd": "date"},
    **{"place_tier_code": "text", "is_rural": "boolean"},
}
PLACE = {"town_code": "text"}  # of a home; its members have the same
# An empty cell means that it never happened, where the other fact is known.
NEVER = {("person", "e"): "r", ("household", "hd"): "hp"}
TOWNS = ("440103001", "440103002", "440105001", "440205001", "450102001")
TEXTS = ("a", "b", "低保", "t1", "t2")
DAYS = (date(2026, 3, 15), date(2024, 2, 29), date(2026, 1, 1), date(2025, 12, 31), date(2026, 2, 28))


def facts_of(entity: str) -> dict[str, str]:
    """The facts of a person or a household with their types."""
    return {**(PERSON if entity == "person" else HOME), **PLACE}


@dataclass(frozen=True)
class Scope:
    """What a rule may name where it is: kind -> names, and which words it may use.

    facts       facts and definitions, a household's under household_… in a person's rule
    members     the scope within a member's condition; None within one
    monotone    no word that takes the unknown for something
    """

    entity: str
    facts: dict[str, tuple[str, ...]]
    parameters: dict[str, tuple[str, ...]]
    members: Scope | None = None
    monotone: bool = True

    def with_parameter(self, name: str, kind: str) -> Scope:
        """One more parameter."""
        known = self.parameters | {kind: (*self.parameters.get(kind, ()), name)}
        return replace(self, parameters=known)

    def with_fact(self, name: str, kind: str) -> Scope:
        """One more definition."""
        return replace(self, facts=self.facts | {kind: (*self.facts.get(kind, ()), name)})


def scope_of(entity: str, *, monotone: bool) -> Scope:
    """What a person's or a household's rule may name at first."""
    named: dict[str, list[str]] = {}
    for name, kind in facts_of(entity).items():
        named.setdefault(KINDS[kind], []).append(name)
    if entity == "person":
        for name, kind in HOME.items():
            named[KINDS[kind]].append(f"household_{name}")
    facts = {kind: tuple(names) for kind, names in named.items()}
    return Scope(entity, facts, {}, monotone=monotone)


def constant(draw: Random, kind: str) -> Any:
    """A constant that a rule may compare with: numbers as laws have them, and a few that they do not."""
    if kind == "number":
        rare = [Fraction(1, 10**8), Fraction(333_333_333, 10**8), Fraction(10**12), Fraction(10**17)]
        common = [Fraction(draw.randint(0, 12)), Fraction(draw.randint(0, 200_000), 100)]
        return draw.choice([*common * 8, draw.choice(rare)])
    if kind == "date":
        return draw.choice([*DAYS, *[date(2005, 1, 1) + timedelta(days=draw.randint(0, 9_000))] * 5])
    return draw.choice(TEXTS) if kind == "text" else draw.random() < 0.5
