"""The roof: disasters, rent arrears, the house's grade.

    house(core, members, spine, as_of) -> DataFrame   household_id + HOUSE facts

No disaster on record: code 'none', loss 0, days null. No housing case: grade 'none', arrears 0.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from .frames import YUAN, Core, Fact, attach, days_since, last_rows, latest

ZERO = Decimal("0.00")
DISASTER = (
    Fact("disaster_days", pl.Int64),
    Fact("house_damage_code", pl.String, "none"),
    Fact("disaster_loss_yuan", YUAN, ZERO),
)
HOUSING = (Fact("rent_arrears_month_cnt", pl.Int64, 0), Fact("house_grade_code", pl.String, "none"))
DAMAGE_ORDER = {"collapsed": 0, "severe": 1, "slight": 2, "none": 3}


def house(core: Core, members: pl.DataFrame, spine: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row per spine row."""
    homes = members.select("person_id", "household_id")
    damage = attach(spine, _disasters(core, homes, as_of), "household_id", DISASTER)
    cases = attach(spine, _cases(core, homes, as_of), "household_id", HOUSING)
    return pl.concat([damage, cases.drop("household_id")], how="horizontal")


def _disasters(core: Core, homes: pl.DataFrame, as_of: date) -> pl.DataFrame | None:
    """The newest disaster; of several on one day the worst damage."""
    events = last_rows(core, "disaster", as_of)
    if events is None:
        return None
    rows = events.filter(pl.col("disaster_date") <= as_of).join(homes, on="person_id")
    worst = pl.col("house_damage_code").replace_strict(DAMAGE_ORDER, default=9).alias("_worst")
    rows = rows.with_columns(worst).sort(
        "household_id", "disaster_date", "_worst", "event_no", descending=[False, True, False, False]
    )
    newest = rows.unique("household_id", keep="first", maintain_order=True)
    return newest.select(
        "household_id",
        days_since("disaster_date", as_of).alias("disaster_days"),
        "house_damage_code",
        pl.col("loss_yuan").alias("disaster_loss_yuan"),
    )


def _cases(core: Core, homes: pl.DataFrame, as_of: date) -> pl.DataFrame | None:
    """The longest arrears and the worst grade (A best, D worst) among the household's housing cases."""
    roll = latest(core, "housing_security", as_of)
    if roll is None:
        return None
    cases = roll.join(homes, on="person_id").group_by("household_id")
    return cases.agg(pl.col("rent_arrears_month_cnt").max(), pl.col("house_grade_code").max())
