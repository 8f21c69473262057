"""Work, pension, school and custody of each person.

    work(core, people, as_of) -> DataFrame            person_id + WORK facts, one row per person
    paying_before(core, as_of) -> DataFrame | None    person_id of those in work on the roll before the newest

Absent from a delivered roll: not unemployed, not working, not at school, not in custody; codes 'none',
amounts 0. Day counts that do not apply stay null.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from .frames import YUAN, Core, Fact, attach, days_since, days_until, doubtful, fen, latest, strict_sum, yuan

ZERO = Decimal("0.00")
UNEMPLOYMENT = (
    Fact("is_unemployed", pl.Boolean, False),
    Fact("unemployed_days", pl.Int64),
    Fact("unemployment_benefit_days_left", pl.Int64),
    Fact("unemployment_benefit_yuan_month", YUAN, ZERO),
)
PENSION = (
    Fact("pension_status_code", pl.String, "none"),
    Fact("pension_type_code", pl.String, "none"),
    Fact("pension_yuan_month", YUAN, ZERO),
    Fact("is_working", pl.Boolean, False),
)
SCHOOL = (
    Fact("is_student", pl.Boolean, False),
    Fact("is_dropout", pl.Boolean, False),
    Fact("school_stage_code", pl.String, "none"),
    Fact("own_cost_yuan_year", YUAN, ZERO),
)
CUSTODY = (
    Fact("in_custody", pl.Boolean, False),
    Fact("custody_days", pl.Int64),
    Fact("custody_total_days", pl.Int64),
)
# A person both drawing and paying is shown as drawing: that is the income.
STATUS_ORDER = {"drawing": 0, "paying": 1, "stopped": 2}


def work(core: Core, people: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The four parts side by side; `people` is the spine."""
    parts = (
        (_unemployment(core, as_of), UNEMPLOYMENT, None),
        (_pension(core, as_of), PENSION, doubtful(core, "pension_insurance", as_of)),
        (_school(core, as_of), SCHOOL, None),
        (_custody(core, as_of), CUSTODY, None),
    )
    frames = [attach(people, rows, "person_id", facts, doubt) for rows, facts, doubt in parts]
    return pl.concat([frames[0], *(frame.drop("person_id") for frame in frames[1:])], how="horizontal")


def paying_before(core: Core, as_of: date) -> pl.DataFrame | None:
    """Persons in work on the pension roll before the newest one; None when there is no such roll."""
    roll = latest(core, "pension_insurance", as_of, back=1)
    return None if roll is None else roll.filter(_pays_as_employee()).select("person_id").unique()


def _pays_as_employee() -> pl.Expr:
    return (pl.col("pension_type_code") == "employee") & (pl.col("pension_status_code") == "paying")


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


def _pension(core: Core, as_of: date) -> pl.DataFrame | None:
    """One line per person from up to one line per kind of insurance; pensions are added up."""
    roll = latest(core, "pension_insurance", as_of)
    if roll is None:
        return None
    drawing = pl.col("pension_status_code") == "drawing"
    lines = roll.with_columns(
        pl.col("pension_status_code").replace_strict(STATUS_ORDER, default=9).alias("_order"),
        pl.when(drawing).then(fen("pension_yuan_month")).otherwise(0).alias("_drawn"),
        _pays_as_employee().alias("is_working"),
    ).sort("person_id", "_order", "pension_type_code")
    first = lines.unique("person_id", keep="first", maintain_order=True)
    working = lines.group_by("person_id").agg(pl.col("is_working").any())
    drawn = strict_sum(lines, "person_id", ["_drawn"])
    merged = first.drop("is_working", "_drawn", "pension_yuan_month").join(working, on="person_id")
    return merged.join(drawn, on="person_id").with_columns(yuan(pl.col("_drawn")).alias("pension_yuan_month"))


def _school(core: Core, as_of: date) -> pl.DataFrame | None:
    """The newest term's line of each pupil; costs of pupils no longer at school are nothing."""
    roll = latest(core, "student_aid", as_of)
    if roll is None:
        return None
    roll = roll.filter(pl.col("term_month") <= as_of).sort("person_id", "term_month", "student_no")
    roll = roll.unique("person_id", keep="last", maintain_order=True)
    enrolled = pl.col("student_status_code") == "enrolled"
    return roll.select(
        "person_id",
        enrolled.alias("is_student"),
        (pl.col("student_status_code") == "dropout").alias("is_dropout"),
        pl.col("stage_code").alias("school_stage_code"),
        pl.when(enrolled)
        .then(pl.col("own_cost_yuan_year"))
        .otherwise(pl.lit(ZERO, dtype=YUAN))
        .alias("own_cost_yuan_year"),
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
