"""Tables of parameters: every key a fact it can be compared with, no two rows for one case, no case
without a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.catalogue.fact import Fact
from policies.catalogue.model import KEYS, Catalogue
from policies.catalogue.table import Key, Range, Season, Slices, Table, listed
from policies.catalogue.where import parameter_entries
from policies.lint.coverage import gap_between, gap_in_year, meet
from zhaoren.yaml_lines import Place, Problem, YamlFile

_PLACE_DIGITS = (2, 4, 6, 9, 12)
# What a key may be compared with, by the type of its fact.
_VALUE_TYPES = {"text": str, "integer": int, "boolean": bool}
_RANGE_TYPES = ("integer", "number", "yuan", "date")
Row = dict[str, Any]


def table_problems(cat: Catalogue) -> Iterator[Problem]:
    """All problems of the tables and scales among the parameters' values."""
    for _, file, place, entry in parameter_entries(cat):
        if entry.table:
            yield from _Check(cat, file, (*place, "table"), entry.table).problems()
        if entry.slices:
            yield from _scale(cat, file, (*place, "slices"), entry.slices)


def _facts(cat: Catalogue, name: str) -> list[Fact]:
    return [fact for fact in cat.facts.values() if fact.name == name]


def _scale(cat: Catalogue, file: YamlFile, place: Place, slices: Slices) -> Iterator[Problem]:
    facts = _facts(cat, slices.of)
    if not facts:
        yield file.problem(f"there is no fact '{slices.of}' to slice", *place, "of")
    elif facts[0].type not in ("integer", "number", "yuan"):
        yield file.problem(f"'{slices.of}' is {facts[0].type}; a scale is over a number", *place, "of")


