"""Weddings, and registering apart, among the grown children who keep house elsewhere."""

from __future__ import annotations

import numpy as np

from province.people.state import State
from province.people.world import NEVER


def weddings(state: State, t: int, rng: np.random.Generator) -> None:
    """A month of weddings and of registering apart; `rng` is theirs alone, so nothing else moves by it."""
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
    for place in (ties.hukou, ties.unit, ties.dwelling):
        place[brides] = place[grooms]
    ties.moved[brides] = day[grooms]
    ties.wed[grooms], ties.wed[brides] = True, True
    ties.weddings.append((grooms, brides, day[grooms]))
