"""Disability, illness and medical insurance of each person.

    health(core, people, definitions) -> DataFrame   person_id + HEALTH facts, one row per person

Absent from a delivered roll: not disabled, not enrolled, subsidies 0, codes 'none'; grades and day counts,
which do not apply then, stay null. No registered illness: false; no bill: 0. A 'days' fact is null both when
the thing never happened and when it is unknown: a rule on it then simply does not fire.
"""

from __future__ import annotations

import polars as pl

from policies.language.dates import months_before
from transforms.core_as_of import CoreAsOf
from transforms.expressions import YUAN, ZERO_YUAN, yuan
from transforms.panel.facts import Fact, FactDefinitions, attach, side_by_side
from transforms.panel.settlement import settlement_net

CARD = (
    Fact("is_disabled", pl.Boolean, False),
    Fact("disability_type_code", pl.String, "none"),
    Fact("disability_grade", pl.Int64),
    Fact("card_issued_days", pl.Int64),
    Fact("card_days_left", pl.Int64),
    Fact("living_subsidy_yuan_month", YUAN, ZERO_YUAN),
    Fact("nursing_subsidy_yuan_month", YUAN, ZERO_YUAN),
)
ILLNESS = (Fact("has_major_illness", pl.Boolean, False), Fact("illness_registered_days", pl.Int64))
BURDEN = (Fact("person_burden_12m_yuan", YUAN, ZERO_YUAN),)
ENROLMENT = (
    Fact("is_enrolled_medical", pl.Boolean, False),
    Fact("insurance_type_code", pl.String, "none"),
    Fact("medical_paid_days_left", pl.Int64),
    Fact("has_premium_subsidy", pl.Boolean, False),
)


def health(core: CoreAsOf, people: pl.DataFrame, definitions: FactDefinitions) -> pl.DataFrame:
    """The four parts side by side; `people` is the spine."""
    parts = (
        (_cards(core), CARD, core.doubtful("disability_card")),
        (_illness(core), ILLNESS, None),
        (_burden(core, definitions.burden_window_months), BURDEN, None),
        (_enrolment(core), ENROLMENT, core.doubtful("enrolment")),
    )
    frames = [attach(people, rows, "person_id", facts, doubt) for rows, facts, doubt in parts]
    return side_by_side(frames, "person_id")


def _cards(core: CoreAsOf) -> pl.DataFrame | None:
    roll = core.latest("disability_card")
    if roll is None:
        return None
    return roll.with_columns(
        pl.lit(True).alias("is_disabled"),
        pl.col("disability_grade_code").cast(pl.Int64).alias("disability_grade"),
        core.days_since("issue_date").alias("card_issued_days"),
        core.days_until("valid_until_date").alias("card_days_left"),
    )


def _illness(core: CoreAsOf) -> pl.DataFrame | None:
    events = core.last_rows("major_illness")
    if events is None:
        return None
    newest = (
        events.filter(pl.col("registered_date") <= core.as_of)
        .group_by("person_id")
        .agg(pl.col("registered_date").max())
    )
    return newest.select(
        "person_id",
        pl.lit(True).alias("has_major_illness"),
        core.days_since("registered_date").alias("illness_registered_days"),
    )


def _burden(core: CoreAsOf, months: int) -> pl.DataFrame | None:
    bills = settlement_net(core)
    if bills is None:
        return None
    window = bills.filter(pl.col("settlement_date") > months_before(core.as_of, months))
    sums = window.group_by("person_id").agg(pl.col("burden_fen").sum())
    # A reversal in the window of a bill before it must not eat up other bills below nothing.
    return sums.select("person_id", yuan(pl.col("burden_fen").clip(0)).alias("person_burden_12m_yuan"))


def _enrolment(core: CoreAsOf) -> pl.DataFrame | None:
    roll = core.latest("enrolment")
    if roll is None:
        return None
    return roll.with_columns(
        (pl.col("enrolment_status_code") == "active").alias("is_enrolled_medical"),
        core.days_until("paid_until_date").alias("medical_paid_days_left"),
        (pl.col("premium_subsidy_code") != "none").alias("has_premium_subsidy"),
    )
