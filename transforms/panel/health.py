"""Disability, illness and medical insurance of each person.

    health(core, people, as_of, definitions) -> DataFrame   person_id + HEALTH facts, one row per person

Absent from a delivered roll: not disabled, not enrolled, subsidies 0, codes 'none'; grades and day counts,
which do not apply then, stay null. No registered illness: false; no bill: 0. A 'days' fact is null both when
the thing never happened and when it is unknown: a rule on it then simply does not fire.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from policies.engine.dates import months_before
from transforms.core_as_of import (
    YUAN,
    Core,
    Fact,
    attach,
    days_since,
    days_until,
    doubtful,
    last_rows,
    latest,
    yuan,
)
from transforms.panel.definitions import FactDefinitions
from transforms.panel.settlement import settlement_net

ZERO = Decimal("0.00")
CARD = (
    Fact("is_disabled", pl.Boolean, False),
    Fact("disability_type_code", pl.String, "none"),
    Fact("disability_grade", pl.Int64),
    Fact("is_severe_disabled", pl.Boolean, False),
    Fact("card_issued_days", pl.Int64),
    Fact("card_days_left", pl.Int64),
    Fact("living_subsidy_yuan_month", YUAN, ZERO),
    Fact("nursing_subsidy_yuan_month", YUAN, ZERO),
)
ILLNESS = (Fact("has_major_illness", pl.Boolean, False), Fact("illness_registered_days", pl.Int64))
BURDEN = (Fact("person_burden_12m_yuan", YUAN, ZERO),)
ENROLMENT = (
    Fact("is_enrolled_medical", pl.Boolean, False),
    Fact("insurance_type_code", pl.String, "none"),
    Fact("medical_paid_days_left", pl.Int64),
    Fact("has_premium_subsidy", pl.Boolean, False),
)


def health(core: Core, people: pl.DataFrame, as_of: date, definitions: FactDefinitions) -> pl.DataFrame:
    """The four parts side by side; `people` is the spine."""
    parts = (
        (_cards(core, as_of, definitions), CARD, doubtful(core, "disability_card", as_of)),
        (_illness(core, as_of), ILLNESS, None),
        (_burden(core, as_of, definitions.burden_window_months), BURDEN, None),
        (_enrolment(core, as_of), ENROLMENT, doubtful(core, "enrolment", as_of)),
    )
    frames = [attach(people, rows, "person_id", facts, doubt) for rows, facts, doubt in parts]
    return pl.concat([frames[0], *(frame.drop("person_id") for frame in frames[1:])], how="horizontal")


def _cards(core: Core, as_of: date, definitions: FactDefinitions) -> pl.DataFrame | None:
    roll = latest(core, "disability_card", as_of)
    if roll is None:
        return None
    grade = pl.col("disability_grade_code").cast(pl.Int64)
    mental = pl.col("disability_type_code").is_in(definitions.mental_type_codes)
    severe = grade.is_in(definitions.severe_grades) | (mental & grade.is_in(definitions.severe_mental_grades))
    return roll.with_columns(
        pl.lit(True).alias("is_disabled"),
        grade.alias("disability_grade"),
        severe.alias("is_severe_disabled"),
        days_since("issue_date", as_of).alias("card_issued_days"),
        days_until("valid_until_date", as_of).alias("card_days_left"),
    )


def _illness(core: Core, as_of: date) -> pl.DataFrame | None:
    events = last_rows(core, "major_illness", as_of)
    if events is None:
        return None
    newest = (
        events.filter(pl.col("registered_date") <= as_of)
        .group_by("person_id")
        .agg(pl.col("registered_date").max())
    )
    return newest.select(
        "person_id",
        pl.lit(True).alias("has_major_illness"),
        days_since("registered_date", as_of).alias("illness_registered_days"),
    )


def _burden(core: Core, as_of: date, months: int) -> pl.DataFrame | None:
    bills = settlement_net(core, as_of)
    if bills is None:
        return None
    window = bills.filter(pl.col("settlement_date") > months_before(as_of, months))
    sums = window.group_by("person_id").agg(pl.col("burden_fen").sum())
    # A reversal in the window of a bill before it must not eat up other bills below nothing.
    return sums.select("person_id", yuan(pl.col("burden_fen").clip(0)).alias("person_burden_12m_yuan"))


def _enrolment(core: Core, as_of: date) -> pl.DataFrame | None:
    roll = latest(core, "enrolment", as_of)
    if roll is None:
        return None
    return roll.with_columns(
        (pl.col("enrolment_status_code") == "active").alias("is_enrolled_medical"),
        days_until("paid_until_date", as_of).alias("medical_paid_days_left"),
        (pl.col("premium_subsidy_code") != "none").alias("has_premium_subsidy"),
    )
