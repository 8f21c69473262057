"""Which alerts a station's list can hold, in which order.

    list_need(alerts, inputs, history) -> NeedList
        the need alerts with arm, is_listed, order_no, list_rank, is_overflow_red, draw_band, draw_chance, and
        the drawn ones; and how many households each band could be drawn from
    next_in_line(alerts) -> DataFrame                  those that wait, `place` 1 the one that is listed next
    list_compliance(alerts) -> DataFrame               every alert that is not suppressed, ranked by county

Order within a town, each place for a reason:
    red, by the day it is due     the law's clock; what is overdue stands first by its own early day
    score                         where a model is in use: the chance that a visit finds need, as far as known
    level, then points            where none is; an orange sign finds more than yellow ones of more points
    missing amount                among equals what a visit brings
    escalated, repeated, new      an open case keeps its day and wins ties: its station knows it, so it
                                  must not crowd out families of whom a visit would find more in need
    village, household_id         so that no two lines are equal
A share of the places (yuan_line_share) goes by what a visit is expected to find missing, in yuan a month
(two_orders.py). Capacity is hard but for red: a red household is
always listed, and as many as the list is longer than the capacity, the last in order, are marked
is_overflow_red, so that station and county know that hands are missing. A red household whose town nobody
knows is on no list: it is marked as well. The audit arm takes its share of the capacity (`random_lines.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from transforms.alerts.inputs import AlertInputs
from transforms.alerts.random_lines import drawn_lines, kept_lines, random_seats, with_drawn
from transforms.alerts.texts import level_rank
from transforms.alerts.two_orders import interleaved


class NeedList(NamedTuple):
    """The need queue of a date: its alerts, and how many households each band of a town could draw from."""

    alerts: pl.DataFrame
    draws: pl.DataFrame


STATUS_ORDER = {"escalated": 0, "repeated": 1, "new": 2, "suppressed": 3}


def list_need(alerts: pl.DataFrame, inputs: AlertInputs, history: pl.DataFrame) -> NeedList:
    """The need alerts with their place on the list; rows are added for drawn households without a signal."""
    seats = _seats(alerts, inputs)
    kept = kept_lines(history, seats, inputs)
    seated = _seated(alerts, seats, kept, float(inputs.operations.yuan_line_share))
    drawn = drawn_lines(seated, seats, kept, history, inputs)
    rows = with_drawn(seated, drawn, inputs)
    return NeedList(_beyond(_ranked(rows, "town_code"), seats), drawn.counts)


def next_in_line(alerts: pl.DataFrame) -> pl.DataFrame:
    """The need alerts of mart.alert that wait for hands, with `place`: 1 is what its town would list next."""
    waiting = (pl.col("queue") == "need") & ~pl.col("is_listed") & (pl.col("status") != "suppressed")
    rows = alerts.filter(waiting).sort("town_code", "order_no", "alert_id", nulls_last=True)
    return rows.with_columns(pl.int_range(1, pl.len() + 1).over("town_code").alias("place"))


def list_compliance(alerts: pl.DataFrame) -> pl.DataFrame:
    """The county's queue has no budget: everything not suppressed and placed in a county is listed."""
    listed = (pl.col("status") != "suppressed") & pl.col("county_code").is_not_null()
    rows = alerts.with_columns(
        listed.alias("is_listed"),
        pl.lit("rule").alias("arm"),
        pl.lit(False).alias("is_overflow_red"),
        pl.lit(None, dtype=pl.String).alias("draw_band"),
        pl.lit(None, dtype=pl.Float64).alias("draw_chance"),
        pl.lit(None, dtype=pl.Int64).alias("order_no"),
    )
    return _ranked(rows, "county_code")


