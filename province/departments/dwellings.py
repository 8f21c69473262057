"""What the police have heard of where people really live: blanks, places of the past, typists' ways.

    dwelling_columns(now, rows) -> {"dwelling_village_code": Series, "dwelling_address": Series}
    addresses(ties, houses) -> Series   the plain address of each house, as it is registered

Both columns blank means: as registered. Most who do live there are blank; of those who live elsewhere most
are written down, some still with the registered place, some not at all. Who lives outside the province has
an address without a village, or nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from divisions import villages
from province.departments.layout import wide
from province.departments.seen import Moment, labels
from province.people.world import NOWHERE, Ties

_PROVINCES = ["广西壮族自治区", "湖南省", "江西省", "福建省", "海南省", "浙江省"]


@cache
def _village_names() -> pl.DataFrame:
    return villages().select(pl.col("village_code").alias("v"), pl.col("village_name").alias("name"))


def addresses(ties: Ties, houses: np.ndarray) -> pl.Series:
    """第…村居…号 of each house; null for NOWHERE."""
    frame = pl.DataFrame({"v": ties.village_of(houses), "n": ties.number_in_village[np.maximum(houses, 0)]})
    plain = pl.format("第{}村居{}号", pl.col("v").str.tail(3), pl.col("n"))
    return frame.select(pl.when(pl.col("v").is_not_null()).then(plain)).to_series()


def dwelling_columns(now: Moment, rows: np.ndarray) -> dict[str, pl.Series]:
    """The two columns for some persons; what is known of somebody stays until a move changes it."""
    world, rates = now.state.world, now.state.rates
    ties, people = world.ties, world.people
    dwelling, registered = ties.dwelling[rows], ties.registered_house(people)[rows]
    alone = world.traits.split[rows]
    known = np.where(alone, ties.luck[rows, 0], ties.home_luck[people.home[rows]])
    elsewhere, outside = dwelling != registered, dwelling == NOWHERE
    stale = (
        elsewhere
        & (known >= rates.dwelling_reported)
        & (known < rates.dwelling_reported + rates.dwelling_stale)
    )
    written = np.where(
        elsewhere, known < rates.dwelling_reported, ties.luck[rows, 1] < rates.dwelling_repeated
    )
    house = np.where(stale, registered, np.where(written & ~outside, dwelling, NOWHERE))
    far = labels(_PROVINCES, (ties.luck[rows, 2] * len(_PROVINCES)).astype(int))
    frame = pl.DataFrame({
        "v": ties.village_of(house), "a": addresses(ties, house), "far": far,
        "is_far": outside & written, "luck": ties.luck[rows, 3],
    }).join(_village_names(), on="v", how="left", maintain_order="left")  # fmt: skip
    written = pl.when("is_far").then("far").otherwise(_as_typed(pl.col("a"), pl.col("name"), pl.col("luck")))
    both = frame.select(dwelling_village_code="v", dwelling_address=written)
    return {name: both[name] for name in both.columns}


def _as_typed(address: pl.Expr, village: pl.Expr, luck: pl.Expr) -> pl.Expr:
    """One of the ways in which the same address is typed."""
    old_form = address.str.replace("号", "號", literal=True)
    spaced = address.str.replace("村居", "村居 ", literal=True).str.replace("号", " 号", literal=True)
    return (
        pl.when(luck < 0.40).then(address)
        .when(luck < 0.55).then(wide(address))
        .when(luck < 0.70).then(old_form)
        .when(luck < 0.85).then(pl.concat_str(village, address))
        .otherwise(spaced)
    )  # fmt: skip
