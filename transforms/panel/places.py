"""Where a person or a household lives, and which minimum standard holds there.

place_of(frame, places) -> DataFrame            adds town_code, city_code, is_rural by village_code
tiers_frame(tiers: Mapping[str, int]) -> DataFrame     city_code, tier_code
household_places(core, members, spine, places, tiers) -> DataFrame
    household_id, town_code, village_code, place_tier_code, is_rural; one row per spine row

places  village_code, town_code (9 digits), city_code (4), is_rural
tiers   city_code (4), tier_code: the tiers that hold on the date (policies/parameters/place_tiers.yaml);
        every other city is tier four, split into t4_urban and t4_rural
"""

from __future__ import annotations

import polars as pl

from transforms.core_as_of import CoreAsOf


def place_of(frame: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Town and city are prefixes of the village's code; is_rural is null for an unlisted village."""
    rural = places.select("village_code", "is_rural").unique(
        "village_code", keep="first", maintain_order=True
    )
    frame = frame.join(rural, on="village_code", how="left", maintain_order="left")
    code = pl.col("village_code")
    return frame.with_columns(
        code.str.slice(0, 9).alias("town_code"), code.str.slice(0, 4).alias("city_code")
    )


def household_places(
    core: CoreAsOf,
    members: pl.DataFrame,
    spine: pl.DataFrame,
    places: pl.DataFrame,
    tiers: pl.DataFrame,
) -> pl.DataFrame:
    """The living head's village (else that of the first living member, else of any member).

    Civil affairs' own 城乡类别 decides town or country where the household is on its roll, since it is what
    the standard is applied by; the village's class decides otherwise.
    """
    order = members.with_columns(
        (pl.col("is_alive") == False).fill_null(False).alias("_dead"),  # noqa: E712
        (pl.col("relation_code") != "head").fill_null(True).alias("_not_head"),
    ).sort("household_id", "_dead", "_not_head", "person_id")
    village = (
        order.filter(pl.col("village_code").is_not_null())
        .group_by("household_id")
        .agg(pl.col("village_code").first())
    )
    frame = spine.join(village, on="household_id", how="left", maintain_order="left")
    frame = place_of(frame, places).join(_residence(core, members), on="household_id", how="left")
    frame = frame.with_columns(pl.coalesce("_rural", "is_rural").alias("is_rural"))
    frame = frame.join(
        tiers.select("city_code", "tier_code"), on="city_code", how="left", maintain_order="left"
    )
    by_class = (
        pl.when(pl.col("is_rural"))
        .then(pl.lit("t4_rural"))
        .when(~pl.col("is_rural"))
        .then(pl.lit("t4_urban"))
    )
    # Without a village the city is unknown, and 'every other city is tier four' must not be applied to it.
    tier = pl.when(pl.col("village_code").is_not_null()).then(pl.coalesce("tier_code", by_class))
    frame = frame.with_columns(tier.alias("place_tier_code")).sort("household_id")
    return frame.select("household_id", "town_code", "village_code", "place_tier_code", "is_rural")


def _residence(core: CoreAsOf, members: pl.DataFrame) -> pl.DataFrame:
    roll = core.latest("benefit_roll")
    if roll is None:
        return pl.DataFrame(schema={"household_id": pl.String, "_rural": pl.Boolean})
    rows = roll.filter(pl.col("residence_code").is_not_null()).join(
        members.select("person_id", "household_id"), on="person_id"
    )
    ordered = rows.sort("household_id", "is_head", "person_id", descending=[False, True, False])
    first = ordered.unique("household_id", keep="first", maintain_order=True)
    return first.select("household_id", (pl.col("residence_code") == "rural").alias("_rural"))
