"""One entry of the `facts` that a contract declares: its shape, and how it fits the contract's columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from data_contracts.cells.values import DTYPES
from data_contracts.contract.model import AMOUNTS, Column, Contract
from data_contracts.registry.column_types import FactType
from data_contracts.rules.conditions import sql_condition
from zhaoren.errors import ZhaorenError

# What a column read in some way is as a fact.
_TYPE_OF: Mapping[str, FactType] = {
    "int": "integer", "number": "number", "yuan": "yuan", "text": "text", "code": "text", "bool": "boolean",
    "date": "date", "month": "date",
}  # fmt: skip
_DAYS = {"date", "month"}
# For each way of taking: the kinds of column it is taken from, and the type it gives (None: the column's).
_TAKES: Mapping[str, tuple[Set[str], FactType | None]] = {
    "latest": (set(_TYPE_OF), None),
    "sum": (AMOUNTS, None),
    "max": (AMOUNTS | _DAYS, None),
    "min": (AMOUNTS | _DAYS, None),
    "count": (set(), "integer"),
    "days_since": (_DAYS, "integer"),
    "any": ({"bool"}, "boolean"),
}
_NAMED = {"boolean": r"(is|has)_\w+", "date": r"\w+_(date|month)", "yuan": r"\w+_yuan(_month|_year)?"}


class FactEntry(BaseModel):
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


def shape_message(fault: Any) -> str:
    """A fault that Pydantic found in an entry, for whoever wrote it."""
    key = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        return f"a fact has no key {key}"
    return f"the fact lacks {key}" if fault["type"] == "missing" else f"{key}: {fault['msg']}"


def loading_faults(contract: Contract) -> Iterator[str]:
    """What an extract lacks to be loaded as rows about people, and so for any fact to be taken from it."""
    columns = {column.name: column for column in contract.columns}
    if "id_number" not in columns or columns["id_number"].reads_as != "cn_id":
        yield "it needs a column named id_number that readsAs cn_id: the person each row is about"
    for name in contract.key:
        column = columns[name]
        if column.is_identifier and column.reads_as != "cn_id" and not column.is_hashed:
            yield f"the key column {name} stays in the vault: if it is a number, give it inCore keyed_hash"


def entry_faults(entry: FactEntry, contract: Contract) -> Iterator[tuple[str, str]]:
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


def _column_faults(entry: FactEntry, columns: Mapping[str, Column]) -> Iterator[tuple[str, str]]:
    wanted, gives = _TAKES[entry.take]
    column = columns.get(entry.column or "")
    hidden = column is not None and (column.is_identifier or column.is_open_text)
    if entry.column is not None and (column is None or hidden or column.reads_as not in wanted):
        kinds = f"readsAs {' or '.join(sorted(wanted))} and is no identifier" if wanted else "is named"
        kinds += "; a text needs a code table" if column is not None and column.is_open_text else ""
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


def _name_faults(entry: FactEntry) -> Iterator[tuple[str, str]]:
    pattern = r"\w+_days" if entry.take == "days_since" else _NAMED.get(entry.type)
    if pattern and not re.fullmatch(pattern, entry.name):
        yield "name", f"a {entry.type} taken by {entry.take} is named like {pattern}"
    if entry.name.startswith("household_"):
        yield "name", "household_ is how person rules call a household's facts; leave it out"


def _absent_faults(entry: FactEntry) -> Iterator[tuple[str, str]]:
    nothing = False if entry.type == "boolean" else 0 if entry.type in ("integer", "number", "yuan") else None
    if entry.absent == "unknown" or (entry.absent is nothing and entry.take != "days_since"):
        return
    yield "absent", "absent is unknown, or for amounts and counts 0, or for a boolean false"


def _where_faults(entry: FactEntry, columns: Mapping[str, Column]) -> Iterator[tuple[str, str]]:
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
    for column in columns.values():
        if column.is_open_text and not column.is_identifier and not _only_named(entry.where, column.name):
            yield "where", f"{column.name} has no code table: it can only be compared with words named here"


def _only_named(where: str, column: str) -> bool:
    """Whether the condition asks of the column no more than if it is one of the words that it names.

    Outside the vault such a text is a hash, and of a hash nothing else can be asked.
    """
    text, word = rf'"?\b{column}\b"?', r"'(?:[^']|'')*'"
    listed = rf"(?i:NOT\s+)?(?i:IN)\s*\(\s*{word}(?:\s*,\s*{word})*\s*\)"
    asked = rf"{text}\s*(?:(?:=|<>|!=)\s*{word}|{listed}|(?i:IS)\b)"
    return not re.search(rf"\b{column}\b", re.sub(word, "''", re.sub(asked, "", where)))
