"""A law of tests/data/laws by the slow evaluator that is written from the specification, case by case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.laws.cases import LAWS, Case, Facts
from tests.spec.evaluator.evaluation import Evaluation
from tests.spec.evaluator.world import Home, Person, Rules


@cache
def rules(law: str, reform: str | None, as_of: date) -> Rules:
    """The definitions and parameters of a law; those of the reform stand in the place of their namesakes."""
    folders = [LAWS / law, *([LAWS / law / "reforms" / reform] if reform else [])]
    definitions = {(d["entity"], d["name"]): d for _, d in _entries(folders, "definitions")}
    parameters = {f"{group}.{p['name']}": p for group, p in _entries(folders, "parameters")}
    return Rules(as_of, definitions, parameters)


def answers(law: str, case: Case) -> dict[date, dict[str, Facts]]:
    """What the law gives for a case, by day, then as `case.expected`."""
    return {day: _on(rules(law, case.reform, day), case) for day in case.days}


def _on(law: Rules, case: Case) -> dict[str, Facts]:
    home = Home(case.household)
    people = {name: Person(facts, {"hukou": home}) for name, facts in case.persons.items()}
    home.members.extend(people.values())
    rows: Mapping[str, Home | Person] = {"": home, **people}
    evaluation = Evaluation(law)
    return {
        whose: {fact: evaluation.fact(fact, rows[whose]) for fact in facts}
        for whose, facts in case.expected.items()
    }


def _entries(folders: list[Path], kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Every entry of the files of one kind, with the group of its file; those of the later folder last."""
    files = [_read(path) for folder in folders for path in sorted((folder / kind).glob("*.yaml"))]
    return [(file["group"], entry) for file in files for entry in file[kind]]


@cache
def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
