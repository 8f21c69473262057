"""When two written names may be one person's: equal, alike in sound, or one character apart."""

from __future__ import annotations

import polars as pl


def one_apart(one: pl.Expr, other: pl.Expr, longest: int = 6) -> pl.Expr:
    """Whether two names of one length, of two characters or more, differ in exactly one character.

    Longer names than `longest` are compared up to it and must be equal behind it.
    """
    differing = sum((one.str.slice(i, 1) != other.str.slice(i, 1)).cast(pl.Int8) for i in range(longest))
    same_length = (one.str.len_chars() == other.str.len_chars()) & (one.str.len_chars() >= 2)
    return same_length & (differing == 1) & (one.str.slice(longest) == other.str.slice(longest))


def namesake_rows(rows: pl.DataFrame, names: pl.DataFrame, sounds: pl.DataFrame) -> pl.Series:
    """The `_row`s, sorted, whose name sounds or looks like one of the owner's.

    rows: _row, name; names: _row, owner_name; sounds: name, sound. One row per row and owner's name.
    """
    pairs = rows.join(names, on="_row")
    pairs = pairs.join(sounds, on="name", how="left")
    pairs = pairs.join(
        sounds.rename({"name": "owner_name", "sound": "owner_sound"}), on="owner_name", how="left"
    )
    alike = (pl.col("sound") == pl.col("owner_sound")) | one_apart(pl.col("name"), pl.col("owner_name"))
    return pairs.filter(alike).get_column("_row").unique().sort()
