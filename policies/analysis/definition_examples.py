"""Worked examples of definitions: facts of a household and its members in, the derived fact out.

run_definition(cat, definition) -> one ExampleResult per example, in their order

A derived fact that an example states of somebody goes before its formula; of the others it follows from what
is stated of them. What is not stated is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.analysis.examples import HOME, ExampleResult
from policies.catalogue.definition import Definition, DefinitionExample
from policies.catalogue.model import Catalogue
from policies.catalogue.shapes import Entity, FactValue
from policies.values.columns import HOUSEHOLD_OF
from policies.values.workspace import Workspace
from zhaoren.errors import ZhaorenError

_ID = "e"
_Row = Mapping[str, FactValue]


def run_definition(cat: Catalogue, definition: Definition) -> list[ExampleResult]:
    """Each example in a household of its own."""
    return [
        ExampleResult(definition.name, example.name, tuple(_faults(cat, definition, example)))
        for example in definition.examples
    ]


def _faults(cat: Catalogue, definition: Definition, example: DefinitionExample) -> Iterator[str]:
    is_person = definition.entity == "person"
    people = [example.person, *example.members] if is_person else list(example.members)
    strangers = [*_strangers(cat, "person", people), *_strangers(cat, "household", [example.household])]
    if strangers:
        yield f"there is no fact '{strangers[0]}'"
        return
    try:
        got = _answer(cat, definition, example, people)
    except ZhaorenError as error:
        yield str(error)
        return
    if got != example.gives:
        yield f"gives: expected {_shown(example.gives)}, got {_shown(got)}"


def _answer(
    cat: Catalogue, definition: Definition, example: DefinitionExample, people: Sequence[_Row]
) -> FactValue:
    """The derived fact of the person, the first of them, or of the household."""
    ids = dict.fromkeys(HOUSEHOLD_OF.values(), _ID)
    numbered = [{**HOME, **ids, "person_id": f"{_ID}{i}", **person} for i, person in enumerate(people)]
    persons = _frame(cat, "person", numbered, ["person_id", *ids, *HOME])
    household = {**HOME, "household_id": _ID, **example.household}
    households = _frame(cat, "household", [household], ["household_id", *HOME])
    space = Workspace(cat, persons, households, example.as_of, given_first=True)
    found: FactValue = space.column(definition.entity, definition.name)[0]
    return found


def _frame(
    cat: Catalogue, entity: Entity, rows: Sequence[Mapping[str, Any]], keys: list[str]
) -> pl.DataFrame:
    """Keys, and the facts that any row states."""
    columns = [pl.Series(key, [row[key] for row in rows], dtype=pl.String) for key in keys]
    named = dict.fromkeys(name for row in rows for name in row if name not in keys)
    for name in named:
        fact = cat.facts[f"{entity}.{name}"]
        values = [_exact(fact.type, row.get(name)) for row in rows]
        columns.append(pl.Series(name, values, dtype=DTYPES[fact.type]))
    return pl.DataFrame(columns)


def _exact(type_: str, value: Any) -> Any:
    """A whole amount as the decimal its column holds."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return Decimal(value) if type_ in ("yuan", "number") and is_whole else value


def _strangers(cat: Catalogue, entity: Entity, rows: Sequence[_Row]) -> Iterator[str]:
    yield from (n for row in rows for n in row if n not in HOME and f"{entity}.{n}" not in cat.facts)


def _shown(value: FactValue) -> str:
    return "unknown" if value is None else str(value)
