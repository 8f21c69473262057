"""Housing: disasters, how a dwelling is secured, rent arrears, the building's grade.

    housing(core, members, spine) -> DataFrame   household_id + HOUSING facts

No disaster on record: code 'none', loss and relief 0, days null. No housing case: codes 'none', arrears and
subsidy 0.
"""

from __future__ import annotations

import polars as pl

from transforms.core_as_of import NEWEST_LAST, CoreAsOf
from transforms.expressions import YUAN, ZERO_YUAN, fen, strict_sum, yuan
from transforms.panel.facts import Fact, attach, side_by_side

DISASTER = (
    Fact("disaster_days", pl.Int64),
    Fact("house_damage_code", pl.String, "none"),
    Fact("disaster_loss_yuan", YUAN, ZERO_YUAN),
    Fact("disaster_relief_yuan", YUAN, ZERO_YUAN),
)
CASE = (
    Fact("rent_arrears_month_cnt", pl.Int64, 0),
    Fact("house_grade_code", pl.String, "none"),
    Fact("housing_aid_code", pl.String, "none"),
    Fact("rent_subsidy_yuan_month", YUAN, ZERO_YUAN),
)
DAMAGE_ORDER = {"collapsed": 0, "severe": 1, "slight": 2, "none": 3}
# Of several cases the one is shown that most rules out further help: who lives in a public flat is housed,
# who draws a subsidy may still be given a flat instead, and a repair was done once and rules out neither.
AID_ORDER = {"public_rental": 0, "rent_subsidy": 1, "dangerous_house": 2}


def housing(core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame) -> pl.DataFrame:
    """One row per spine row."""
    membership = members.select("person_id", "household_id")
    damage = attach(spine, _disasters(core, membership), "household_id", DISASTER)
    cases = attach(spine, _cases(core, membership), "household_id", CASE)
    return side_by_side([damage, cases], "household_id")


def _disasters(core: CoreAsOf, membership: pl.DataFrame) -> pl.DataFrame | None:
    """The newest disaster; of several on one day the worst damage."""
    events = core.last_rows("disaster")
    if events is None:
        return None
    rows = events.filter(pl.col("disaster_date") <= core.as_of).join(membership, on="person_id")
    worst = pl.col("house_damage_code").replace_strict(DAMAGE_ORDER, default=9).alias("_worst")
    order = ("household_id", "disaster_date", "_worst", *NEWEST_LAST)
    rows = rows.with_columns(worst).sort(*order, descending=[name == "disaster_date" for name in order])
    newest = rows.unique("household_id", keep="first", maintain_order=True)
    return newest.select(
        "household_id",
        core.days_since("disaster_date").alias("disaster_days"),
        "house_damage_code",
        pl.col("loss_yuan").alias("disaster_loss_yuan"),
        pl.col("relief_yuan").alias("disaster_relief_yuan"),
    )


def _cases(core: CoreAsOf, membership: pl.DataFrame) -> pl.DataFrame | None:
    """The longest arrears, the worst grade (A best, D worst), the first aid in order and all rent subsidies.

    A blank amount on a case of another kind than a subsidy is no subsidy; on a subsidy it is unknown.
    """
    roll = core.latest("housing_security")
    if roll is None:
        return None
    kind, subsidy = pl.col("housing_type_code"), fen("rent_subsidy_yuan_month")
    rows = roll.join(membership, on="person_id").with_columns(
        kind.replace_strict(AID_ORDER, default=9).alias("_order"),
        pl.when(subsidy.is_null() & (kind != "rent_subsidy")).then(0).otherwise(subsidy).alias("_subsidy"),
    )
    cases = rows.group_by("household_id").agg(
        pl.col("rent_arrears_month_cnt").max(),
        pl.col("house_grade_code").max(),
        kind.sort_by("_order", kind).first().alias("housing_aid_code"),
    )
    subsidies = strict_sum(rows, "household_id", ["_subsidy"])
    merged = cases.join(subsidies, on="household_id")
    return merged.with_columns(yuan(pl.col("_subsidy")).alias("rent_subsidy_yuan_month"))
