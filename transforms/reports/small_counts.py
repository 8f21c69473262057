"""Small counts of families hidden, also against subtraction.

What is hidden is a place's whole group of numbers that tell of each other (such as due, done, excused and
open), so that the same places are hidden for all of them:

1. a place with a count from 1 to k-1 is hidden; where it is hidden all below it with anything is, too;
2. beside a hidden place whose parent is shown, the smallest others are hidden until at least two are and each
   number of theirs adds up to nought or to k-1 and more.

All that can then be told of hidden places side by side is what they have together, R: the whole of R may lie
with any one of them, or nothing. So each hidden number lies anywhere from 0 to R >= k-1, no narrower than the
rule itself tells; where R is 0 the noughts are shown. A number over several months is shown only where each
month's is: it is then a sum of numbers that are shown, and tells nothing else.
"""

from __future__ import annotations

import polars as pl

from transforms.reports.rollup import LEVELS, parent

_ROW = ["group", "area"]


def hidden_cells(cells: pl.DataFrame, k: int) -> pl.DataFrame:
    """group, cell, area of the numbers to be hidden. cells: group, cell, area, value, is_count.

    One row per number that is not nought, of all levels; each place's values are the sums of its children's.
    is_count: a count of families; others (yuan) are hidden with them. k: counts below it are small.
    """
    grid = _grid(cells)
    rows = _hidden_rows(grid, k)
    return _but_known_noughts(grid, rows)


def _grid(cells: pl.DataFrame) -> pl.DataFrame:
    """Every cell of a group for every place that has any of them, noughts included; with level and parent."""
    kinds = cells.select("group", "cell", "is_count").unique()
    places = cells.select(_ROW).unique()
    full = places.join(kinds, on="group").join(
        cells.select("group", "cell", "area", "value"), on=["group", "cell", "area"], how="left"
    )
    level = pl.col("area").str.len_chars().cast(pl.Int64)
    return full.with_columns(pl.col("value").fill_null(0.0), parent=parent(), level=level)


def _hidden_rows(grid: pl.DataFrame, k: int) -> pl.DataFrame:
    """group, area of the places whose numbers of the group are hidden, decided from the top down."""
    small = (pl.col("is_count") & pl.col("value").is_between(1, k - 1)).any()
    rows = grid.group_by("group", "area", "parent", "level").agg(
        is_small=small, total=pl.col("value").sum(), has_any=(pl.col("value") != 0).any()
    )
    hidden = rows.filter((pl.col("level") == LEVELS[0]) & pl.col("is_small")).select(_ROW)
    for level in LEVELS[1:]:
        here = rows.filter(level=level)
        above = hidden.rename({"area": "parent"})
        below = here.join(above, on=["group", "parent"], how="semi").filter("has_any").select(_ROW)
        beside = _beside(here.join(above, on=["group", "parent"], how="anti"), grid, k)
        hidden = pl.concat([hidden, below, beside])
    return hidden


def _beside(here: pl.DataFrame, grid: pl.DataFrame, k: int) -> pl.DataFrame:
    """Of places under shown parents: the small ones, and as many others as keep them from being found."""
    family = ["group", "parent"]
    ranked = here.filter(pl.col("is_small").any().over(family))
    order = pl.struct(~pl.col("is_small"), ~pl.col("has_any"), "total", "area")
    ranked = ranked.with_columns(
        rank=order.rank("ordinal").over(family).cast(pl.Int64),
        least=pl.max_horizontal(pl.col("is_small").sum().over(family), 2).cast(pl.Int64),
    )
    added = grid.join(ranked.select(*_ROW, "rank", "least"), on=_ROW).sort("group", "parent", "cell", "rank")
    together = pl.col("value").cum_sum().over([*family, "cell"])
    is_safe = ~pl.col("is_count") | (together == 0) | (together >= k - 1)
    safe = added.with_columns(is_safe=is_safe).group_by(*family, "rank", "least").agg(pl.col("is_safe").all())
    safe = safe.filter(pl.col("is_safe") & (pl.col("rank") >= pl.col("least")))
    until = safe.group_by(family).agg(until=pl.col("rank").min())
    taken = ranked.join(until, on=family, how="left")
    return taken.filter(pl.col("rank") <= pl.col("until").fill_null(pl.col("rank"))).select(_ROW)


def _but_known_noughts(grid: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The cells of hidden rows, but for noughts that anybody can tell: hidden places have none together."""
    hidden = grid.join(rows, on=_ROW, how="semi")
    known = pl.DataFrame(schema={"group": pl.String, "cell": pl.String, "parent": pl.String})
    found = []
    for level in LEVELS:
        here = hidden.filter(level=level)
        is_parent_shown = pl.col("parent").is_not_null() & ~pl.struct("group", "parent").is_in(
            rows.select("group", pl.col("area").alias("parent")).to_struct().implode()
        )
        here = here.with_columns(is_parent_shown=is_parent_shown)
        here = here.join(known.with_columns(is_nought=True), on=["group", "cell", "parent"], how="left")
        together = pl.col("value").sum().over("group", "cell", "parent")
        is_known = pl.col("is_nought").fill_null(False) | (pl.col("is_parent_shown") & (together == 0))
        here = here.with_columns(is_known=is_known)
        found.append(here.filter(~pl.col("is_known")).select("group", "cell", "area"))
        known = here.filter("is_known").select("group", "cell", pl.col("area").alias("parent"))
    return pl.concat(found).sort("group", "cell", "area")
