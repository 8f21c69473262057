"""A law of tests/data/laws by the product's engine: all cases of one day together, as rows of two frames."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.model import Catalogue
from policies.catalogue.shapes import Entity
from policies.loading import load_catalogue
from policies.values.workspace import Workspace
from tests.laws.cases import LAWS, Case, Facts, by_question

# As contracts declare facts; a law in a folder of its own has none.
NONE_DECLARED = ()


@cache
def law_as_read(law: str, reform: str | None) -> Catalogue:
    """The law's folder, read and checked; of a reform, a copy with its entries in place of the law's own."""
    if reform is None:
        return load_catalogue(LAWS / law, None, NONE_DECLARED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(LAWS / law, Path(name) / law))
        for changed in sorted((folder / "reforms" / reform).rglob("*.yaml")):
            _put(changed, folder / changed.parent.name)
        return load_catalogue(folder, None, NONE_DECLARED)


def _put(changed: Path, folder: Path) -> None:
    """A reform's file among the law's: what it defines is taken out of the files beside it."""
    content = yaml.safe_load(changed.read_text(encoding="utf-8"))
    kind = folder.name
    names = {entry["name"] for entry in content[kind]}
    for path in folder.glob("*.yaml"):
        own = yaml.safe_load(path.read_text(encoding="utf-8"))
        if kind == "parameters" and own["group"] != content["group"]:
            continue
        kept = [entry for entry in own[kind] if entry["name"] not in names]
        if len(kept) < len(own[kind]):
            path.write_text(yaml.safe_dump({**own, kind: kept}, allow_unicode=True), encoding="utf-8")
    shutil.copy(changed, folder / f"reform_{changed.name}")


def faults(law: str, cases: list[Case]) -> list[str]:
    """What comes out differently from what the cases expect, as sentences."""
    found: dict[int, dict[date, dict[str, Facts]]] = {id(case): {} for case in cases}
    for (reform, day), asked in by_question(cases).items():
        answers = _answers(law_as_read(law, reform), day, asked)
        for case, answer in zip(asked, answers, strict=True):
            found[id(case)][day] = answer
    return [fault for case in cases for fault in case.faults(found[id(case)])]


def frames(cat: Catalogue, cases: list[Case]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Persons and households: case n is household "n", its member m is "n.m"; what is left out is null."""
    persons = [
        {"person_id": f"{i}.{name}", "household_id": str(i), **facts}
        for i, case in enumerate(cases)
        for name, facts in case.persons.items()
    ]
    households = [{"household_id": str(i), **case.household} for i, case in enumerate(cases)]
    return _frame(cat, "person", persons), _frame(cat, "household", households)


def _answers(cat: Catalogue, day: date, cases: list[Case]) -> list[dict[str, Facts]]:
    persons, households = frames(cat, cases)
    space = Workspace(cat, persons, households, day, given_first=True)
    of_person = _values(space, "person", {f for case in cases for f in _named(case, is_person=True)})
    of_household = _values(space, "household", {f for case in cases for f in _named(case, is_person=False)})
    row = {person: place for place, person in enumerate(persons.get_column("person_id"))}
    return [
        {
            whose: {
                fact: of_person[fact][row[f"{i}.{whose}"]] if whose else of_household[fact][i]
                for fact in facts
            }
            for whose, facts in case.expected.items()
        }
        for i, case in enumerate(cases)
    ]


def _named(case: Case, is_person: bool) -> Iterable[str]:
    return (fact for whose, facts in case.expected.items() if bool(whose) == is_person for fact in facts)


def _values(space: Workspace, entity: Entity, names: Iterable[str]) -> dict[str, list[Any]]:
    return {name: space.column(entity, name).to_list() for name in sorted(names)}


def _frame(cat: Catalogue, entity: Entity, rows: list[Facts]) -> pl.DataFrame:
    names = sorted({name for row in rows for name in row})
    types = {
        name: pl.String() if name.endswith("_id") else DTYPES[cat.facts[f"{entity}.{name}"].type]
        for name in names
    }
    return pl.DataFrame([_column(name, types[name], rows) for name in names])


def _column(name: str, dtype: pl.DataType, rows: list[Facts]) -> pl.Series:
    values = [row.get(name) for row in rows]
    if dtype.is_decimal():
        values = [value if value is None else Decimal(str(value)) for value in values]
    return pl.Series(name, values, dtype=dtype)
