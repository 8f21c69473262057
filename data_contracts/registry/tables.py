"""The declared tables: what each column means, its type, and whether analysts get it.

    TABLES["mart.alert"].columns["level"].zh
    schema("mart.alert")                          column -> polars type, in the table's order
    schema("mart.signal", without=("as_of",))     the same, less what the writer adds

Every key of the YAML is explained in data_contracts/tables/README.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data_contracts.registry.column_types import DTYPES, TYPES
from zhaoren.rooms import room
from zhaoren.yaml_lines import Place, YamlFile, load_yaml, refuse

FOLDER = room("data_contracts") / "tables"
COMMON, EXTRACT = "common.yaml", "extract.yaml"
TODO = "the keys are explained in data_contracts/tables/README.md"
Shape = TypeVar("Shape", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Column(_Strict):
    """One column; `withheld` says why analysts do not get it, empty where they do."""

    type: Literal["text", "integer", "boolean", "date", "timestamp", "yuan", "number", "float", "texts"]
    zh: str = Field(min_length=1)
    en: str = ""
    withheld: str = ""

    @property
    def comment(self) -> str:
        """What clients of the database see beside the column."""
        return f"{self.zh} {self.en}".strip()


class _Declared(_Strict):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    key: list[str] = []
    primary_key: bool = False
    view: bool = False
    thin: bool = False
    facts: Literal["person", "household"] | None = None
    withheld: str = ""
    columns: dict[str, Column]


@dataclass(frozen=True)
class Table:
    """One table with all its columns in order; `name` has its schema.

    key: columns that together make a row unique, () where there are none. facts: the entity whose facts
    follow the declared columns (with_facts adds them). withheld: why the whole table is not published.
    thin: a row that is the same on several dates is stored once (stored_tables), and shown for each of them.
    """

    name: str
    zh: str
    en: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    primary_key: bool = False
    view: bool = False
    thin: bool = False
    facts: str | None = None
    withheld: str = ""

    @property
    def comment(self) -> str:
        """What clients of the database see beside the table."""
        return f"{self.zh} {self.en}".strip()

    @property
    def published(self) -> list[str]:
        """The columns analysts get, in order; none of a withheld table."""
        return [] if self.withheld else [name for name, column in self.columns.items() if not column.withheld]

    def schema(self, without: Collection[str] = ()) -> dict[str, pl.DataType]:
        """Column -> polars type, in order, less those `without`."""
        return {name: DTYPES[c.type] for name, c in self.columns.items() if name not in without}

    @property
    def duckdb_types(self) -> dict[str, str]:
        """Column -> DuckDB type."""
        return {name: TYPES[column.type].duckdb for name, column in self.columns.items()}


def read_tables(folder: Path) -> dict[str, Table]:
    """Every table declared in a folder's YAML, by name, the schemas' files in the order of their names.

    A ZhaorenError says which entry of which file is wrong.
    """
    common = load_yaml(folder / COMMON).data
    files = sorted(path for path in folder.glob("*.yaml") if path.name not in (COMMON, EXTRACT))
    return {table.name: table for path in files for table in _tables(path, common)}


def read_columns(path: Path) -> dict[str, Column]:
    """The columns of a file that declares nothing else."""
    file = load_yaml(path)
    return {name: checked(Column, file, (name,), given) for name, given in file.data.items()}


@cache
def shipped_tables() -> Mapping[str, Table]:
    """The tables of this version, without facts and extracts."""
    return read_tables(FOLDER)


@cache
def extract_columns() -> Mapping[str, Column]:
    """What every extract's core table may have beside its contract's columns."""
    return read_columns(FOLDER / EXTRACT)


def schema(name: str, without: Collection[str] = ()) -> dict[str, pl.DataType]:
    """Column -> polars type of a shipped table, less those its writer adds; facts are not among them."""
    return shipped_tables()[name].schema(without)


def part_of(name: str, columns: Iterable[str]) -> dict[str, pl.DataType]:
    """Column -> polars type of the named columns of a table, in the order they are named."""
    whole = schema(name)
    return {column: whole[column] for column in columns}


def with_facts(table: Table, facts: Iterable[tuple[str, str, Column]]) -> Table:
    """The table with the facts of its entity; facts: entity, name and column of each, in order."""
    mine = {name: column for entity, name, column in facts if entity == table.facts}
    return replace(table, columns={**table.columns, **mine})


VALID_FROM, VALID_TO = "valid_from", "valid_to"
_SPAN = {
    VALID_FROM: Column(type="date", zh="从哪个名单日期起如此", en="the first date for which the row holds"),
    VALID_TO: Column(type="date", zh="到哪个名单日期止", en="the first later date for which it does not"),
}


def now_name(thin: str) -> str:
    """Where the rows of a thin table stand that hold on its newest date."""
    return thin.replace(".", "._", 1)


def past_name(thin: str) -> str:
    """Where those stand that have ended."""
    return f"{now_name(thin)}_past"


def stored_tables(table: Table) -> tuple[Table, Table]:
    """Of a thin table the two that are stored: rows that still hold, and rows that have ended."""
    columns = {name: column for name, column in table.columns.items() if name != "as_of"}
    why = f"how {table.name} is stored"
    still = replace(
        table,
        name=now_name(table.name),
        en="one row per row that is the same from valid_from until the newest date",
        columns={**columns, VALID_FROM: _SPAN[VALID_FROM]},
        key=tuple(name for name in table.key if name != "as_of"),
        withheld=why,
        thin=False,
    )
    ended = replace(
        still,
        name=past_name(table.name),
        en="one row per row that was the same from valid_from until before valid_to",
        columns={**columns, **_SPAN},
        key=(),
    )
    return still, ended


def _tables(path: Path, common: Mapping[str, Any]) -> Iterable[Table]:
    file = load_yaml(path)
    for name, given in file.data.items():
        columns = {
            c: {**common.get(c, {}), **(keys or {})} for c, keys in (given.get("columns") or {}).items()
        }
        declared = checked(_Declared, file, (name,), given | {"columns": columns})
        strangers = set(declared.key) - set(declared.columns)
        if strangers:
            what = f"{name}: the key names {', '.join(sorted(strangers))}, which is no column of it"
            refuse([file.problem(what, name, "key")], TODO)
        if declared.thin and not (declared.key and next(iter(declared.columns)) == "as_of"):
            what = f"{name}: a thin table has a key, and as_of as its first column"
            refuse([file.problem(what, name, "thin")], TODO)
        values = {key: getattr(declared, key) for key in _Declared.model_fields}
        yield Table(name=name, **(values | {"key": tuple(declared.key)}))


def checked(model: type[Shape], file: YamlFile, place: Place, given: Any) -> Shape:
    """The value as the model; a ZhaorenError names the first wrong entry and its line."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        whole = (*place, *fault["loc"])
        what = f"the declaration of {'.'.join(map(str, whole))} is wrong: {fault['msg']}"
        refuse([file.problem(what, *whole)], TODO)
        raise
