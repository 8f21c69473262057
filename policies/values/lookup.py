"""Which option of a parameter each row of a frame gets, looked up by the distinct combinations of keys
that occur.

    looked_up(frame, options) -> Series[Int32]     the option's place in options.listed, row by row

A table of 5,000 keys costs what one of five does: a row is never compared with the table, its combination
is, once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

import polars as pl

from policies.catalogue.table import Range, ordinal
from policies.values.options import STATUSES, Among, Option, Options, Prefix, Test

_Combination = dict[str, Any]
_Index = dict[tuple, dict[tuple, list[int]]]  # shape -> key -> places of options
# How an index asks for a column beside by the beginning of a code, whose length it then says.
_VALUE, _CODE = -1, -2
MOST_PLACES = 200_000


@dataclass(frozen=True)
class Combinations:
    """The distinct combinations of some keys, and which of them each row has."""

    rows: pl.DataFrame
    of_row: pl.Series

    @classmethod
    def of(cls, coded: pl.DataFrame) -> Combinations:
        """Those of a frame of keys."""
        rows = coded.unique(maintain_order=True).with_row_index("_place")
        joined = coded.join(rows, on=coded.columns, how="left", nulls_equal=True, maintain_order="left")
        return cls(rows.drop("_place"), joined.get_column("_place"))


def looked_up(frame: pl.DataFrame, options: Options, kept: dict[tuple, Combinations]) -> pl.Series:
    """The place of each row's option; that of the unknown one, the last, where nothing is known to fit.

    `kept` holds the combinations found so far: most parameters differ by the same few keys.
    """
    bounds = {name: tuple(_bounds(options.tests_of(name))) for name in options.columns}
    key = tuple(bounds.items())
    if key not in kept:
        columns = [_coded(frame.get_column(name), bounds[name]) for name in options.columns]
        kept[key] = Combinations.of(pl.DataFrame(columns))
    finder, combinations = _Finder(options.listed, bounds), kept[key]
    meant = {name: _between(list(found)) if found else _itself for name, found in bounds.items()}
    found = [
        finder.find({name: meant[name](code) for name, code in row.items()}, row)
        for row in combinations.rows.iter_rows(named=True)
    ]
    return pl.Series(found, dtype=pl.Int32).gather(combinations.of_row)


def _coded(column: pl.Series, bounds: Sequence[Decimal]) -> pl.Series:
    """A key; a number or a day as its place among the bounds that the options speak of."""
    return _places(column, list(bounds)).alias(column.name) if bounds else column


def _bounds(tests: list[Test]) -> list[Decimal]:
    """The numbers that ranges begin or end with, and the single numbers beside them; none without a range."""
    ranges = [test for test in tests if isinstance(test, Range)]
    if not ranges:
        return []
    ends = {ordinal(end) for test in ranges for end in (test.low, test.high) if end is not None}
    return sorted(
        ends | {ordinal(value) for test in tests if isinstance(test, Among) for value in test.values}
    )


def _itself(value: Any) -> Any:
    return value


def _places(column: pl.Series, bounds: list[Decimal]) -> pl.Series:
    """Twice the number of bounds below, one more on a bound itself: 0 below the first, 1 on it, 2 above it
    …
    """
    if column.dtype == pl.Date:
        epoch = date(1970, 1, 1).toordinal()
        values, limits = column.cast(pl.Int32).cast(pl.Int64), [int(bound) - epoch for bound in bounds]
        edges = pl.Series(limits, dtype=pl.Int64)
    else:
        wide = pl.Decimal(38, 8)
        values, edges = column.cast(wide), pl.Series(bounds, dtype=wide)
    filled = values.fill_null(edges[0])
    low, high = (edges.search_sorted(filled, side=side).cast(pl.Int32) for side in ("left", "right"))
    return pl.select(pl.when(values.is_not_null()).then(low + high)).to_series()


def _between(bounds: list[Decimal]) -> Any:
    """From the code to a number that lies there."""

    def number(code: int | None) -> Decimal | None:
        if code is None:
            return None
        if code % 2:
            return bounds[code // 2]
        i = code // 2
        if i == 0:
            return bounds[0] - 1
        return bounds[-1] + 1 if i == len(bounds) else (bounds[i - 1] + bounds[i]) / 2

    return number


class _Finder:
    """Finds a combination's option without trying all: options are kept by what they say of codes and
    values.
    """

    def __init__(self, listed: tuple[Option, ...], bounds: Mapping[str, tuple[Decimal, ...]]) -> None:
        self.listed = listed
        self.kept: _Index = defaultdict(lambda: defaultdict(list))
        self.narrowed: dict[frozenset[str], _Index] = {}
        # of a table whose ranges overlap much, the places that a range covers are too many to be kept
        sizes = (_covered(option, bounds) for option in listed[:-1])
        self.bounds = bounds if sum(sizes) <= MOST_PLACES else {}
        for place, option in enumerate(listed[:-1]):
            for shape, key in _keys(option, self.bounds):
                self.kept[shape][key].append(place)

    def find(self, at: _Combination, coded: _Combination) -> int:
        """The place of the option; the last where none holds, or where what is unknown decides."""
        last = len(self.listed) - 1
        unknown = frozenset(column for column, value in at.items() if value is None)
        kept = self.kept if not unknown else self._without(unknown)
        found = sorted(p for shape, keys in kept.items() for p in keys.get(_key_of(shape, at, coded), ()))
        if unknown:
            return self._among_possible(found, at, last)
        return next((place for place in found if _holds(self.listed[place], at)), last)

    def _without(self, unknown: frozenset[str]) -> _Index:
        """The options by what they say of the other columns."""
        if unknown not in self.narrowed:
            index: _Index = defaultdict(lambda: defaultdict(list))
            for shape, keys in self.kept.items():
                known = [i for i, (column, _) in enumerate(shape) if column not in unknown]
                for key, places in keys.items():
                    index[tuple(shape[i] for i in known)][tuple(key[i] for i in known)] += places
            self.narrowed[unknown] = index
        return self.narrowed[unknown]

    def _among_possible(self, found: list[int], at: _Combination, last: int) -> int:
        """What every option that may be the row's agrees on; else unknown."""
        possible = []
        for place in dict.fromkeys(found):
            told = [_asked(test, at[column]) for column, test in self.listed[place].tests.items()]
            if False in told:
                continue
            possible.append(place)
            if None not in told:
                break
        else:
            possible.append(last)
        first = self.listed[possible[0]]
        alike = all(
            (o.amount, o.growth) == (first.amount, first.growth) for o in (self.listed[p] for p in possible)
        )
        # of options with one amount, the one that is least vouched for
        return (
            max(possible, key=lambda p: (STATUSES.index(self.listed[p].status), -p))
            if alike and first.amount is not None
            else last
        )


