"""Random people in households of each kind, with many facts that nobody knows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.generative.rule_language.vocabulary import DAYS, HOME, PERSON, PLACE, TEXTS, TOWNS
from tests.spec.evaluator.world import KINDS, Home, Person

CENT = Fraction(1, 100)
MAX_WHOLE = 2**31
UNKNOWN_SHARES = (0.0, 0.1, 0.3, 0.6)  # one of them for each household


@dataclass
class People:
    """Every person, and the households of each kind; of those of `hukou` kind facts are known.

    Persons are named p0, p1 …, households by kind and number, such as hukou0.
    """

    persons: dict[str, Person] = field(default_factory=dict)
    homes: dict[str, dict[str, Home]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    def rows(self, entity: str) -> dict[str, Person] | dict[str, Home]:
        """Whom a rule is asked of."""
        return self.persons if entity == "person" else self.homes["hukou"]

    def __repr__(self) -> str:
        homes = [f"{name}: {home.facts}" for name, home in self.homes["hukou"].items()]
        persons = []
        for name, person in self.persons.items():
            of = [key for kind in KINDS for key, home in self.homes[kind].items() if person in home.members]
            persons.append(f"{name} of {of}: {person.facts}")
        return "\n".join(homes + persons)


def people(drawn: random.Random, near: list[Fraction]) -> People:
    """Eight households with up to four members each; numbers lie near those given.

    Drawn apart from the rule, so that a rule is made smaller while the people it fails for stay the same.
    """
    found = People()
    for at in range(8):
        facts = _Facts(drawn, near, drawn.choice(UNKNOWN_SHARES))
        home = Home(facts.of(HOME | PLACE))
        found.homes["hukou"][f"hukou{at}"] = home
        for _ in range(drawn.choice([1, 1, 2, 3, 4])):
            person = Person(facts.of(PERSON) | {"town_code": home.facts["town_code"]}, {"hukou": home})
            home.members.append(person)
            found.persons[f"p{len(found.persons)}"] = person
    for kind in KINDS[1:]:
        for at, person in enumerate(found.persons.values()):
            _join(found, person, kind, drawn.choice([None, at // 3, at // 3, at // 2]))
    return found


def _join(found: People, person: Person, kind: str, at: int | None) -> None:
    if at is not None:
        home = found.homes[kind].setdefault(f"{kind}{at}", Home({}))
        home.members.append(person)
        person.homes[kind] = home


class _Facts:
    """The facts of one household and its members."""

    def __init__(self, drawn: random.Random, near: list[Fraction], unknown: float) -> None:
        self.drawn, self.unknown = drawn, unknown
        self.near = [n for n in near if abs(n) < 10**15] or [Fraction(0)]

    def of(self, types: dict[str, str]) -> dict[str, Any]:
        """A value or nothing for each fact."""
        return {
            name: None if self.drawn.random() < self.unknown else self.value(name, kind)
            for name, kind in types.items()
        }

    def value(self, name: str, kind: str) -> Any:
        """A known value of that type."""
        pick = self.drawn.choice
        if name == "town_code":
            return pick(TOWNS)
        if kind == "text":
            return pick(TEXTS)
        if kind == "boolean":
            return pick([True, False])
        if kind == "date":
            days = timedelta(days=self.drawn.randint(-36_000, 1_800))
            return pick([pick(DAYS), DAYS[0] + days / 12, date(2026, 3, 15) + days])
        if kind == "integer":
            close = int(pick(self.near)) + pick([-1, 0, 1])
            return pick([close, self.drawn.randint(-3, 40)]) if abs(close) < MAX_WHOLE else 0
        close_to = pick(self.near) + pick([-1, 0, 1]) * CENT
        number = pick([close_to, self.drawn.randint(-10, 300_000) * CENT])
        return Decimal(int(number * 100)).scaleb(-2)  # cut to what such a column keeps
