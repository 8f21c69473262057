"""Three kinds of household, as people move between them: one register, one assistance unit, one dwelling.

Houses are numbered: a home's own index, or `len(homes) + p` for the one that person `p` opened. The grown
children who keep house elsewhere marry each other and register apart (`life/weddings.py`); a home's income
does not change by it, since none of them counts in its assistance unit.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from province.people.family import COUPLE, FATHER, MOTHER, NUCLEAR, SINGLE, THREE
from province.people.rates import Rates
from province.people.world import NEVER, NOWHERE, Homes, People, Ties, Traits, World

_DRAWS = 4  # fixed uniform draws per person


def make_ties(homes: Homes, people: People, traits: Traits, rates: Rates, rng: np.random.Generator) -> Ties:
    """Everyone registered, fed and housed at home, but for the grown, the old next door, shared houses."""
    home, first_own = people.home.astype(np.int64), len(homes)
    own = first_own + np.arange(len(people))
    split, luck = traits.split, rng.random((len(people), 2))
    dwelling = _shared_dwellings(homes, rates, rng)[home]
    elder = np.isin(people.seat, [FATHER, MOTHER]) & (homes.shape == THREE)[home]
    elder &= (rng.random(first_own) < rates.elder_in_old_house)[home]
    first_elder = np.full(first_own, len(people))
    np.minimum.at(first_elder, home[elder], np.flatnonzero(elder))
    dwelling = np.where(elder, first_own + first_elder[home], dwelling)
    outside = split & (luck[:, 0] < rates.grown_outside)
    dwelling = np.where(split, np.where(outside, NOWHERE, own), dwelling)
    never = np.full(len(people), -NEVER, dtype=np.int64)
    villages = pl.concat(
        [homes.village_code, _own_villages(homes, people, split, luck=luck[:, 1], rates=rates, rng=rng)]
    )
    return Ties(
        hukou=home.copy(),
        unit=np.where(split, own, home),
        dwelling=dwelling,
        wed=np.zeros(len(people), bool),
        moved=never,
        number_in_village=_numbers(villages),
        villages=villages,
        luck=rng.random((len(people), _DRAWS)),
        home_luck=rng.random(first_own),
    )


def _shared_dwellings(homes: Homes, rates: Rates, rng: np.random.Generator) -> np.ndarray:
    """The house each home lives in: some old couples live in a young family's house of their village."""
    lots = rng.random(len(homes))
    frame = pl.DataFrame({"home": np.arange(len(homes)), "village": homes.village_code, "shape": homes.shape})
    guests = frame.filter(pl.Series((homes.shape == COUPLE) & (lots < rates.couple_with_family)))
    hosts = frame.filter(pl.col("shape").is_in([NUCLEAR, SINGLE]))
    rank = pl.int_range(pl.len()).over("village").alias("rank")
    pairs = guests.with_columns(rank).join(hosts.with_columns(rank), on=["village", "rank"], suffix="_host")
    dwelling = np.arange(len(homes))
    dwelling[pairs["home"].to_numpy()] = pairs["home_host"].to_numpy()
    return dwelling


def _own_villages(
    homes: Homes,
    people: People,
    split: np.ndarray,
    *,
    luck: np.ndarray,
    rates: Rates,
    rng: np.random.Generator,
) -> pl.Series:
    """Where each person's own house would stand: the grown in their town or another, the old next door."""
    order = np.argsort(homes.town, kind="stable")
    sizes = np.bincount(homes.town)
    begin = np.cumsum(sizes) - sizes
    town = homes.town[people.home]
    draw = rng.random(len(people))
    near = order[begin[town] + (draw * sizes[town]).astype(int)]
    far = (draw * len(homes)).astype(int)
    like = np.where(split, np.where(luck < rates.grown_in_town, near, far), people.home)
    return homes.village_code.gather(like)


def _numbers(villages: pl.Series) -> np.ndarray:
    """The number of each house within its village."""
    frame = villages.alias("v").to_frame()
    return frame.select(pl.int_range(1, pl.len() + 1).over("v")).to_series().to_numpy()


def house_keys(world: World, houses: np.ndarray) -> pl.Series:
    """A text for each house: a home's first household number, or the number of the house a person opened."""
    people, numbers, first_own = world.people, world.homes.household_no, len(world.homes)
    own = np.maximum(houses - first_own, 0)
    town = numbers.gather(np.where(houses < first_own, houses, people.home[own]))
    frame = pl.DataFrame({"no": town, "own": own + 1, "is_own": houses >= first_own})
    opened = pl.col("no").str.head(9) + pl.lit("2") + pl.col("own").cast(pl.String).str.zfill(6)
    return frame.select(pl.when("is_own").then(opened).otherwise("no")).to_series()
