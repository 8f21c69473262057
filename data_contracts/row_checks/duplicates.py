"""Rows that repeat an earlier row or contradict its key, within a chunk and across all chunks before it.

Of earlier chunks only hashes are kept: 128 bits of the key and 64 of the whole row, 24 bytes per row. Two
different keys among a billion rows are taken for the same with a chance of one in 10^20.
"""

from __future__ import annotations

from functools import reduce

import polars as pl

from data_contracts.contract.model import Contract

# Two hashes of the key with different seeds, and one of the whole row.
_PRINTS = ("_key", "_key_more", "_row")


class DuplicateFinder:
    """The keys met so far in one delivery. Chunks come in the file's order."""

    def __init__(self, contract: Contract) -> None:
        content = [column.name for column in contract.columns]
        key = list(contract.key) or content
        prints = (_hashed(key, 1), _hashed(key, 1001), _hashed(content, 2001))
        self._prints = [p.alias(name) for name, p in zip(_PRINTS, prints, strict=True)]
        self._earlier: list[pl.DataFrame] = []
        self._latest: tuple[pl.DataFrame, pl.Series] | None = None

    def find(self, frame: pl.DataFrame, candidate: pl.Series) -> tuple[pl.Series, pl.Series]:
        """(conflict, duplicate) over the chunk's rows: a later row with the key of an earlier candidate.

        Equal to the first of its key in every column: a duplicate. Otherwise a conflict. Rows that are not
        candidates (refused already) are neither.
        """
        self._remember_latest()
        nothing = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
        keys = frame.select(pl.when(candidate).then(self._prints[0])).to_series()
        before = self._met_before(keys)
        doubted = pl.concat([_recurring(keys), before["_key"]]).unique()
        conflict = duplicate = nothing
        if doubted.len():
            places = keys.is_in(doubted.implode()).fill_null(False).arg_true()
            rows = frame[places].select(*self._prints, _at=places.cast(pl.Int64))
            later = _not_first(pl.concat([before, rows]))
            same = pl.col("_row") == pl.col("_first_row")
            conflict, duplicate = (_at(nothing, later.filter(wanted)["_at"]) for wanted in (~same, same))
        self._latest = (frame, candidate & ~conflict & ~duplicate)
        return conflict, duplicate

    def _remember_latest(self) -> None:
        """Only when another chunk follows does a chunk need prints of every row."""
        if self._latest is not None:
            frame, firsts = self._latest
            self._earlier.append(frame.select(self._prints).filter(firsts))
            self._latest = None

    def _met_before(self, keys: pl.Series) -> pl.DataFrame:
        """The prints of earlier rows whose key this chunk has again; `_at` is -1."""
        schema = dict.fromkeys(_PRINTS, pl.UInt64)
        wanted = keys.drop_nulls().implode()
        parts = [part.filter(pl.col("_key").is_in(wanted)) for part in self._earlier]
        found = pl.concat(parts) if parts else pl.DataFrame(schema=schema)
        return found.with_columns(_at=pl.lit(-1, pl.Int64))


def _hashed(names: list[str], seed: int) -> pl.Expr:
    """One 64-bit hash of several columns; each has a seed of its own, so that swapped values differ."""
    parts = [pl.col(name).hash(seed + place) for place, name in enumerate(names)]
    return reduce(lambda left, right: left ^ right, parts)


def _recurring(keys: pl.Series) -> pl.Series:
    """The keys that occur more than once; sorting numbers is faster than counting them."""
    ordered = keys.drop_nulls().sort()
    return ordered.filter(ordered == ordered.shift(1))


def _not_first(prints: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not the first of their key, with that first row's print as `_first_row`."""
    key = ["_key", "_key_more"]
    first = prints.unique(key, keep="first", maintain_order=True)
    first = first.select(*key, _first_row="_row", _first_at="_at")
    return prints.join(first, on=key, how="inner").filter(pl.col("_at") != pl.col("_first_at"))


def _at(nothing: pl.Series, places: pl.Series) -> pl.Series:
    return nothing.clone().scatter(places, True) if places.len() else nothing
