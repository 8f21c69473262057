"""Luck that belongs to what it befalls: the same case, day and seed have the same luck for ever."""

from __future__ import annotations

from hashlib import sha256

import polars as pl


def lucks(rows: pl.DataFrame, by: list[str], name: str, seed: int) -> pl.Series:
    """One number in [0, 1) per row of `rows`, from the columns `by`; `name` tells draws of one row apart."""
    found = [_luck(seed, name, *values) for values in rows.select(by).rows()]
    return pl.Series(name, found, dtype=pl.Float64)


def _luck(seed: int, *what: object) -> float:
    text = "|".join(str(one) for one in (seed, *what))
    return int.from_bytes(sha256(text.encode()).digest()[:6]) / 2**48
