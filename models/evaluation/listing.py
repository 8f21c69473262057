"""Who would be on each station's list under a ranking, at the same capacity for all rankings."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.features.frame_checks import need_columns, one_row_each
from zhaoren.errors import ZhaorenError

KEYS = ["as_of", "household_id"]


def with_truth(
    candidates: pl.DataFrame, truth: pl.DataFrame, capacity: int | pl.DataFrame, seed: int
) -> pl.DataFrame:
    """Candidates with their truth: adds in_hardship, is_silent, gap_yuan_month, line_cnt and _tie.

    A candidate without a truth row has null in_hardship: unknown, it takes a line but is in no share.
    `_tie` is a seeded order for equal ranking values, so that no ranking profits from an id's alphabet.
    """
    need_columns(candidates, [*KEYS, "town_code"], "candidates")
    need_columns(truth, [*KEYS, "in_hardship", "is_silent"], "truth")
    one_row_each(candidates, KEYS, "candidates")
    one_row_each(truth, KEYS, "truth")
    gap = "gap_yuan_month"
    if gap in truth.columns:
        candidates = candidates.drop(gap, strict=False)
    wanted = [*KEYS, "in_hardship", "is_silent", *([gap] if gap in truth.columns else [])]
    frame = candidates.drop("in_hardship", "is_silent", "line_cnt", strict=False)
    frame = frame.join(truth.select(wanted), on=KEYS, how="left")
    if gap not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.Decimal(18, 2)).alias(gap))
    frame = with_lines(frame, capacity).sort(KEYS)
    return frame.with_columns(pl.Series("_tie", np.random.default_rng(seed).permutation(frame.height)))


def is_listed(frame: pl.DataFrame, ranking: str) -> pl.Series:
    """Whether each row of `with_truth`'s frame is listed under a ranking column.

    A Boolean column is a list already made. A number orders (higher first, ties by `_tie`) up to `line_cnt`
    per station and date; null or NaN means that this ranking would not list the household at all, and so
    does an unknown town, which no station visits.
    """
    if frame[ranking].dtype == pl.Boolean:
        return frame[ranking].fill_null(False)
    value = pl.col(ranking).cast(pl.Float64).fill_nan(None)
    rows = frame.select("as_of", "town_code", "line_cnt", "_tie", _value=value, _row=pl.int_range(pl.len()))
    ranked = (
        rows.drop_nulls(["_value", "town_code"])
        .sort("as_of", "town_code", "_value", "_tie", descending=[False, False, True, False])
        .with_columns(_place=pl.int_range(pl.len()).over("as_of", "town_code"))
        .filter(pl.col("_place") < pl.col("line_cnt"))
    )
    listed = np.zeros(frame.height, dtype=bool)
    listed[ranked["_row"].to_numpy()] = True
    return pl.Series(ranking, listed)


def listed_share(frame: pl.DataFrame, ranking: str) -> pl.Series:
    """The chance of each row of `with_truth`'s frame to be listed under a ranking column: 0, 1 or between.

    As `is_listed`, but equal values share the places that are left equally: what a draw among them would give
    on average, exactly and without a draw.
    """
    if frame[ranking].dtype == pl.Boolean:
        return frame[ranking].fill_null(False).cast(pl.Float64)
    value = pl.col(ranking).cast(pl.Float64).fill_nan(None)
    rows = frame.select("as_of", "town_code", "line_cnt", _value=value, _row=pl.int_range(pl.len()))
    rows = rows.drop_nulls(["_value", "town_code"])
    town = ["as_of", "town_code"]
    equal = (
        rows.group_by(*town, "_value")
        .agg(pl.len().alias("_equal"))
        .sort(*town, "_value", descending=[False, False, True])
    )
    equal = equal.with_columns(_before=pl.col("_equal").cum_sum().over(town) - pl.col("_equal"))
    rows = rows.join(equal, on=[*town, "_value"], how="left", maintain_order="left")
    left = (pl.col("line_cnt") - pl.col("_before")).clip(0)
    chance = rows.select("_row", pl.min_horizontal(left / pl.col("_equal"), pl.lit(1.0)).alias("_chance"))
    shares = np.zeros(frame.height)
    shares[chance["_row"].to_numpy()] = chance["_chance"].to_numpy()
    return pl.Series(ranking, shares)


def expected(value: pl.Expr) -> pl.Expr:
    """In an aggregation over one town's list, the sum of a whole number over its lines, in expectation.

    `_chance` is `listed_share`'s. Whole numbers are added before they are weighed, so that the order of rows
    cannot move the sum: only the last places of a list are shared, all at one chance.
    """
    chance, number = pl.col("_chance"), value.cast(pl.Int64)
    drawn = (chance > 0) & (chance < 1)
    sure, shared = (pl.when(rows).then(number).sum() for rows in (chance == 1, drawn))
    return sure + shared * chance.filter(drawn).first().fill_null(0.0)


def whole_fen(column: str) -> pl.Expr:
    """An amount of yuan as whole fen, so that the order of rows cannot move a sum."""
    return (pl.col(column).cast(pl.Decimal(18, 2)) * 100).cast(pl.Int64)


def with_lines(frame: pl.DataFrame, capacity: int | pl.DataFrame) -> pl.DataFrame:
    """The frame with line_cnt: a number for all, or a frame town_code, line_cnt (with as_of if it varies).

    Raises ZhaorenError when a station has none: an unknown capacity is not zero lines.
    """
    if isinstance(capacity, int):
        return frame.with_columns(line_cnt=pl.lit(capacity, pl.Int64))
    need_columns(capacity, ["town_code", "line_cnt"], "capacity")
    on: list[str] = [c for c in ("as_of", "town_code") if c in capacity.columns]
    one_row_each(capacity, on, "capacity")
    joined = frame.join(capacity.select(*on, pl.col("line_cnt").cast(pl.Int64)), on=on, how="left")
    without = joined.filter(pl.col("line_cnt").is_null() & pl.col("town_code").is_not_null())[
        "town_code"
    ].n_unique()
    if without:
        raise ZhaorenError(
            f"{without} station(s) have no capacity",
            "capacity frame, column line_cnt",
            "an unknown capacity is not zero lines",
            "give every town_code its lines, or one number for all",
        )
    return joined
