"""Applications that a later roll shows as paid: the circle from list to payment closes by itself.

    newly_paid(matters, receiving, before) -> DataFrame(step_id, case_no, subject), one row per application

A household that had been receiving the benefit before it applied says nothing by receiving it: an upgrade is
not told apart from what was paid anyhow, and stays for a person to end.
"""

from __future__ import annotations

from datetime import date

import polars as pl

APPLICATION, PAID = "application", "paid"


def waiting(matters: pl.DataFrame, may_be_paid: tuple[str, ...], as_of: date) -> pl.DataFrame:
    """The applications whose payment a roll of the date may show: made before it, and still to be paid.

    matters: one row per matter: step_id, kind_code, event_code, begun_date and more. may_be_paid: the events
    that `paid` may follow (policies/casework/steps.yaml).
    """
    return matters.filter(
        pl.col("kind_code") == APPLICATION,
        pl.col("event_code").is_in(may_be_paid),
        pl.col("begun_date") < as_of,
        pl.col("subject").is_not_null() & pl.col("household_id").is_not_null(),
    )


def newly_paid(matters: pl.DataFrame, receiving: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Those of waiting() whose household receives the benefit now and did not when it applied.

    receiving: household_id, benefit_id of who receives what on the date. before: step_id of the applications
    whose household received the benefit already on the last date by the application's day.
    """
    paid = matters.join(
        receiving.select("household_id", subject="benefit_id").unique(),
        on=["household_id", "subject"],
        how="semi",
    )
    return paid.join(before, on="step_id", how="anti").select("step_id", "case_no", "subject").sort("step_id")
