"""What analysts get of persons, households and cases: tables without ids, made at publishing and folded.

    published_tables()["mart.alert"].columns["city_code"].sql      how the column is taken from its source
    published_tables()["mart.alert"].table                         as a declared table, for comments and pages

Every key of the YAML is explained in data_contracts/tables/README.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from data_contracts.registry.tables import FOLDER, TODO, Column, Table, checked
from zhaoren.yaml_lines import load_yaml, refuse

FILE = FOLDER / "published" / "people.yaml"
NOT_SHOWN = Column(
    type="text",
    zh="未列出的栏目",
    en="columns left out of this row so that nobody stands out, joined by commas",
)
COUNT = Column(type="integer", zh="人（户）数", en="how many; at least five")


class PublishedColumn(Column):
    """One column; its worth is its place among the others.

    sql: how it is taken from the source, its name where nothing is said. within: the column it is a part of.
    sensitive: what an attacker would like to learn, rather than what he knows.
    """

    sql: str = ""
    within: str = ""
    sensitive: bool = False


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    of: str = Field(min_length=1)
    source: str = Field(min_length=1)
    counted: bool = False
    columns: dict[str, PublishedColumn]


@dataclass(frozen=True)
class PublishedTable:
    """One folded table. of: what a row is. source: the relation it is made from. counted: rows alike are one
    row with `cnt`, instead of standing there as often as they are."""

    name: str
    zh: str
    en: str
    of: str
    source: str
    columns: Mapping[str, PublishedColumn]
    counted: bool = False

    @property
    def within(self) -> dict[str, str]:
        """Column -> the column it is a part of."""
        return {name: column.within for name, column in self.columns.items() if column.within in self.columns}

    @property
    def table(self) -> Table:
        """The table as it stands in the file."""
        added = {"not_shown": NOT_SHOWN} | ({"cnt": COUNT} if self.counted else {})
        return Table(name=self.name, zh=self.zh, en=self.en, columns={**self.columns, **added})

    def without(self, names: Collection[str]) -> PublishedTable:
        """The table without the named columns."""
        return replace(self, columns={n: c for n, c in self.columns.items() if n not in names})


@cache
def published_tables() -> Mapping[str, PublishedTable]:
    """Every folded table of this version, by name."""
    return read_published(FILE)


def read_published(path: Path) -> dict[str, PublishedTable]:
    """The folded tables that a file declares; a ZhaorenError says which entry of it is wrong."""
    file = load_yaml(path)
    found = {}
    for name, given in file.data.items():
        declared = checked(_Declared, file, (name,), given)
        order = list(declared.columns)
        for column, told in declared.columns.items():
            if told.within and told.within not in order[: order.index(column)]:
                what = f"{name}: {column} lies within {told.within}, which does not stand before it"
                refuse([file.problem(what, name, "columns", column)], TODO)
        found[name] = PublishedTable(
            name=name, **{key: getattr(declared, key) for key in _Declared.model_fields}
        )
    return found
