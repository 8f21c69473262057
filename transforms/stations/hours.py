"""A station's hours of a month, shared out between key persons and alerts.

    stations_on(towns, hands, spent, as_of) -> DataFrame STATION, one row per town
    shared_out(stations, due, rules) -> with key_due_cnt, key_planned_cnt, capacity
    shared_again(stations, listed) -> the same, after the lists are made: what alerts left goes to key persons

A visit takes whole minutes; a part of a visit is none. Key persons may take all but the alerts' share; alerts
take what is left then. A station whose hands nobody entered has no minutes (null): its capacity is the common
one (Operations.station_lines_month), and every key person is planned, since nobody can say who is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

HAND_COLUMNS = ("staff_cnt", "hours_month", "visit_minutes", "key_visit_minutes")
_MINUTES = pl.col("minutes")


@dataclass(frozen=True)
class HoursRules:
    """What share of the hours is kept for alerts at least, and the lines of a station without hours.

    yield_visit_min_cnt: from how many visits on their yield says what more visits would find.
    """

    alert_hours_share: Decimal
    station_lines_month: int
    yield_visit_min_cnt: int

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> HoursRules:
        """From the parameter group `operations`, by name."""
        share = Decimal(str(values["alert_hours_share"]))
        return cls(share, int(values["station_lines_month"]), int(values["yield_visit_min_cnt"]))


def stations_on(towns: pl.DataFrame, hands: pl.DataFrame, spent: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row per town: town_code, HAND_COLUMNS in force on the date, and `minutes` left of the month's.

    `hands`: a row per station and period, of which none overlap. `spent`: town_code, alert_visit_cnt and
    key_visit_cnt that earlier lists of the month took.
    """
    since, until = pl.col("valid_from"), pl.col("valid_to")
    now = hands.filter((since <= as_of) & (until.is_null() | (until >= as_of)))
    rows = towns.select("town_code").drop_nulls().unique().sort("town_code")
    rows = rows.join(
        now.select("town_code", *HAND_COLUMNS), on="town_code", how="left", maintain_order="left"
    )
    rows = rows.join(spent, on="town_code", how="left", maintain_order="left")
    taken = pl.col("alert_visit_cnt").fill_null(0) * pl.col("visit_minutes")
    taken += pl.col("key_visit_cnt").fill_null(0) * pl.col("key_visit_minutes")
    month = (pl.col("hours_month") * 60).floor().cast(pl.Int64)
    left = (month - taken).clip(0).alias("minutes")
    return rows.with_columns(left).drop("alert_visit_cnt", "key_visit_cnt")


def shared_out(stations: pl.DataFrame, due: pl.DataFrame, rules: HoursRules) -> pl.DataFrame:
    """With key_due_cnt, key_planned_cnt, capacity. `due`: town_code of every key person due, a row each."""
    part, whole = rules.alert_hours_share.as_integer_ratio()
    counted = due.group_by("town_code").agg(pl.len().cast(pl.Int64).alias("key_due_cnt"))
    rows = stations.join(counted, on="town_code", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("key_due_cnt").fill_null(0))
    for_keys = (_MINUTES * (whole - part)) // whole
    fits = pl.min_horizontal("key_due_cnt", for_keys // pl.col("key_visit_minutes"))
    planned = pl.when(_MINUTES.is_null()).then("key_due_cnt").otherwise(fits)
    return _with_capacity(rows.with_columns(planned.alias("key_planned_cnt")), rules.station_lines_month)


def shared_again(stations: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """More key persons planned where the lists leave time; `listed`: town_code, listed_cnt of the alerts."""
    rows = stations.join(listed, on="town_code", how="left", maintain_order="left")
    lines = pl.min_horizontal(pl.col("listed_cnt").fill_null(0), "capacity")
    left = _MINUTES - lines * pl.col("visit_minutes")
    fits = pl.min_horizontal("key_due_cnt", left // pl.col("key_visit_minutes"))
    more = (
        pl.when(_MINUTES.is_null())
        .then("key_planned_cnt")
        .otherwise(pl.max_horizontal("key_planned_cnt", fits))
    )
    rows = rows.with_columns(more.alias("key_planned_cnt")).drop("listed_cnt")
    return _with_capacity(rows, pl.col("capacity"))


def _with_capacity(rows: pl.DataFrame, otherwise: int | pl.Expr) -> pl.DataFrame:
    """Alert visits in the minutes that planned key persons leave; `otherwise` where no hands are known."""
    left = _MINUTES - pl.col("key_planned_cnt") * pl.col("key_visit_minutes")
    common = pl.lit(otherwise, pl.Int64) if isinstance(otherwise, int) else otherwise
    return rows.with_columns((left // pl.col("visit_minutes")).fill_null(common).alias("capacity"))