def _seats(alerts: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    """Capacity and audit lines per town; a station without a capacity of its own has the common one."""
    stations, operations = inputs.stations, inputs.operations
    named = (inputs.households, alerts, stations)
    towns = pl.concat(frame.select("town_code") for frame in named).drop_nulls().unique().sort("town_code")
    own = (
        stations.select("town_code", "capacity")
        if "capacity" in stations.columns
        else towns.with_columns(pl.lit(None, dtype=pl.Int64).alias("capacity"))
    )
    seats = towns.join(own.unique("town_code", keep="first", maintain_order=True), on="town_code", how="left")
    seats = seats.with_columns(pl.col("capacity").fill_null(operations.station_lines_month).cast(pl.Int64))
    return random_seats(seats.sort("town_code"), operations, inputs.as_of)


def _order(score: str | None = "score") -> tuple[list[pl.Expr], list[bool]]:
    red = pl.col("level") == "red"
    by_score = [pl.col(score)] if score else []
    keys = [
        ~red,
        pl.when(red).then(pl.col("due_date")),
        *by_score,
        level_rank(),
        pl.col("points"),
        pl.col("benefit_gap_yuan_month"),
        pl.col("status").replace_strict(STATUS_ORDER, default=9, return_dtype=pl.Int64),
        pl.col("village_code"),
        pl.col("case_id"),
    ]
    return keys, [False, False, *[True for _ in by_score], False, True, True, False, False, False]


def _seated(alerts: pl.DataFrame, seats: pl.DataFrame, kept: pl.DataFrame, yuan_share: float) -> pl.DataFrame:
    """Fill the seats outside the audit arm, red beyond them; arm: would points alone have listed it?

    With order_no, _line (the last place that is sure whatever chance does), _last (the
    one after it, which a list without a random line has too) and _edge (how many after it are next in order).
    """
    kept_cnt = kept.group_by(pl.col("_town_code").alias("town_code")).agg(
        pl.len().cast(pl.Int64).alias("_kept_cnt")
    )
    alerts = alerts.join(seats, on="town_code", how="left", maintain_order="left")
    alerts = alerts.join(kept_cnt, on="town_code", how="left", maintain_order="left")
    is_kept = pl.col("case_id").is_in(kept["case_id"].implode()) & (pl.col("level") != "red")
    able = (pl.col("status") != "suppressed") & pl.col("town_code").is_not_null() & ~is_kept
    room = pl.col("capacity") - pl.col("_kept_cnt").fill_null(0)
    lines = room - pl.col("audit_lines")
    # Filled twice, with what models say and without: the difference is the models' doing.
    alerts = alerts.with_columns(_expected="expected_yuan_month")
    known = pl.col("benefit_gap_yuan_month")
    for score, yuan, name in ((None, known, "_by_points"), ("score", pl.col("_expected"), "_by_score")):
        keys, descending = _order(score)
        alerts = alerts.with_columns(expected_yuan_month=yuan)
        alerts = interleaved(alerts, able, keys, descending, yuan_share)
        is_in = (pl.col("level") == "red") | (pl.col("order_no") <= lines)
        alerts = alerts.with_columns((able & is_in).fill_null(False).alias(name))
    sure = (room - pl.col("audit_mean").ceil().cast(pl.Int64)).clip(0)
    reds = (able & (pl.col("level") == "red")).sum().over("town_code").cast(pl.Int64)
    line = pl.max_horizontal(sure, reds)
    arm = pl.when(pl.col("_by_score") & ~pl.col("_by_points")).then(pl.lit("model")).otherwise(pl.lit("rule"))
    return alerts.with_columns(
        pl.col("_by_score").alias("is_listed"),
        arm.alias("arm"),
        line.alias("_line"),
        (able & (pl.col("order_no") == line + 1) & (pl.col("order_no") <= room))
        .fill_null(False)
        .alias("_last"),
        pl.col("capacity").alias("_edge"),
    ).drop(
        "_by_score", "_by_points", "_expected", "_kept_cnt", *(c for c in seats.columns if c != "town_code")
    )


def _ranked(rows: pl.DataFrame, area: str) -> pl.DataFrame:
    """list_rank 1, 2, … among the listed of each town or county; null for the others."""
    keys, descending = _order()
    rows = rows.sort(
        *(area, ~pl.col("is_listed"), "order_no"),
        *keys,
        descending=[False, False, False, *descending],
        nulls_last=True,
    )
    rank = pl.col("is_listed").cum_sum().over(area).cast(pl.Int64)
    return rows.with_columns(pl.when(pl.col("is_listed")).then(rank).alias("list_rank"))


def _beyond(rows: pl.DataFrame, seats: pl.DataFrame) -> pl.DataFrame:
    """With is_overflow_red: the last red ones of a list that is longer than the station's capacity.

    Red stands first on a list, and nothing else is listed beyond the capacity: the red ones that are too many
    are those whose rank among the red comes last.
    """
    red, town = pl.col("level") == "red", "town_code"
    rows = rows.join(seats.select(town, "capacity"), on=town, how="left", maintain_order="left")
    too_many = pl.col("is_listed").sum().over(town).cast(pl.Int64) - pl.col("capacity")
    last_in = (red & pl.col("is_listed")).sum().over(town).cast(pl.Int64) - too_many.clip(0)
    placed = pl.col("is_listed") & (pl.col("list_rank") > last_in)
    unplaced = ~pl.col("is_listed") & (pl.col("status") != "suppressed")
    return rows.with_columns((red & (placed | unplaced)).fill_null(False).alias("is_overflow_red")).drop(
        "capacity"
    )