@dataclass(frozen=True)
class _Check:
    """One table in its file."""

    cat: Catalogue
    file: YamlFile
    place: Place
    table: Table

    def problems(self) -> Iterator[Problem]:
        """Keys first: rows of a key that is none would only be told twice."""
        keys = list(self._keys())
        yield from keys
        if keys:
            return
        cells = [problem for i, row in enumerate(self.table.rows) for problem in self._cells(i, row)]
        yield from cells
        if not cells:
            yield from self._overlaps()
            yield from self._holes()

    def at(self, what: str, *key: Any, todo: str = "") -> Problem:
        """A problem at a key of the table."""
        return self.file.problem(what, *self.place, *key, todo=todo)

    def _keys(self) -> Iterator[Problem]:
        for i, key in enumerate(self.table.keys):
            if key.fact is None or key.fact in KEYS:
                continue
            facts = _facts(self.cat, key.fact)
            if not facts:
                yield self.at(f"there is no fact '{key.fact}' to key a table by", "keys", i)
                continue
            kind = facts[0].type
            if key.by == "range" and kind not in _RANGE_TYPES:
                yield self.at(
                    f"'{key.fact}' is {kind}: a range is of numbers or days", "keys", i, todo="by: value"
                )
            if key.by == "value" and kind not in _VALUE_TYPES:
                todo = "by: range, with from and to alike for a single value"
                yield self.at(
                    f"'{key.fact}' is {kind}: two of them are hardly ever equal", "keys", i, todo=todo
                )
            if key.by == "place" and kind != "text":
                yield self.at(f"'{key.fact}' is {kind}, and a place is a code", "keys", i)

    def _cells(self, i: int, row: Row) -> Iterator[Problem]:
        for key in self.table.keys:
            if key.name in row:
                yield from self._cell(i, key, row[key.name])
        further = row.get("further")
        if further is not None and not _facts(self.cat, further.of):
            yield self.at(f"there is no fact '{further.of}' to count further", "rows", i, "further")
        if further is not None and isinstance(row["value"], bool | str):
            yield self.at("only a number can grow further", "rows", i, "further")

    def _cell(self, i: int, key: Key, cell: Any) -> Iterator[Problem]:
        fact = next(iter(_facts(self.cat, key.fact or "")), None)
        for value in listed(cell):
            what = ""
            if key.by == "place" and len(value) not in _PLACE_DIGITS:
                what = f"{value} is no division code: they have 2, 4, 6, 9 or 12 digits"
            elif key.by == "value" and fact and type(value) is not _VALUE_TYPES[fact.type]:
                what = f"{value!r} can never be {key.name}, which is {fact.type}"
            elif (
                key.by == "value"
                and fact
                and (codes := self.cat.labels.get(fact.name))
                and value not in codes
            ):
                what = f"'{value}' is no code of {key.name}: it can never match"
            elif isinstance(value, Range) and fact and fact.type == "integer" and _holds_no_integer(value):
                what = f"no whole number lies in the range of {key.name}: it can never match"
            if what:
                yield self.at(what, "rows", i, key.name)

    def _overlaps(self) -> Iterator[Problem]:
        """Two rows that hold for one case; of places within each other the longer one goes first."""
        found: dict[tuple, list[int]] = defaultdict(list)
        exact = [key.name for key in self.table.keys if key.by == "value"]
        wide: list[int] = []
        for i, row in enumerate(self.table.rows):
            stated = [row.get(name) for name in exact]
            if all(cell is not None and not isinstance(cell, tuple) for cell in stated):
                found[tuple(stated)].append(i)
            else:
                wide.append(i)
        for group in found.values():
            yield from self._pairs(group, group)
        yield from self._pairs(wide, range(len(self.table.rows)))

    def _pairs(self, some: Any, others: Any) -> Iterator[Problem]:
        for i in some:
            for j in others:
                if i < j or (i > j and j not in some):
                    first, second = sorted((i, j))
                    if all(
                        self._meet(key, self.table.rows[i], self.table.rows[j]) for key in self.table.keys
                    ):
                        what = f"row {second + 1} holds for cases of row {first + 1} as well"
                        yield self.at(what, "rows", second, todo="let one end where the other begins")

    def _meet(self, key: Key, one: Row, other: Row) -> bool:
        a, b = one.get(key.name), other.get(key.name)
        if key.by == "place":
            # the longer place is meant to go first; only the same place twice leaves it open
            return bool(set(listed(a or "")) & set(listed(b or "")))
        if a is None or b is None:
            return True
        if isinstance(a, Season | Range):
            return meet(a, b)
        return bool(set(listed(a)) & set(listed(b)))

    def _holes(self) -> Iterator[Problem]:
        """Cases without a row, where the table does not say what holds otherwise."""
        if self.table.otherwise is not None:
            return
        for key in self.table.keys:
            groups: dict[str, list[Any]] = defaultdict(list)
            for row in self.table.rows:
                others = {k.name: row.get(k.name) for k in self.table.keys if k is not key}
                groups[repr(sorted(others.items()))].append(row.get(key.name))
            for cells in groups.values():
                if None in cells:
                    continue
                if gap := self._gap(key, cells):
                    yield self.at(
                        f"no row holds for {key.name} {gap}", "rows", todo="add the row, or `otherwise`"
                    )
                    break

    def _gap(self, key: Key, cells: list[Any]) -> str:
        if key.by == "range":
            return gap_between(cells, self._is_whole(key))
        if key.by == "season":
            return gap_in_year(cells)
        values = {value for cell in cells for value in listed(cell)}
        fact = next(iter(_facts(self.cat, key.fact or "")), None)
        if key.by == "value" and fact and fact.type == "boolean":
            return "" if len(values) == 2 else str(next(v for v in (True, False) if v not in values)).lower()
        codes = self.cat.labels.get(fact.name, {}) if fact and key.by == "value" else {}
        missing = [code for code in codes if code not in values]
        if codes:
            return f"'{missing[0]}'" if missing else ""
        return "of other values"

    def _is_whole(self, key: Key) -> bool:
        fact = next(iter(_facts(self.cat, key.fact or "")), None)
        return fact is not None and fact.type in ("integer", "date")


def _holds_no_integer(cell: Range) -> bool:
    low, high = cell.low, cell.high
    if low is None or high is None or not isinstance(low, int) or not isinstance(high, int):
        return False
    first = low + (cell.above is not None)
    return first > high - (cell.below is not None)