def _asked(test: Test, value: Any) -> bool | None:
    return None if value is None else test.holds(value)


def _holds(option: Option, at: _Combination) -> bool:
    return all(test.holds(at[column]) for column, test in option.tests.items())


def _codes(test: Range, bounds: tuple[Decimal, ...]) -> range:
    """The places among the bounds (see _places) that a range covers."""
    low, high = 0, 2 * len(bounds)
    if test.low is not None:
        low = 2 * bisect_left(bounds, ordinal(test.low)) + (1 if test.above is None else 2)
    if test.high is not None:
        high = 2 * bisect_left(bounds, ordinal(test.high)) + (1 if test.below is None else 0)
    return range(low, high + 1)


def _covered(option: Option, bounds: Mapping[str, tuple[Decimal, ...]]) -> int:
    ranges = ((name, test) for name, test in option.tests.items() if isinstance(test, Range))
    return prod(len(_codes(test, bounds[name])) for name, test in ranges)


def _keys(option: Option, bounds: Mapping[str, tuple[Decimal, ...]]) -> Iterator[tuple[tuple, tuple]]:
    """The shapes and keys under which an option is found: each of its values, codes and places in a range."""
    columns, wanted = [], []
    for column, test in sorted(option.tests.items()):
        listed: Iterable[tuple[int, Any]]
        if isinstance(test, Prefix):
            listed = [(len(code), code) for code in test.codes]
        elif isinstance(test, Among):
            listed = [(_VALUE, value) for value in test.values]
        elif column in bounds:
            listed = [(_CODE, code) for code in _codes(test, bounds[column])]
        else:
            continue  # tried afterwards
        columns.append(column)
        wanted.append(listed)
    for chosen in product(*wanted):
        shape = tuple((column, kind) for column, (kind, _) in zip(columns, chosen, strict=True))
        yield shape, tuple(value for _, value in chosen)


def _key_of(shape: tuple, at: _Combination, coded: _Combination) -> tuple:
    """The combination as a shape asks for it: whole values, beginnings of codes, places among bounds."""
    parts = []
    for column, kind in shape:
        if kind == _CODE:
            parts.append(coded[column])
        else:
            parts.append(at[column] if kind == _VALUE else at[column][:kind])
    return tuple(parts)
