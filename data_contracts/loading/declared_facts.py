"""Facts that a contract declares: what an extract brings to the panel, said in its YAML and computed as said.

    customProperties:
      - property: facts
        value:
          - {name: electricity_kwh, zh: 近35天用电量, entity: household, type: integer, unit: kWh,
             column: usage_kwh, take: sum, within_days: 35}

Every key is explained in docs/adding-an-extract.md. A fact may be used for what *all* columns it reads were
shared for, so a column without the purpose `discovery` can never reach a rule that looks for people in need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data_contracts.cells.values import DTYPES
from data_contracts.contract.model import PURPOSES, Column, Contract, core_column
from data_contracts.loading.contracts import load_contracts
from data_contracts.registry.column_types import FactType
from data_contracts.rules.conditions import sql_condition
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import Fault, Place, load_yaml

PROPERTY = "facts"
EXTRACTS = room("data_contracts") / "extracts"
# What a column read in some way is as a fact.
_TYPE_OF: Mapping[str, FactType] = {
    "int": "integer", "number": "number", "yuan": "yuan", "text": "text", "code": "text", "bool": "boolean",
    "date": "date", "month": "date",
}  # fmt: skip
_AMOUNTS = {"int", "number", "yuan"}
_DAYS = {"date", "month"}
# For each way of taking: the kinds of column it is taken from, and the type it gives (None: the column's).
_TAKES: Mapping[str, tuple[set[str], FactType | None]] = {
    "latest": (set(_TYPE_OF), None),
    "sum": (_AMOUNTS, None),
    "max": (_AMOUNTS | _DAYS, None),
    "min": (_AMOUNTS | _DAYS, None),
    "count": (set(), "integer"),
    "days_since": (_DAYS, "integer"),
    "any": ({"bool"}, "boolean"),
}
_NAMED = {"boolean": r"(is|has)_\w+", "date": r"\w+_(date|month)", "yuan": r"\w+_yuan(_month|_year)?"}


class _Entry(BaseModel):
    """One entry of the YAML: unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    zh: str = Field(min_length=1)
    entity: Literal["person", "household"]
    type: FactType
    unit: str = ""
    take: Literal["latest", "sum", "max", "min", "count", "days_since", "any"]
    column: str | None = None
    person: str = "id_number"
    date: str | None = None
    within_days: int | None = Field(default=None, gt=0)
    within_months: int | None = Field(default=None, gt=0)
    where: str | None = None
    absent: str | int | bool = "unknown"


@dataclass(frozen=True)
class DeclaredFact:
    """One fact of the panel and how it is taken from the extract's rows; columns are named as in core.

    `absent` is what it is for somebody whom a delivered extract does not list; None is unknown.
    """

    name: str
    zh: str
    entity: Literal["person", "household"]
    type: FactType
    unit: str
    extract: str
    loads: str
    person: str
    take: str
    column: str | None
    date: str | None
    within_days: int | None
    within_months: int | None
    where: str | None
    absent: int | bool | None
    purposes: tuple[str, ...]
    reads: tuple[str, ...]  # the contract's columns it is taken from
    file: str = ""
    line: int = 1


def declared_facts(contract: Contract, path: Path) -> tuple[DeclaredFact, ...]:
    """The facts declared by a contract read from `path`, in its order, each with its line in the file.

    A ZhaorenError says the first thing wrong with them, with file and line.
    """
    if PROPERTY not in contract.custom:
        return ()
    facts, faults = _read(contract)
    file = load_yaml(path)
    here = facts_place(file.data)
    if faults:
        place, message = faults[0]
        why = f"and {len(faults) - 1} more" if faults[1:] else ""
        todo = "run `zhaoren contracts lint` and mend what it names"
        where = f"{path}:{file.line(*here, *place)}"
        raise ZhaorenError(f"a declared fact cannot be used: {message}", where, why, todo)
    return tuple(replace(fact, file=str(path), line=file.line(*here, i)) for i, fact in enumerate(facts))


def shipped_facts() -> tuple[DeclaredFact, ...]:
    """The facts that the shipped contracts declare, in the contracts' order."""
    contracts = load_contracts(EXTRACTS).values()
    return tuple(
        f for c in contracts for f in declared_facts(c, EXTRACTS / c.department / f"{c.extract}.yaml")
    )


def declared_faults(document: Mapping[str, Any], contract: Contract) -> Iterator[Fault]:
    """Everything wrong with the facts the contract's YAML declares, each with its place in the document."""
    for place, message in _read(contract)[1]:
        yield (*facts_place(document), *place), message


def facts_place(document: Mapping[str, Any]) -> Place:
    """Where in a contract's document the declared facts stand."""
    names = [entry.get("property") for entry in document.get("customProperties") or ()]
    return (
        ("customProperties", names.index(PROPERTY), "value") if PROPERTY in names else ("customProperties",)
    )


def _read(contract: Contract) -> tuple[tuple[DeclaredFact, ...], list[Fault]]:
    declared = contract.custom.get(PROPERTY)
    if declared is None:
        return (), []
    if not isinstance(declared, list) or not declared:
        return (), [((), "facts is a list of facts")]
    faults: list[Fault] = [((), message) for message in loading_faults(contract)]
    facts: list[DeclaredFact] = []
    for i, raw in enumerate(declared):
        try:
            entry = _Entry.model_validate(raw)
        except ValidationError as error:
            faults += [((i, *fault["loc"]), _shape_message(fault)) for fault in error.errors()]
            continue
        found = list(_entry_faults(entry, contract))
        faults += [((i, key), f"{entry.name}: {message}") for key, message in found]
        if entry.name in {fact.name for fact in facts}:
            faults.append(((i, "name"), f"the fact {entry.name} is declared twice"))
        if not found:
            facts.append(_fact(entry, contract))
    return tuple(facts), faults


