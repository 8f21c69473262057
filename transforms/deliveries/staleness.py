"""How old each department's data is on a date: a list names its stale sources.

    staleness(deliveries, calendar, as_of) -> DataFrame(department, extract, last_known_date, days_old,
        is_stale, is_overdue, is_never), one row per extract of the calendar, sorted by department and extract

    deliveries  department, extract, period_month, known_date, status: of all; only accepted ones count
    calendar    department, extract, period_months, grace_days; period_months null for event-driven extracts,
                which cannot be late

Only deliveries with known_date <= as_of are seen.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.expressions import days_since


def staleness(deliveries: pl.DataFrame, calendar: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """An extract is stale when its period has passed without a new delivery: the list says how old it is.

    A period is so many calendar months: what came on 5 September is stale from 5 October on, if monthly. It
    is overdue when the days of grace have passed too: then somebody reminds the department. One never
    delivered is `is_never`, and stale too unless it is event-driven.
    """
    keys = ["department", "extract"]
    known = deliveries.filter((pl.col("known_date") <= as_of) & (pl.col("status") == "accepted"))
    # A late file of an old month does not make a source fresh.
    by_month = known.sort("period_month", "known_date", nulls_last=False)
    newest = by_month.group_by(keys).agg(pl.col("known_date").last().alias("last_known_date"))
    frame = calendar.join(newest, on=keys, how="left").with_columns(
        days_since("last_known_date", as_of).alias("days_old")
    )
    promised = pl.col("last_known_date").dt.offset_by(pl.format("{}mo", "period_months"))
    late = (pl.lit(as_of) >= promised).fill_null(False)
    days_late = (pl.lit(as_of) - promised).dt.total_days()
    overdue = (days_late > pl.col("grace_days")).fill_null(False)
    never = pl.col("last_known_date").is_null()
    return frame.select(
        *keys,
        "last_known_date",
        "days_old",
        (late | (never & pl.col("period_months").is_not_null())).alias("is_stale"),
        overdue.alias("is_overdue"),
        never.alias("is_never"),
    ).sort(keys)
