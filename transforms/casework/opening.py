"""Which cases a day opens, and the numbers they get.

    of_alerts(alerts)                 -> what the alerts of a date ask for, one row per case, in a fixed order
    opened(wanted, cases, last, day)  -> the rows to add to mart.case

One case per household (or person without one) and queue: who has one keeps it. Numbers are given out in the
order of queue, town and alert, so that the same alerts get the same numbers whenever they are computed.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.registry.tables import schema
from transforms.casework.numbers import allotted

KEY = ["case_id", "queue"]
# An alert's id is date-case-queue, as in 20260305-H1-N: the case lies between.
_DATE_PART, _QUEUE_PART = len("20260305-"), len("-N")


def case_of(alert_id: str = "alert_id") -> pl.Expr:
    """The household or person that an alert's id names."""
    return pl.col(alert_id).str.slice(_DATE_PART).str.head(-_QUEUE_PART).alias("case_id")


def of_alerts(alerts: pl.DataFrame) -> pl.DataFrame:
    """case_id, queue, household_id, town_code, source_code, first_alert_id of each case the alerts are about.

    alerts: mart.alert's alert_id, queue, household_id, town_code, arm, signal_ids. A household without any
    sign that was drawn at random is an `audit` case.
    """
    drawn = (pl.col("arm") == "audit") & (pl.col("signal_ids").fill_null("") == "")
    rows = alerts.select(
        case_of(),
        *("queue", "household_id", "town_code"),
        pl.when(drawn.fill_null(False)).then(pl.lit("audit")).otherwise(pl.lit("alert")).alias("source_code"),
        pl.col("alert_id").alias("first_alert_id"),
    )
    order = ["queue", "town_code", "first_alert_id"]
    return rows.sort(order, descending=[True, False, False], nulls_last=True)


def opened(wanted: pl.DataFrame, cases: pl.DataFrame, last: str | None, day: date) -> pl.DataFrame:
    """The new cases among those wanted, with their numbers: the rows to add to mart.case.

    wanted: case_id (null: a found family that nobody has identified, always a case of its own), queue and
    what of_alerts gives beside them, in the order in which numbers are given out. cases: case_id, queue of
    those there are. last: the highest number given out, None before the first.
    """
    named = wanted.filter(pl.col("case_id").is_not_null()).join(
        cases, on=KEY, how="anti", maintain_order="left"
    )
    named = named.unique(KEY, keep="first", maintain_order=True)
    new = pl.concat([named, wanted.filter(pl.col("case_id").is_null())])
    rows = new.with_columns(case_no=allotted(last, new.height), opened_date=pl.lit(day))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in schema("mart.case").items())
