"""Folding: values are left out of a table until each row stands in it at least k times, word for word.

    fold(cells, columns, k, within) -> cells with `not_shown`; every n is at least k

    cells    distinct rows with `n`, how often each stands in the table
    columns  in order of worth: the first is kept whole where it can be, the last goes first
    within   column -> column it is a part of: a county is not shown where its city is not

All rows are one group at first. Column by column each group is divided by the column's values. Values that
fewer than k rows of the group have are put together as one part that does not show the column. Were that part
itself smaller than k, it is filled up to k with rows of the group's commonest value, if that can spare them,
else with its rarest value as a whole. So every group of every step has at least k rows, a group's total is
never lost, and no difference of two sums of rows tells of fewer than k: whatever anybody counts in the result
is 0, or k and more.

A row is never invented and never lost, but for a table of fewer than k rows in all: that one comes out empty.
Source: k-anonymity by local suppression from the top down (Samarati and Sweeney 1998; LeFevre's Mondrian
2006), with the sensitive columns inside the groups, so that nothing of a row is singular.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

NOT_SHOWN = "not_shown"
_GROUP, _HIDDEN = "_group", "_hidden_"


def fold(cells: pl.DataFrame, columns: Sequence[str], k: int, within: Mapping[str, str]) -> pl.DataFrame:
    """The folded cells, sorted: columns, not_shown (names joined by commas, empty for none), n."""
    state = cells.with_columns(pl.lit(0, pl.UInt32).alias(_GROUP), pl.col("n").cast(pl.Int64))
    if int(state["n"].sum()) < k:
        state = state.clear()
    for column in columns:
        state = _divided(state, column, k, within.get(column))
    hidden = [pl.when(_HIDDEN + column).then(pl.lit(column)) for column in columns]
    shown = [pl.when(~pl.col(_HIDDEN + column)).then(column).alias(column) for column in columns]
    folded = state.select(
        *shown, pl.concat_str(hidden, separator=",", ignore_nulls=True).alias(NOT_SHOWN), "n"
    )
    keys = [*columns, NOT_SHOWN]
    return folded.group_by(keys).agg(pl.col("n").sum()).sort(keys, nulls_last=True)


def _divided(state: pl.DataFrame, column: str, k: int, parent: str | None) -> pl.DataFrame:
    """Each group divided by the column; `_hidden_<column>` where its value would leave fewer than k."""
    forced = pl.col(_HIDDEN + parent) if parent else pl.lit(False)
    parts = state.group_by(_GROUP, column).agg(pl.col("n").sum().alias("_n"), forced.first().alias("_forced"))
    parts = _marked(parts.sort(_GROUP, "_n", column, nulls_last=True), k, _HIDDEN + column)
    value = pl.when(~pl.col(_HIDDEN + column)).then(column)
    key = pl.struct(pl.col(_GROUP), pl.col(_HIDDEN + column), value.alias("_value"))
    parts = parts.with_columns(key.rank("dense").cast(pl.UInt32).alias("_next")).with_columns(
        pl.col("_next").filter(pl.col(_HIDDEN + column)).first().over(_GROUP).alias("_aside")
    )
    joined = state.join(
        parts.drop("_n", "_forced"), on=[_GROUP, column], how="left", nulls_equal=True, maintain_order="left"
    )
    return _spared(joined, column).drop(_GROUP, "_spares", "_aside").rename({"_next": _GROUP})


def _marked(parts: pl.DataFrame, k: int, hidden: str) -> pl.DataFrame:
    """Which parts are hidden, smallest first in each group, and `_spares`: rows the commonest gives them."""
    small = pl.col("_n") < k
    rest = pl.col("_n").filter(small).sum().over(_GROUP)
    lacks = pl.when((rest > 0) & (rest < k)).then(k - rest).otherwise(0)
    is_rarest = ~small & ((~small).cast(pl.Int64).cum_sum().over(_GROUP) == 1)
    is_commonest = pl.int_range(pl.len()).over(_GROUP) == pl.len().over(_GROUP) - 1
    can_spare = (pl.col("_n").last().over(_GROUP) - lacks) >= k
    joins = is_rarest & (lacks > 0) & ~can_spare
    spares = pl.when(is_commonest & can_spare & ~pl.col("_forced")).then(lacks).otherwise(0)
    return parts.with_columns((small | joins | pl.col("_forced")).alias(hidden), spares.alias("_spares"))


def _spared(joined: pl.DataFrame, column: str) -> pl.DataFrame:
    """With the rows that a commonest value spares among those that do not show it: commonest first."""
    giving = joined.filter(pl.col("_spares") > 0)
    if giving.is_empty():
        return joined
    order = [name for name in joined.columns if name not in ("n", "_next", "_aside", "_spares")]
    giving = giving.sort("n", *order, descending=[True, *[False] * len(order)], nulls_last=True)
    before = pl.col("n").cum_sum().over("_next") - pl.col("n")
    given = (pl.col("_spares") - before).clip(0, pl.col("n"))
    split = giving.with_columns(given.alias("_given"))
    aside = split.filter(pl.col("_given") > 0).with_columns(
        pl.col("_given").alias("n"), pl.col("_aside").alias("_next"), pl.lit(True).alias(_HIDDEN + column)
    )
    kept = split.with_columns(pl.col("n") - pl.col("_given")).filter(pl.col("n") > 0)
    others = joined.filter(pl.col("_spares") == 0)
    return pl.concat([others, kept.drop("_given"), aside.drop("_given")])
