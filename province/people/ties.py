"""Three kinds of household, as people move between them: registered together, one purse, one roof.

Houses are numbered: a home's own index, or `len(homes) + p` for the one that person `p` opened. The grown
children who keep house elsewhere marry each other and register apart, drawn from a generator of their own;
what the purse of a home holds does not change by it, since none of them lives from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from province.people.people import COUPLE, NUCLEAR, SINGLE, THREE
from province.people.rates import Rates
from province.people.world import FATHER, MOTHER, NEVER, Homes, People, Traits

if TYPE_CHECKING:
    from province.people.state import State
    from province.people.world import World

NOWHERE = -1  # outside the province, or not among the living
LUCKS = 4


@dataclass
class Ties:
    """House indices per person, and what changed. `roof` is NOWHERE for who lives outside the province."""

    hukou: np.ndarray  # p: the household somebody is registered in
    purse: np.ndarray  # p: the household whose purse somebody lives from, when alive and free
    roof: np.ndarray  # p: the house somebody sleeps in
    wed: np.ndarray  # p: married since the province began
    moved: np.ndarray  # p: day of the last change of the three (-NEVER: none)
    number_in_village: np.ndarray  # of every house: what its address ends with
    villages: pl.Series  # of every house
    luck: np.ndarray  # p x LUCKS: how police hear of where somebody lives
    home_luck: np.ndarray  # h: the same for what a family says together
    weddings: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    def registered_house(self, people: People) -> np.ndarray:
        """The house that somebody's registered address names: who registers apart keeps the old address."""
        own = self.hukou - (len(self.villages) - len(people))
        return np.where(own < 0, self.hukou, people.home[np.maximum(own, 0)])

    def village_of(self, house: np.ndarray) -> pl.Series:
        """Village codes of houses, null for NOWHERE."""
        frame = pl.DataFrame({"v": self.villages.gather(np.maximum(house, 0)), "is": house != NOWHERE})
        return frame.select(pl.when("is").then("v")).to_series()


def make_ties(homes: Homes, people: People, traits: Traits, rates: Rates, rng: np.random.Generator) -> Ties:
    """Everyone registered, fed and housed at home, but for the grown, the old next door and shared roofs."""
    home, first_own = people.home.astype(np.int64), len(homes)
    own = first_own + np.arange(len(people))
    split, luck = traits.split, rng.random((len(people), 2))
    roof = _shared_roofs(homes, rates, rng)[home]
    elder = np.isin(people.seat, [FATHER, MOTHER]) & (homes.shape == THREE)[home]
    elder &= (rng.random(first_own) < rates.elder_in_old_house)[home]
    first_elder = np.full(first_own, len(people))
    np.minimum.at(first_elder, home[elder], np.flatnonzero(elder))
    roof = np.where(elder, first_own + first_elder[home], roof)
    outside = split & (luck[:, 0] < rates.grown_outside)
    roof = np.where(split, np.where(outside, NOWHERE, own), roof)
    never = np.full(len(people), -NEVER, dtype=np.int64)
    villages = pl.concat([homes.village_code, _own_villages(homes, people, split, luck[:, 1], rates, rng)])
    return Ties(
        home.copy(), np.where(split, own, home), roof, np.zeros(len(people), bool), never,
        _numbers(villages), villages, rng.random((len(people), LUCKS)), rng.random(first_own),
    )  # fmt: skip


def _shared_roofs(homes: Homes, rates: Rates, rng: np.random.Generator) -> np.ndarray:
    """The house each home lives in: some old couples live under a young family's roof in their village."""
    lots = rng.random(len(homes))
    frame = pl.DataFrame({"home": np.arange(len(homes)), "village": homes.village_code, "shape": homes.shape})
    guests = frame.filter(pl.Series((homes.shape == COUPLE) & (lots < rates.couple_with_family)))
    hosts = frame.filter(pl.col("shape").is_in([NUCLEAR, SINGLE]))
    rank = pl.int_range(pl.len()).over("village").alias("rank")
    pairs = guests.with_columns(rank).join(hosts.with_columns(rank), on=["village", "rank"], suffix="_host")
    roof = np.arange(len(homes))
    roof[pairs["home"].to_numpy()] = pairs["home_host"].to_numpy()
    return roof


def _own_villages(
    homes: Homes, people: People, split: np.ndarray, luck: np.ndarray, rates: Rates, rng: np.random.Generator
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


def step(state: State, t: int, rng: np.random.Generator) -> None:
    """A month of weddings and of registering apart among the grown who keep house elsewhere."""
    people, ties, rates = state.world.people, state.world.ties, state.rates
    start, end = int(state.clock.starts[t]), int(state.clock.starts[t + 1])
    free = state.world.traits.split & (people.death > end) & (people.away > end) & (people.birth < start)
    free &= (people.prison_from == NEVER) & ~ties.wed
    day = rng.integers(start, end, len(people))
    luck = rng.random(len(people))
    registers = free & (ties.hukou == people.home) & (luck < rates.registers_apart)
    _register_apart(state, np.flatnonzero(registers), day)
    grooms = np.flatnonzero(free & (people.sex == 1) & (luck > 1 - rates.wedding_grown))
    brides = rng.permutation(np.flatnonzero(free & (people.sex == 2)))
    size = min(len(grooms), len(brides))
    grooms, brides = grooms[:size], brides[:size]
    apart = people.home[grooms] != people.home[brides]
    _wed(state, grooms[apart], brides[apart], day, rng)


def _register_apart(state: State, rows: np.ndarray, day: np.ndarray) -> None:
    ties = state.world.ties
    ties.hukou[rows] = len(state.world.homes) + rows
    ties.moved[rows] = day[rows]


def _wed(
    state: State, grooms: np.ndarray, brides: np.ndarray, day: np.ndarray, rng: np.random.Generator
) -> None:
    """The bride moves to him, in every respect; half of those still on his parents' number open their own."""
    ties = state.world.ties
    at_home = ties.hukou[grooms] == state.world.people.home[grooms]
    own = grooms[at_home & (rng.random(len(grooms)) < 0.5)]
    _register_apart(state, own, day)
    for place in (ties.hukou, ties.purse, ties.roof):
        place[brides] = place[grooms]
    ties.moved[brides] = day[grooms]
    ties.wed[grooms], ties.wed[brides] = True, True
    ties.weddings.append((grooms, brides, day[grooms]))
