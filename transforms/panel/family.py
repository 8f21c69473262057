"""Who makes up each household, and its tier of social assistance.

    family(core, members, spine, definitions) -> DataFrame   household_id + FAMILY facts
    living(members) -> DataFrame                                    members alive and not moved out

`members` is the persons panel cut to people with a household. Counts are of living members who have not moved
out; a count is null when its source was never delivered or when any such member's own fact is null (a child
of unknown age is neither counted nor left out in silence).
"""

from __future__ import annotations

import polars as pl

from policies.language.dates import years_between
from transforms.core_as_of import CoreAsOf
from transforms.expressions import strict_sum
from transforms.panel.facts import Fact, FactDefinitions, attach, side_by_side
from transforms.panel.pension import paying_before
from transforms.panel.welfare import CATEGORY_ORDER

COUNTS = ["adult_cnt", "elder_cnt", "child_cnt", "worker_cnt", "disabled_cnt", "severe_disabled_cnt"]
COUNTS += ["major_illness_cnt"]
# A household without a living member has none of anything.
COUNT_FACTS = [Fact(name, pl.Int64, 0) for name in ("member_cnt", *COUNTS)]
# 单人户 leaves the family where it was: on the margin. The order is CATEGORY_ORDER's.
TIER_OF = {"tekun": "tekun", "dibao": "dibao", "single": "marginal", "marginal": "marginal", "rigid": "rigid"}


def living(members: pl.DataFrame) -> pl.DataFrame:
    """Members in the household now: not known to be dead, not moved out."""
    alive = pl.col("is_alive").fill_null(True)
    return members.filter(alive & (pl.col("registration_status_code") != "moved_out").fill_null(True))


def family(
    core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame, definitions: FactDefinitions
) -> pl.DataFrame:
    """One row per spine row."""
    now = living(members)
    sections = [
        attach(spine, _tiers(now), "household_id", [Fact("tier_code", pl.String)]),
        attach(spine, _counts(core, now, definitions), "household_id", COUNT_FACTS),
        _previous_workers(core, members, spine),
        _breadwinners(core, members, spine, definitions),
    ]
    frame = side_by_side(sections, "household_id")
    # Of a household without a living member it is not said that it is elders only: there is nobody to visit.
    known = pl.col("elder_cnt").is_not_null() & pl.col("member_cnt").is_not_null()
    elders = (pl.col("member_cnt") > 0) & (pl.col("elder_cnt") == pl.col("member_cnt"))
    return frame.with_columns(pl.when(known).then(elders).alias("is_elder_only"))


def _tiers(now: pl.DataFrame) -> pl.DataFrame:
    """The strongest category of any living member; below it 'watch'; 'none' needs both rolls known."""
    order = pl.col("benefit_category_code").replace_strict(
        CATEGORY_ORDER, default=None, return_dtype=pl.Int64
    )
    names = {rank: TIER_OF[code] for code, rank in CATEGORY_ORDER.items()}
    top = now.group_by("household_id").agg(
        order.min().replace_strict(names, default=None, return_dtype=pl.String).alias("tier"),
        pl.col("benefit_category_code").is_null().any().alias("roll_unknown"),
        pl.col("is_watched").any(ignore_nulls=False).alias("watched"),
    )
    below = pl.when(pl.col("watched")).then(pl.lit("watch")).when(~pl.col("watched")).then(pl.lit("none"))
    tier = pl.coalesce("tier", pl.when(~pl.col("roll_unknown")).then(below))
    return top.select("household_id", tier.alias("tier_code"))


def _counts(core: CoreAsOf, now: pl.DataFrame, definitions: FactDefinitions) -> pl.DataFrame | None:
    if core.cut(core.register) is None:
        return None
    age, elder = pl.col("age_years"), definitions.elder_from_years
    flags = now.select(
        "household_id",
        ((age >= definitions.adult_from_years) & (age < elder)).cast(pl.Int64).alias("adult_cnt"),
        (age >= elder).cast(pl.Int64).alias("elder_cnt"),
        (age < definitions.adult_from_years).cast(pl.Int64).alias("child_cnt"),
        pl.col("is_working").cast(pl.Int64).alias("worker_cnt"),
        pl.col("is_disabled").cast(pl.Int64).alias("disabled_cnt"),
        pl.col("is_severe_disabled").cast(pl.Int64).alias("severe_disabled_cnt"),
        pl.col("has_major_illness").cast(pl.Int64).alias("major_illness_cnt"),
    )
    sizes = now.group_by("household_id").agg(pl.len().cast(pl.Int64).alias("member_cnt"))
    return sizes.join(strict_sum(flags, "household_id", COUNTS), on="household_id")


def _previous_workers(core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame) -> pl.DataFrame:
    """Members in work one roll earlier, the dead included: a worker's death is a loss of the last worker."""
    before = paying_before(core)
    if before is not None:
        paying = members.join(before, on="person_id", how="semi").group_by("household_id")
        before = paying.agg(pl.len().alias("worker_previous_cnt"))
    return attach(spine, before, "household_id", [Fact("worker_previous_cnt", pl.Int64, 0)])


def _breadwinners(
    core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame, definitions: FactDefinitions
) -> pl.DataFrame:
    """Days since the latest death of a member who died at working age."""
    roll = core.last_rows(core.register)
    if roll is not None:
        dead = members.filter(pl.col("death_date").is_not_null())
        aged = dead.join(roll.select("person_id", "birth_date"), on="person_id")
        age = years_between(pl.col("birth_date"), pl.col("death_date"))
        lost = aged.filter((age >= definitions.adult_from_years) & (age < definitions.elder_from_years))
        roll = lost.group_by("household_id").agg(pl.col("death_days").min().alias("breadwinner_died_days"))
    return attach(spine, roll, "household_id", [Fact("breadwinner_died_days", pl.Int64)])
