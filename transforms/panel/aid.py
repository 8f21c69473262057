"""The help each household gets, since when and until when, and what it lost or was refused.

    aid(core, members, spine, definitions) -> DataFrame   household_id + AID facts

Nothing in payment or approved: 0. Never recognised, stopped, refused or approved, and no review due: null,
as when the source is unknown.
"""

from __future__ import annotations

import polars as pl

from policies.language.dates import months_before
from transforms.core_as_of import CoreAsOf
from transforms.expressions import YUAN, ZERO_YUAN, fen, strict_sum, yuan
from transforms.panel.facts import Fact, FactDefinitions, attach, living, side_by_side
from transforms.panel.welfare import CATEGORY_ORDER, paid_rows

UNIT_PAY = (Fact("unit_pay_yuan_month", YUAN, ZERO_YUAN),)
STOPPED = (Fact("benefit_stopped_days", pl.Int64),)
RECOGNISED = (Fact("recognised_days", pl.Int64),)
REVIEW = (Fact("review_days_left", pl.Int64),)
RELIEF = (
    Fact("relief_12m_yuan", YUAN, ZERO_YUAN),
    Fact("relief_refused_days", pl.Int64),
    Fact("relief_approved_days", pl.Int64),
)
# Lines of 单人户 make the tier of a marginal family, as in policies/definitions/assistance.yaml.
TIER_ORDER = CATEGORY_ORDER | {"single": CATEGORY_ORDER["marginal"]}


def aid(
    core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame, definitions: FactDefinitions
) -> pl.DataFrame:
    """One row per spine row."""
    membership = members.select("person_id", "household_id")
    doubt = members.filter(pl.col("benefit_category_code").is_null()).select("household_id").unique()
    paid = paid_rows(core)
    relief = _relief(core, membership, definitions.relief_window_months)
    sections = [
        attach(spine, _pay(paid, membership), "household_id", UNIT_PAY, doubt),
        attach(spine, _stopped(core, paid, members), "household_id", STOPPED),
        attach(spine, _recognised(core, paid, members), "household_id", RECOGNISED),
        attach(spine, _review(core, paid, membership), "household_id", REVIEW),
        attach(spine, relief, "household_id", RELIEF),
    ]
    return side_by_side(sections, "household_id")


def _pay(paid: pl.DataFrame | None, membership: pl.DataFrame) -> pl.DataFrame | None:
    """The unit's pay is repeated on each member's line: count every unit once."""
    if paid is None:
        return None
    units = (
        paid.join(membership, on="person_id")
        .group_by("household_id", "unit_no")
        .agg(fen("unit_pay_yuan_month").max().alias("_pay"))
    )
    sums = strict_sum(units.sort("household_id"), "household_id", ["_pay"])
    return sums.select("household_id", yuan(pl.col("_pay")).alias("unit_pay_yuan_month"))


def _recognised(core: CoreAsOf, paid: pl.DataFrame | None, members: pl.DataFrame) -> pl.DataFrame | None:
    """Days since the household became what it now is: the first start among the lines that make its tier.

    As the tier does, this looks at living members only. A newborn's line starts later than the household's.
    """
    if paid is None:
        return None
    tier = pl.col("category_code").replace_strict(TIER_ORDER, default=None, return_dtype=pl.Int64)
    lines = paid.join(living(members).select("person_id", "household_id"), on="person_id")
    top = lines.with_columns(tier.alias("_tier")).filter(
        pl.col("_tier") == pl.col("_tier").min().over("household_id")
    )
    starts = top.group_by("household_id").agg(pl.col("start_month").min())
    return starts.select("household_id", core.days_since("start_month").alias("recognised_days"))


def _review(core: CoreAsOf, paid: pl.DataFrame | None, membership: pl.DataFrame) -> pl.DataFrame | None:
    """Days until the first review due of any line still in payment, a dead member's too."""
    if paid is None:
        return None
    due = paid.join(membership, on="person_id").group_by("household_id").agg(pl.col("review_due_date").min())
    return due.select("household_id", core.days_until("review_due_date").alias("review_days_left"))


def _stopped(core: CoreAsOf, paid: pl.DataFrame | None, members: pl.DataFrame) -> pl.DataFrame | None:
    """The newest stop of a living member's benefit that no later grant has made good.

    A stop on death is no refusal of help, and a stop followed by a new start in that month or later is over.
    Read over all deliveries, since a stopped line may leave the roll a month later.
    """
    rolls = core.ever_reported("benefit_roll", ("stop_date", "stop_reason_code"))
    if rolls is None or paid is None:
        return None
    alive = members.filter(pl.col("is_alive").fill_null(True)).select("person_id", "household_id")
    against = (pl.col("stop_reason_code") != "death").fill_null(True) & (pl.col("stop_date") <= core.as_of)
    stops = (
        rolls.filter(against)
        .join(alive, on="person_id")
        .group_by("household_id")
        .agg(pl.col("stop_date").max())
    )
    # A grant in the month of the stop or later made it good.
    starts = paid.join(alive, on="person_id").group_by("household_id").agg(pl.col("start_month").max())
    left = stops.join(starts, on="household_id", how="left")
    left = left.filter((pl.col("start_month") < pl.col("stop_date").dt.month_start()).fill_null(True))
    return left.select("household_id", core.days_since("stop_date").alias("benefit_stopped_days"))


def _relief(core: CoreAsOf, membership: pl.DataFrame, months: int) -> pl.DataFrame | None:
    """Temporary relief by decision; an application without a decision date counts on its own date."""
    cases = core.last_rows("temporary_relief")
    if cases is None:
        return None
    cases = cases.with_columns(pl.coalesce("decided_date", "applied_date").alias("_on"))
    cases = cases.filter(pl.col("_on") <= core.as_of).join(membership, on="person_id").sort("household_id")
    approved, refused = (pl.col("decision_code") == code for code in ("approved", "refused"))
    paid = cases.with_columns(
        pl.when(approved & (pl.col("_on") > months_before(core.as_of, months)))
        .then(fen("relief_yuan"))
        .otherwise(0)
        .alias("_paid")
    )
    dates = paid.group_by("household_id").agg(
        pl.col("_on").filter(refused).max().alias("_refused"),
        pl.col("_on").filter(approved).max().alias("_approved"),
    )
    return (
        strict_sum(paid, "household_id", ["_paid"])
        .join(dates, on="household_id")
        .select(
            "household_id",
            yuan(pl.col("_paid")).alias("relief_12m_yuan"),
            core.days_since("_refused").alias("relief_refused_days"),
            core.days_since("_approved").alias("relief_approved_days"),
        )
    )
