"""The cases of a law as `tests/data/laws/<law>/cases.yaml` states them: what is known, what must come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

LAWS = Path(__file__).resolve().parents[1] / "data" / "laws"
Facts = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One household on one day, or on the first days of the twelve months of a year.

    household   its facts, those the source takes for granted included
    persons     the facts of each member, in the order of the register
    expected    what must come out: of the household under "", of a member under its name
    reform      the folder put over the law, None for the law as it stands
    """

    name: str
    origin: str
    days: tuple[date, ...]
    household: Facts
    persons: dict[str, Facts]
    expected: dict[str, Facts]
    tolerance: float
    reform: str | None

    def faults(self, found: Mapping[date, Mapping[str, Facts]]) -> list[str]:
        """What came out differently, as sentences; `found` by day, then as `expected`."""
        return [
            f"{self.name} ({self.origin}): {whose or 'household'} {fact} is {value}, not {expected}"
            for whose, facts in self.expected.items()
            for fact, expected in facts.items()
            if not _agrees(
                value := self._over_days([found[day][whose].get(fact) for day in self.days]),
                expected,
                self.tolerance,
            )
        ]

    def _over_days(self, values: list[Any]) -> Any:
        """A year's amount is the sum of its months; a test holds in a year if it holds in one of them."""
        if len(values) == 1:
            return values[0]
        if any(value is None for value in values):
            return None
        return any(values) if isinstance(values[0], bool) else sum(values)


def _agrees(value: Any, expected: Any, tolerance: float) -> bool:
    if value is None or isinstance(expected, (bool, str)):
        return value is not None and value == expected
    return abs(float(value) - float(expected)) <= tolerance


def read_cases(law: str) -> list[Case]:
    """A law's published cases and those reckoned with its source, whose assumptions become facts."""
    published, reckoned = (
        yaml.safe_load((LAWS / law / name).read_text(encoding="utf-8"))
        for name in ("cases.yaml", "reckoned.yaml")
    )
    return [_case(entry, published) for entry in (*published["cases"], *reckoned["cases"])]


def published_origins(law: str) -> set[str]:
    """The cases of the source's own suite that are carried here, by file and number."""
    return {case.origin for case in read_cases(law) if not case.origin.startswith("reckoned")}


def by_question(cases: list[Case]) -> dict[tuple[str | None, date], list[Case]]:
    """The cases that are asked together: of one reform, on one day."""
    asked = defaultdict(list)
    for case in cases:
        for day in case.days:
            asked[case.reform, day].append(case)
    return asked


def _case(entry: Mapping[str, Any], document: Mapping[str, Any]) -> Case:
    assumed = document["assumed"]
    persons = entry.get("persons") or {"only": {}}
    numbered = document.get("numbered")
    return Case(
        name=entry["name"],
        origin=entry["origin"],
        days=(entry["as_of"],)
        if "as_of" in entry
        else tuple(date(entry["year"], month, 1) for month in range(1, 13)),
        household={**assumed["household"], **entry.get("household", {})},
        persons={
            name: {**assumed["persons"], **({numbered: number} if numbered else {}), **facts}
            for number, (name, facts) in enumerate(persons.items(), 1)
        },
        expected={"": entry["expect"].get("household", {}), **entry["expect"].get("persons", {})},
        tolerance=entry.get("tolerance", document["tolerance"]),
        reform=entry.get("reform"),
    )
