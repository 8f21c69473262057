"""Sums and medians of the same rows for town, county, city and province.

A place's number is that of all rows of its towns: sums are added up, a median is taken anew at each level and
never averaged. A household whose town nobody knows counts for a place of its own, which is in no other: else
a few of them could be told from the province and its cities.
"""

from __future__ import annotations

import polars as pl

LEVELS = (2, 4, 6, 9)  # digits of the codes of province, city, county and town
TOTAL = "all"  # the part that holds the sum of the others
UNPLACED = "--"  # the place of those whose town nobody knows


def of_places(rows: pl.DataFrame, medians: list[str], totals: list[str]) -> pl.DataFrame:
    """metric, part, area, value, row_cnt: one row per number of each place that has any, by code.

    rows: metric, town_code, part, value. medians: metrics whose rows are one per thing. totals: metrics
    whose parts add up; they get a part `all`. row_cnt: how many rows a median rests on. A place without a
    row has nought of what is added up, and no median.
    """
    placed = rows.with_columns(pl.col("town_code").fill_null(UNPLACED), pl.col("part").fill_null(""))
    whole = placed.filter(pl.col("metric").is_in(totals)).with_columns(part=pl.lit(TOTAL))
    placed = pl.concat([placed, whole])
    levels = [placed.with_columns(area=pl.col("town_code").str.slice(0, digits)) for digits in LEVELS]
    levels = [
        level.filter(pl.col("area").str.len_chars() == n) for n, level in zip(LEVELS, levels, strict=True)
    ]
    is_median = pl.col("metric").is_in(medians)
    value = pl.when(is_median.first()).then(pl.col("value").median()).otherwise(pl.col("value").sum())
    found = pl.concat(levels).group_by("metric", "part", "area")
    return found.agg(value, row_cnt=pl.len().cast(pl.Int64)).sort("metric", "part", "area")


def parent(area: str = "area") -> pl.Expr:
    """The code of the place that a place lies in; null for the province."""
    digits = pl.col(area).str.len_chars()
    above = [
        pl.when(digits == own).then(pl.col(area).str.slice(0, up))
        for up, own in zip(LEVELS, LEVELS[1:], strict=False)
    ]
    return pl.coalesce(above)
