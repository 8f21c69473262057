"""What waits for a station's hands, and what the next visits would find, by the yield of like visits.

    yields(visits, needs, visit_min_cnt) -> DataFrame(level, arm, need_share), one row per kind with enough
    station_rows(alerts, waiting, stations, found, as_of) -> DataFrame with the columns of mart.station

The next ten are the ten households that the list would hold next. What each is worth is the share of visits
with need found among earlier visits of its level and arm; one kind of which too few visits are known leaves
the sum empty, and so does a station for which nobody waits. Nothing is taken from another kind: earlier lines
stood higher, so that the sum is rather too high than too low.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.registry.tables import schema

NEXT = 10
STATION_SCHEMA = schema("mart.station")


def yields(visits: pl.DataFrame, needs: pl.DataFrame, visit_min_cnt: int) -> pl.DataFrame:
    """`visits`: level, arm, result_code of visits that count; `needs`: result_code, is_need (or null)."""
    told = visits.join(needs, on="result_code").drop_nulls("is_need")
    share = told.group_by("level", "arm").agg(
        pl.col("is_need").mean().alias("need_share"), pl.len().alias("_n")
    )
    return share.filter(pl.col("_n") >= visit_min_cnt).drop("_n").sort("level", "arm")


def station_rows(
    alerts: pl.DataFrame, waiting: pl.DataFrame, stations: pl.DataFrame, found: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """One row per station. `alerts`: the date's; `waiting`: those of them that wait, with `place` (1: listed
    next); `stations`: of hours.shared_again, and key_unknown_cnt; `found`: yields().
    """
    need = alerts.filter(pl.col("queue") == "need")
    counted = need.group_by("town_code").agg(
        pl.col("is_listed").sum().cast(pl.Int64).alias("listed_cnt"),
        (pl.col("is_listed") & pl.col("is_overflow_red")).sum().cast(pl.Int64).alias("red_beyond_cnt"),
    )
    waits = waiting.group_by("town_code").agg(pl.len().cast(pl.Int64).alias("waiting_cnt"))
    rows = stations.with_columns(
        pl.lit(as_of).alias("as_of"), pl.col("town_code").str.slice(0, 6).alias("county_code")
    )
    for part in (counted, waits, _next_ten(waiting, found)):
        rows = rows.join(part, on="town_code", how="left", maintain_order="left")
    filled = [pl.col(name).fill_null(0) for name in ("listed_cnt", "red_beyond_cnt", "waiting_cnt")]
    rows = rows.with_columns(filled)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in STATION_SCHEMA.items()).sort("town_code")


def _next_ten(waiting: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """town_code, next_ten_need_cnt: null where the yield of one of the ten is not known."""
    first = waiting.filter(pl.col("place") <= NEXT).sort("town_code", "place")
    priced = first.join(found, on=["level", "arm"], how="left", maintain_order="left")
    share = pl.col("need_share")
    total = pl.when(share.is_not_null().all()).then(share.sum().round(2))
    return priced.group_by("town_code", maintain_order=True).agg(total.alias("next_ten_need_cnt"))
