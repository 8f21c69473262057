"""How many random lines each band of a town gets: on average, and in one draw.

Rows are bands, in order, of towns (_town_code): _mean, the town's lines on average; _share, the part of them
that the band gets; household_cnt, who is in it; _ticket, a number of the town from 0 to 1.
"""

from __future__ import annotations

import polars as pl

from transforms.alerts.inputs import BANDS

_TOWN = "_town_code"


def with_expected(rows: pl.DataFrame) -> pl.DataFrame:
    """With _expected, lines of each band on average; they add up to _mean, or to all households if fewer.

    A band gets its share of the lines; what an empty or a small one cannot hold goes to the others.
    """
    count, expected = pl.col("household_cnt").cast(pl.Float64), pl.col("_expected")
    rows = rows.with_columns(_expected=pl.lit(0.0))
    for _ in BANDS:
        room = pl.when(expected < count).then(pl.col("_share")).otherwise(0.0)
        left = (pl.col("_mean") - expected.sum().over(_TOWN)).clip(0)
        total = room.sum().over(_TOWN)
        part = pl.when(total > 0).then(left / total * room).otherwise(0.0)
        rows = rows.with_columns(_expected=pl.min_horizontal(expected + part, count))
    return rows


def with_drawn_cnt(rows: pl.DataFrame) -> pl.DataFrame:
    """With _drawn_cnt, whole lines of each band in one draw, from the averages _expected.

    The bands lie end to end, each as long as its average; a band gets a line for each whole number that the
    ticket shifts onto it. So it gets its average rounded down or up, with the right chance, and the sum is
    exact.
    """
    # rounded: a sum of tenths must not miss a whole number by a float's last digit
    ends = pl.col("_expected").cum_sum().over(_TOWN).round(9)
    reached = (ends + pl.col("_ticket")).floor().cast(pl.Int64)
    rows = rows.with_columns(_reached=reached)
    before = pl.col("_reached").shift(1).over(_TOWN).fill_null(0)
    return rows.with_columns(_drawn_cnt=pl.col("_reached") - before).drop("_reached")