def _shape_message(fault: Any) -> str:
    key = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        return f"a fact has no key {key}"
    return f"the fact lacks {key}" if fault["type"] == "missing" else f"{key}: {fault['msg']}"


def loading_faults(contract: Contract) -> Iterator[str]:
    """What an extract lacks to be loaded as rows about people, and so for any fact to be taken from it."""
    columns = {column.name: column for column in contract.columns}
    if "id_number" not in columns or columns["id_number"].reads_as != "cn_id":
        yield "the person each row is about stands in a column named id_number that readsAs cn_id"
    for name in contract.key:
        if columns[name].is_identifier and columns[name].reads_as != "cn_id":
            yield f"the key column {name} is an identifier, which stays in the vault: classify it sensitive"


def _entry_faults(entry: _Entry, contract: Contract) -> Iterator[tuple[str, str]]:
    """(key, message) of what does not fit the contract's columns."""
    columns = {column.name: column for column in contract.columns}
    yield from _column_faults(entry, columns)
    for key, wanted, name in (("person", {"cn_id"}, entry.person), ("date", _DAYS, entry.date)):
        if name is not None and (name not in columns or columns[name].reads_as not in wanted):
            yield key, f"{name} is no column of the extract that readsAs {' or '.join(sorted(wanted))}"
    if entry.within_days and entry.within_months:
        yield "within_months", "give within_days or within_months, not both"
    yield from _name_faults(entry)
    yield from _absent_faults(entry)
    yield from _where_faults(entry, columns)


def _column_faults(entry: _Entry, columns: Mapping[str, Column]) -> Iterator[tuple[str, str]]:
    wanted, gives = _TAKES[entry.take]
    column = columns.get(entry.column or "")
    if entry.column is not None and (column is None or column.is_identifier or column.reads_as not in wanted):
        kinds = f"readsAs {' or '.join(sorted(wanted))} and is no identifier" if wanted else "is named"
        yield "column", f"take {entry.take} needs a column of the extract that {kinds}"
        return
    if entry.column is None and wanted and entry.take != "any":
        yield "take", f"take {entry.take} needs a column"
        return
    gives = gives or _TYPE_OF[column.reads_as if column else "bool"]
    if entry.type != gives:
        yield "type", f"this gives type {gives}, not {entry.type}"
    if entry.take == "days_since" and entry.unit not in ("", "days"):
        yield "unit", "take days_since counts days"


def _name_faults(entry: _Entry) -> Iterator[tuple[str, str]]:
    pattern = r"\w+_days" if entry.take == "days_since" else _NAMED.get(entry.type)
    if pattern and not re.fullmatch(pattern, entry.name):
        yield "name", f"a {entry.type} taken by {entry.take} is named like {pattern}"
    if entry.name.startswith("household_"):
        yield "name", "household_ is how person rules call a household's facts; leave it out"


def _absent_faults(entry: _Entry) -> Iterator[tuple[str, str]]:
    nothing = False if entry.type == "boolean" else 0 if entry.type in ("integer", "number", "yuan") else None
    if entry.absent == "unknown" or (entry.absent is nothing and entry.take != "days_since"):
        return
    yield "absent", "absent is unknown, or for amounts and counts 0, or for a boolean false"


def _where_faults(entry: _Entry, columns: Mapping[str, Column]) -> Iterator[tuple[str, str]]:
    if entry.where is None:
        return
    empty = pl.DataFrame(schema={c.name: DTYPES[c.reads_as] for c in columns.values() if not c.is_identifier})
    try:
        answer = empty.select(answer=sql_condition(entry.where, entry.name)).dtypes[0]
    except (ZhaorenError, pl.exceptions.PolarsError) as error:
        yield "where", f"the condition cannot be run: {str(error).splitlines()[0]}"
        return
    if answer != pl.Boolean:
        yield "where", f"the condition gives {answer}, not true or false"


def _fact(entry: _Entry, contract: Contract) -> DeclaredFact:
    day = entry.date or contract.event_date
    windowed = entry.within_days or entry.within_months
    reads = {entry.person, *filter(None, (entry.column, day if windowed or entry.take == "latest" else None))}
    if entry.where:
        reads |= set(sql_condition(entry.where, entry.name).meta.root_names())
    purposes = [set(contract.column(name).purposes) for name in reads]
    return DeclaredFact(
        name=entry.name,
        zh=entry.zh,
        entity=entry.entity,
        type=entry.type,
        unit="days" if entry.take == "days_since" else entry.unit,
        extract=contract.extract,
        loads=contract.loads,
        person=core_column(entry.person),
        take=entry.take,
        column=entry.column,
        date=day,
        within_days=entry.within_days,
        within_months=entry.within_months,
        where=entry.where,
        absent=None if isinstance(entry.absent, str) else entry.absent,
        purposes=tuple(p for p in PURPOSES if all(p in some for some in purposes)),
        reads=tuple(sorted(reads)),
    )
