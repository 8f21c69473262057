"""What became of the matters: what is open and late as of a day, and applications that a roll shows as paid.

    open_matters_at(matters, rules, as_of)      -> one row per matter that has not ended
    newly_paid(matters, receiving, before)      -> step_id, case_no, subject, one row per application

A referral that nobody answers is late at both ends: its row names who owes the answer (owner_code) and the
station whose case it is (town_code). A household that had been receiving the benefit before it applied says
nothing by receiving it: an upgrade is not told apart from what was paid anyhow, and is for a person to end.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from policies.casework.steps import Steps

APPLICATION, PAID = "application", "paid"


def open_matters_at(matters: pl.DataFrame, rules: Steps, as_of: date) -> pl.DataFrame:
    """matters' columns, state_zh, is_overdue (its due date has passed), late_days (0 where it is not).

    matters: the last event of each matter known by the day: step_id, case_no, kind_code, subject, event_code,
    event_date, due_date, owner_code, household_id, town_code. Ordered by the days it is late, then by number.
    """
    said = [
        (kind.code, event.code, event.zh, event.is_end)
        for kind in rules.kind_list
        for event in kind.event_list
    ]
    schema = {"kind_code": pl.String, "event_code": pl.String, "state_zh": pl.String, "is_end": pl.Boolean}
    named = matters.join(
        pl.DataFrame(said, schema=schema, orient="row"), on=["kind_code", "event_code"], how="left"
    )
    late = (pl.lit(as_of) - pl.col("due_date")).dt.total_days().clip(lower_bound=0).fill_null(0)
    still = named.filter(~pl.col("is_end").fill_null(False)).drop("is_end")
    rows = still.with_columns(late_days=late).with_columns(is_overdue=pl.col("late_days") > 0)
    return rows.sort("late_days", "case_no", "step_id", descending=[True, False, False])


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
