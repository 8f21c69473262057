"""What each person is paid or listed for: social assistance, child welfare, elder care, poverty watch.

    welfare(core, people, as_of) -> DataFrame                 person_id + WELFARE facts, one row per person
    paid_rows(core, as_of) -> DataFrame | None                the benefit roll's lines in payment on the date

Absent from a delivered roll: codes 'none', amounts 0, flags false, days null. On the roll with a blank: null.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from transforms.core_as_of import (
    YUAN,
    Core,
    Fact,
    attach,
    days_since,
    doubtful,
    fen,
    latest,
    strict_sum,
    yuan,
)

ZERO = Decimal("0.00")
CHILD = (
    Fact("child_type_code", pl.String, "none"),
    Fact("child_living_yuan_month", YUAN, ZERO),
)
ELDER = (
    Fact("care_ability_code", pl.String, "none"),
    Fact("is_living_alone", pl.Boolean, False),
    Fact("elder_allowance_yuan_month", YUAN, ZERO),
    Fact("life_certified_days", pl.Int64),
)
BENEFIT = (
    Fact("benefit_category_code", pl.String, "none"),
    Fact("person_pay_yuan_month", YUAN, ZERO),
    Fact("benefit_months", pl.Int64, 0),
)
WATCH = (Fact("is_watched", pl.Boolean, False),)
# The strongest category speaks for a person listed under several.
CATEGORY_ORDER = {"tekun": 0, "dibao": 1, "single": 2, "marginal": 3, "rigid": 4}


def welfare(core: Core, people: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The four parts side by side; `people` is the spine."""
    parts = (
        (_children(core, as_of), CHILD, doubtful(core, "child_welfare", as_of)),
        (_elders(core, as_of), ELDER, doubtful(core, "elder_care", as_of)),
        (_benefits(core, as_of), BENEFIT, doubtful(core, "benefit_roll", as_of, _unstopped(as_of))),
        (_watched(core, as_of), WATCH, doubtful(core, "poverty_watch", as_of, ~pl.col("is_risk_cleared"))),
    )
    frames = [attach(people, rows, "person_id", facts, doubt) for rows, facts, doubt in parts]
    return pl.concat([frames[0], *(frame.drop("person_id") for frame in frames[1:])], how="horizontal")


def paid_rows(core: Core, as_of: date) -> pl.DataFrame | None:
    """Lines of the newest benefit roll that have started and not been stopped by the date."""
    roll = latest(core, "benefit_roll", as_of)
    if roll is None:
        return None
    return roll.filter((pl.col("start_month") <= as_of) & _unstopped(as_of))


def _unstopped(as_of: date) -> pl.Expr:
    return (pl.col("stop_date") > as_of).fill_null(True)


def _benefits(core: Core, as_of: date) -> pl.DataFrame | None:
    rows = paid_rows(core, as_of)
    if rows is None:
        return None
    rows = rows.with_columns(
        pl.col("category_code").replace_strict(CATEGORY_ORDER, default=9).alias("_order"),
        fen("person_pay_yuan_month").alias("_pay"),
    ).sort("person_id", "_order", "category_code")
    top = rows.group_by("person_id", maintain_order=True).agg(
        pl.col("category_code").first().alias("benefit_category_code"),
        pl.col("start_month").min(),
    )
    merged = top.join(strict_sum(rows, "person_id", ["_pay"]), on="person_id")
    start = pl.col("start_month")
    months = pl.lit(as_of.year * 12 + as_of.month) - (start.dt.year().cast(pl.Int64) * 12 + start.dt.month())
    return merged.with_columns(
        yuan(pl.col("_pay")).alias("person_pay_yuan_month"), months.alias("benefit_months")
    )


def _children(core: Core, as_of: date) -> pl.DataFrame | None:
    roll = latest(core, "child_welfare", as_of)
    return None if roll is None else roll.with_columns(child_living_yuan_month="basic_living_yuan_month")


def _elders(core: Core, as_of: date) -> pl.DataFrame | None:
    roll = latest(core, "elder_care", as_of)
    if roll is None:
        return None
    return roll.with_columns(
        pl.col("allowance_yuan_month").alias("elder_allowance_yuan_month"),
        days_since("last_certified_date", as_of).alias("life_certified_days"),
    )


def _watched(core: Core, as_of: date) -> pl.DataFrame | None:
    roll = latest(core, "poverty_watch", as_of)
    return None if roll is None else roll.with_columns((~pl.col("is_risk_cleared")).alias("is_watched"))
