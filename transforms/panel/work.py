"""Work, pension, school, custody and the union's hardship file of each person.

    work(core, people) -> DataFrame   person_id + WORK facts, one row per person

Absent from a delivered roll: not unemployed, not working, not at school, not in custody, no file; codes
'none', amounts 0. Day counts that do not apply stay null.
"""

from __future__ import annotations

import polars as pl

from transforms.core_as_of import NEWEST_LAST, CoreAsOf
from transforms.expressions import YUAN, ZERO_YUAN
from transforms.panel.facts import Fact, attach, side_by_side
from transforms.panel.pension import PENSION, paying_before, pensions

UNEMPLOYMENT = (
    Fact("is_unemployed", pl.Boolean, False),
    Fact("unemployed_days", pl.Int64),
    Fact("unemployment_benefit_days_left", pl.Int64),
    Fact("unemployment_benefit_yuan_month", YUAN, ZERO_YUAN),
)
SCHOOL = (
    Fact("is_student", pl.Boolean, False),
    Fact("is_dropout", pl.Boolean, False),
    Fact("school_stage_code", pl.String, "none"),
    Fact("own_cost_yuan_year", YUAN, ZERO_YUAN),
    Fact("school_aid_code", pl.String, "none"),
    Fact("school_aid_yuan_year", YUAN, ZERO_YUAN),
)
BEFORE = (Fact("is_previous_worker", pl.Boolean, False),)
CUSTODY = (
    Fact("in_custody", pl.Boolean, False),
    Fact("custody_days", pl.Int64),
    Fact("custody_total_days", pl.Int64),
)
HARDSHIP = (Fact("has_hardship_file", pl.Boolean, False),)
NOTHING = pl.lit(ZERO_YUAN, dtype=YUAN)


def work(core: CoreAsOf, people: pl.DataFrame) -> pl.DataFrame:
    """The six parts side by side; `people` is the spine."""
    parts = (
        (_unemployment(core), UNEMPLOYMENT, None),
        (pensions(core), PENSION, core.doubtful("pension_insurance")),
        (_working_before(core), BEFORE, None),
        (_school(core), SCHOOL, None),
        (_custody(core), CUSTODY, None),
        (_hardship(core), HARDSHIP, None),
    )
    frames = [attach(people, rows, "person_id", facts, doubt) for rows, facts, doubt in parts]
    return side_by_side(frames, "person_id")


def _unemployment(core: CoreAsOf) -> pl.DataFrame | None:
    """The newest registration of each person; the benefit counts between its two dates, both included."""
    roll = core.latest("unemployment")
    if roll is None:
        return None
    roll = roll.filter(pl.col("registered_date") <= core.as_of).sort("person_id", "registered_date")
    roll = roll.unique("person_id", keep="last", maintain_order=True)
    out = pl.col("unemployment_status_code") == "unemployed"
    begun = pl.col("benefit_start_date") <= core.as_of
    # A blank end leaves the end unknown; a blank start means that no benefit was granted.
    running = out & begun & (pl.col("benefit_end_date") >= core.as_of)
    paid = pl.when(pl.col("benefit_start_date").is_null() | ~out).then(False).otherwise(running)
    return roll.select(
        "person_id",
        out.alias("is_unemployed"),
        pl.when(out).then(core.days_since("registered_date")).alias("unemployed_days"),
        pl.when(out & begun)
        .then(core.days_until("benefit_end_date"))
        .alias("unemployment_benefit_days_left"),
        # Two whens, no otherwise: where it is unknown whether the benefit runs, so is the amount.
        pl.when(paid)
        .then(pl.col("benefit_yuan_month"))
        .when(~paid)
        .then(NOTHING)
        .alias("unemployment_benefit_yuan_month"),
    )


def _working_before(core: CoreAsOf) -> pl.DataFrame | None:
    before = paying_before(core)
    return None if before is None else before.with_columns(is_previous_worker=True)


def _school(core: CoreAsOf) -> pl.DataFrame | None:
    """The newest term's line of each pupil; costs and aid of pupils no longer at school are nothing.

    The aid code 'none' beside a blank amount says that nothing is paid; any other blank stays unknown.
    """
    roll = core.latest("student_aid")
    if roll is None:
        return None
    roll = roll.filter(pl.col("term_month") <= core.as_of).sort("person_id", "term_month", *NEWEST_LAST)
    roll = roll.unique("person_id", keep="last", maintain_order=True)
    enrolled = pl.col("student_status_code") == "enrolled"
    amount, unaided = pl.col("aid_yuan_year"), pl.col("aid_code") == "none"
    return roll.select(
        "person_id",
        enrolled.alias("is_student"),
        (pl.col("student_status_code") == "dropout").alias("is_dropout"),
        pl.col("stage_code").alias("school_stage_code"),
        pl.when(enrolled).then("own_cost_yuan_year").otherwise(NOTHING).alias("own_cost_yuan_year"),
        pl.when(enrolled).then("aid_code").otherwise(pl.lit("none")).alias("school_aid_code"),
        pl.when(enrolled & ~(unaided.fill_null(False) & amount.is_null()))
        .then(amount)
        .otherwise(NOTHING)
        .alias("school_aid_yuan_year"),
    )


def _custody(core: CoreAsOf) -> pl.DataFrame | None:
    """Prison or compulsory detox on the date (community correction is not custody); longest stay first."""
    roll = core.latest("custody")
    if roll is None:
        return None
    inside = (
        pl.col("custody_type_code").is_in(["prison", "detox"])
        & (pl.col("custody_from_date") <= core.as_of)
        & (pl.col("custody_until_date").is_null() | (pl.col("custody_until_date") >= core.as_of))
    )
    held = roll.filter(inside).sort("person_id", "custody_from_date")
    held = held.unique("person_id", keep="first", maintain_order=True)
    total = (pl.col("custody_until_date") - pl.col("custody_from_date")).dt.total_days()
    return held.select(
        "person_id",
        pl.lit(True).alias("in_custody"),
        core.days_since("custody_from_date").alias("custody_days"),
        total.alias("custody_total_days"),
    )


def _hardship(core: CoreAsOf) -> pl.DataFrame | None:
    """Whom the union keeps a file on. Files that are closed leave the roll: absence is an answer."""
    roll = core.latest("worker_hardship")
    if roll is None:
        return None
    return roll.select("person_id", pl.lit(True).alias("has_hardship_file")).unique("person_id")
