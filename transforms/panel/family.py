"""The tier of each household's social assistance, and what it lost: a worker, a breadwinner.

    family(core, members, spine, definitions) -> DataFrame   household_id + FAMILY facts
    living(members) -> DataFrame                                    members alive and not moved out

`members` is the persons panel cut to people with a household. Who its members are made up of is counted by
definitions (policies/definitions/family.yaml).
"""

from __future__ import annotations

import polars as pl

from policies.language.dates import years_between
from transforms.core_as_of import CoreAsOf
from transforms.panel.facts import Fact, FactDefinitions, attach, side_by_side
from transforms.panel.pension import paying_before
from transforms.panel.welfare import CATEGORY_ORDER

# 单人户 leaves the family where it was: on the margin. The order is CATEGORY_ORDER's.
TIER_OF = {"tekun": "tekun", "dibao": "dibao", "single": "marginal", "marginal": "marginal", "rigid": "rigid"}


def living(members: pl.DataFrame) -> pl.DataFrame:
    """Members in the household now, as policies/definitions/family.yaml says."""
    return members.filter("is_member")


def family(
    core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame, definitions: FactDefinitions
) -> pl.DataFrame:
    """One row per spine row."""
    sections = [
        attach(spine, _tiers(living(members)), "household_id", [Fact("tier_code", pl.String)]),
        _previous_workers(core, members, spine),
        _breadwinners(core, members, spine, definitions),
    ]
    return side_by_side(sections, "household_id")


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
