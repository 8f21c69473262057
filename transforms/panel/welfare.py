"""What each person is paid or listed for: social assistance, child welfare, elder care, poverty watch.

    welfare(core, people) -> DataFrame          person_id + WELFARE facts, one row per person
    paid_rows(core) -> DataFrame | None         the benefit roll's lines in payment on the date

Absent from a delivered roll: codes 'none', amounts 0, flags false, days null. On the roll with a blank: null.
"""

from __future__ import annotations

import polars as pl

from transforms.core_as_of import CoreAsOf
from transforms.expressions import YUAN, ZERO_YUAN, fen, strict_sum, yuan
from transforms.panel.facts import Fact, attach, side_by_side

CHILD = (
    Fact("child_type_code", pl.String, "none"),
    Fact("child_living_yuan_month", YUAN, ZERO_YUAN),
)
ELDER = (
    Fact("care_ability_code", pl.String, "none"),
    Fact("is_living_alone", pl.Boolean, False),
    Fact("elder_allowance_yuan_month", YUAN, ZERO_YUAN),
    Fact("life_certified_days", pl.Int64),
)
BENEFIT = (
    Fact("benefit_category_code", pl.String, "none"),
    Fact("person_pay_yuan_month", YUAN, ZERO_YUAN),
    Fact("benefit_months", pl.Int64, 0),
)
WATCH = (Fact("is_watched", pl.Boolean, False),)
# A person listed under several categories is shown under the strongest.
CATEGORY_ORDER = {"tekun": 0, "dibao": 1, "single": 2, "marginal": 3, "rigid": 4}


def welfare(core: CoreAsOf, people: pl.DataFrame) -> pl.DataFrame:
    """The four parts side by side; `people` is the spine."""
    at_risk = ~pl.col("is_risk_cleared")
    parts = (
        (_children(core), CHILD, core.doubtful("child_welfare")),
        (_elders(core), ELDER, core.doubtful("elder_care")),
        (_benefits(core), BENEFIT, core.doubtful("benefit_roll", _unstopped(core))),
        (_watched(core), WATCH, core.doubtful("poverty_watch", at_risk)),
    )
    frames = [attach(people, rows, "person_id", facts, doubt) for rows, facts, doubt in parts]
    return side_by_side(frames, "person_id")


def paid_rows(core: CoreAsOf) -> pl.DataFrame | None:
    """Lines of the newest benefit roll that have started and not been stopped by the date."""
    roll = core.latest("benefit_roll")
    if roll is None:
        return None
    return roll.filter((pl.col("start_month") <= core.as_of) & _unstopped(core))


def _unstopped(core: CoreAsOf) -> pl.Expr:
    return (pl.col("stop_date") > core.as_of).fill_null(True)


def _benefits(core: CoreAsOf) -> pl.DataFrame | None:
    rows = paid_rows(core)
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
    # The category is the strongest one, the pay that of all categories together.
    merged = top.join(strict_sum(rows, "person_id", ["_pay"]), on="person_id")
    start, now = pl.col("start_month"), core.as_of
    months = pl.lit(now.year * 12 + now.month) - (start.dt.year().cast(pl.Int64) * 12 + start.dt.month())
    return merged.with_columns(
        yuan(pl.col("_pay")).alias("person_pay_yuan_month"), months.alias("benefit_months")
    )


def _children(core: CoreAsOf) -> pl.DataFrame | None:
    roll = core.latest("child_welfare")
    return None if roll is None else roll.with_columns(child_living_yuan_month="basic_living_yuan_month")


def _elders(core: CoreAsOf) -> pl.DataFrame | None:
    roll = core.latest("elder_care")
    if roll is None:
        return None
    return roll.with_columns(
        pl.col("allowance_yuan_month").alias("elder_allowance_yuan_month"),
        core.days_since("last_certified_date").alias("life_certified_days"),
    )


def _watched(core: CoreAsOf) -> pl.DataFrame | None:
    roll = core.latest("poverty_watch")
    return None if roll is None else roll.with_columns((~pl.col("is_risk_cleared")).alias("is_watched"))
