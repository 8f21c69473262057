"""Where each household lives, and whether that is town or country.

    household_places(core, members, spine, places) -> DataFrame
        household_id, town_code, village_code, is_rural; one row per spine row

places  village_code, town_code (9 digits), is_rural
"""

from __future__ import annotations

import polars as pl

from transforms.core_as_of import CoreAsOf


def household_places(
    core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame, places: pl.DataFrame
) -> pl.DataFrame:
    """The living head's village (else that of the first living member, else of any member).

    Civil affairs' own 城乡类别 decides town or country where the household is on its roll, since it is what
    the standard is applied by; the village's class decides otherwise, and nothing for a village not listed.
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
    rural = places.select("village_code", "is_rural").unique(
        "village_code", keep="first", maintain_order=True
    )
    frame = frame.join(rural, on="village_code", how="left", maintain_order="left")
    frame = frame.join(_residence(core, members), on="household_id", how="left").sort("household_id")
    return frame.select(
        "household_id",
        pl.col("village_code").str.slice(0, 9).alias("town_code"),
        "village_code",
        pl.coalesce("_rural", "is_rural").alias("is_rural"),
    )


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
