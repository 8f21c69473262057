"""Work, pension, school, custody and the union's hardship file of each person.

    work(core, people, as_of) -> DataFrame   person_id + WORK facts, one row per person

Absent from a delivered roll: not unemployed, not working, not at school, not in custody, no file; codes
'none', amounts 0. Day counts that do not apply stay null.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from transforms.core_as_of import YUAN, Core, Fact, attach, days_since, days_until, doubtful, latest
from transforms.panel.pension import PENSION, pensions

ZERO = Decimal("0.00")
UNEMPLOYMENT = (
    Fact("is_unemployed", pl.Boolean, False),
    Fact("unemployed_days", pl.Int64),
    Fact("unemployment_benefit_days_left", pl.Int64),
    Fact("unemployment_benefit_yuan_month", YUAN, ZERO),
)
SCHOOL = (
    Fact("is_student", pl.Boolean, False),
    Fact("is_dropout", pl.Boolean, False),
    Fact("school_stage_code", pl.String, "none"),
    Fact("own_cost_yuan_year", YUAN, ZERO),
    Fact("school_aid_code", pl.String, "none"),
    Fact("school_aid_yuan_year", YUAN, ZERO),
)
CUSTODY = (
    Fact("in_custody", pl.Boolean, False),
    Fact("custody_days", pl.Int64),
    Fact("custody_total_days", pl.Int64),
)
HARDSHIP = (Fact("has_hardship_file", pl.Boolean, False),)


def work(core: Core, people: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The five parts side by side; `people` is the spine."""
    parts = (
        (_unemployment(core, as_of), UNEMPLOYMENT, None),
        (pensions(core, as_of), PENSION, doubtful(core, "pension_insurance", as_of)),
        (_school(core, as_of), SCHOOL, None),
        (_custody(core, as_of), CUSTODY, None),
        (_hardship(core, as_of), HARDSHIP, None),
    )
    frames = [attach(people, rows, "person_id", facts, doubt) for rows, facts, doubt in parts]
    return pl.concat([frames[0], *(frame.drop("person_id") for frame in frames[1:])], how="horizontal")


def _unemployment(core: Core, as_of: date) -> pl.DataFrame | None:
    """The newest registration of each person; the benefit counts between its two dates, both included."""
    roll = latest(core, "unemployment", as_of)
    if roll is None:
        return None
    roll = roll.filter(pl.col("registered_date") <= as_of).sort("person_id", "registered_date")
    roll = roll.unique("person_id", keep="last", maintain_order=True)
    out = pl.col("unemployment_status_code") == "unemployed"
    begun = pl.col("benefit_start_date") <= as_of
    # A blank end leaves the end unknown; a blank start means that no benefit was granted.
    running = out & begun & (pl.col("benefit_end_date") >= as_of)
    paid = pl.when(pl.col("benefit_start_date").is_null() | ~out).then(False).otherwise(running)
    return roll.select(
        "person_id",
        out.alias("is_unemployed"),
        pl.when(out).then(days_since("registered_date", as_of)).alias("unemployed_days"),
        pl.when(out & begun)
        .then(days_until("benefit_end_date", as_of))
        .alias("unemployment_benefit_days_left"),
        pl.when(paid)
        .then(pl.col("benefit_yuan_month"))
        .when(~paid)
        .then(pl.lit(ZERO, dtype=YUAN))
        .alias("unemployment_benefit_yuan_month"),
    )


def _school(core: Core, as_of: date) -> pl.DataFrame | None:
    """The newest term's line of each pupil; costs and aid of pupils no longer at school are nothing.

    The aid code 'none' beside a blank amount says that nothing is paid; any other blank stays unknown.
    """
    roll = latest(core, "student_aid", as_of)
    if roll is None:
        return None
    roll = roll.filter(pl.col("term_month") <= as_of).sort("person_id", "term_month", "student_no")
    roll = roll.unique("person_id", keep="last", maintain_order=True)
    enrolled = pl.col("student_status_code") == "enrolled"
    nothing = pl.lit(ZERO, dtype=YUAN)
    amount, unaided = pl.col("aid_yuan_year"), pl.col("aid_code") == "none"
    return roll.select(
        "person_id",
        enrolled.alias("is_student"),
        (pl.col("student_status_code") == "dropout").alias("is_dropout"),
        pl.col("stage_code").alias("school_stage_code"),
        pl.when(enrolled).then("own_cost_yuan_year").otherwise(nothing).alias("own_cost_yuan_year"),
        pl.when(enrolled).then("aid_code").otherwise(pl.lit("none")).alias("school_aid_code"),
        pl.when(enrolled & ~(unaided.fill_null(False) & amount.is_null()))
        .then(amount)
        .otherwise(nothing)
        .alias("school_aid_yuan_year"),
    )


def _custody(core: Core, as_of: date) -> pl.DataFrame | None:
    """Prison or compulsory detox on the date (community correction is not custody); longest stay first."""
    roll = latest(core, "custody", as_of)
    if roll is None:
        return None
    inside = (
        pl.col("custody_type_code").is_in(["prison", "detox"])
        & (pl.col("custody_from_date") <= as_of)
        & (pl.col("custody_until_date").is_null() | (pl.col("custody_until_date") >= as_of))
    )
    held = roll.filter(inside).sort("person_id", "custody_from_date")
    held = held.unique("person_id", keep="first", maintain_order=True)
    total = (pl.col("custody_until_date") - pl.col("custody_from_date")).dt.total_days()
    return held.select(
        "person_id",
        pl.lit(True).alias("in_custody"),
        days_since("custody_from_date", as_of).alias("custody_days"),
        total.alias("custody_total_days"),
    )


def _hardship(core: Core, as_of: date) -> pl.DataFrame | None:
    """Whom the union keeps a file on. Files that are closed leave the roll: absence is an answer."""
    roll = latest(core, "worker_hardship", as_of)
    if roll is None:
        return None
    return roll.select("person_id", pl.lit(True).alias("has_hardship_file")).unique("person_id")
