"""One order of a town's alerts out of two: by need, and by what a visit is expected to find missing in yuan.

    interleaved(alerts, able, keys, descending, yuan_share) -> alerts with order_no

A list that goes by need alone finds hardship and leaves the largest unpaid sums where they are; one that goes
by yuan alone finds those and one family in hardship out of five. So a share of the places goes by yuan. A
household's place is the better of the two: its rank by need over the share of places that go by need, or its
rank by yuan over the share that go by yuan. The order is total and does not depend on how many lines a
station has.

Worked example, a quarter by yuan: places by need A 1.33, B 2.67, C 4, D 5.33, E 6.67; by yuan E 4, D 8. The
order is A, B, C, E, D; on a tie the one that stands higher by need goes first.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_TOWN = "town_code"


def interleaved(
    alerts: pl.DataFrame,
    able: pl.Expr,
    keys: Sequence[pl.Expr],
    descending: Sequence[bool],
    yuan_share: float,
) -> pl.DataFrame:
    """The alerts in order, with order_no: the place among its town's that can be listed (`able`), or null.

    alerts: level, town_code, expected_yuan_month, and what the keys read. Red stands first by the keys alone:
    the law's clock gives no place away.
    """
    rows = alerts.sort(_TOWN, ~able, *keys, descending=[False, False, *descending], nulls_last=True)
    red = pl.col("level") == "red"
    rows = rows.with_columns(_able=able.fill_null(False), _red=red.fill_null(False))
    free = pl.col("_able") & ~pl.col("_red")
    by_need = free.cum_sum().over(_TOWN)
    paid = free & (pl.col("expected_yuan_month") > 0).fill_null(False)
    rows = rows.with_columns(_need=pl.when(free).then(by_need), _at=pl.int_range(pl.len()))
    rows = rows.with_columns(
        _yuan=pl.when(paid).then(
            pl.struct(-pl.col("expected_yuan_month").fill_null(0).cast(pl.Float64), "_at")
            .rank("ordinal")
            .over(_TOWN, paid)
        )
    )
    place = pl.min_horizontal(*_places(yuan_share))
    rows = rows.with_columns(_place=pl.when("_red").then(0.0).otherwise(place))
    rows = rows.sort(_TOWN, ~pl.col("_able"), "_place", "_at", nulls_last=True)
    number = pl.when("_able").then(pl.col("_able").cum_sum().over(_TOWN)).cast(pl.Int64)
    return rows.with_columns(order_no=number).drop("_able", "_red", "_need", "_at", "_yuan", "_place")


def _places(yuan_share: float) -> list[pl.Expr]:
    need, yuan = pl.col("_need").cast(pl.Float64), pl.col("_yuan").cast(pl.Float64)
    if yuan_share <= 0:
        return [need]
    return [yuan / yuan_share] if yuan_share >= 1 else [need / (1 - yuan_share), yuan / yuan_share]
