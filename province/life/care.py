"""Who cannot do without somebody else's care, and who has nobody: hardship that no income shows.

A child whose parents are dead, held or unable is cared for where another able adult keeps house with it; an
old person alone who cannot manage is not. For some of the others kin or a neighbour steps in at once, for
some a service or a named guardian later; the rest lack care, money or not.
"""

from __future__ import annotations

import numpy as np

from province.people.state import State
from province.people.traits import is_severe
from province.people.world import CHILD, ELDER, NEVER, TEKUN


def lacking(state: State, t: int, age: np.ndarray, category: np.ndarray, child_roll: np.ndarray) -> None:
    """Set `needs_care`, `cared_for` and `lacks` as they are at the end of the month.

    category    roll category per household: tekun units are given care with their money
    child_roll  per person, 0 where civil affairs has not recognised the child: who is on it gets a guardian
    """
    rng, rates = state.rng, state.rates
    _grow_frail(state, age)
    day = int(state.clock.starts[t + 1]) - 1
    alone = _elders(state, day, age) & (category != TEKUN)
    child = _children(state, day, age)
    needs = child | alone
    luck, later = rng.random(len(needs)), rng.random(len(needs))
    at_once = needs & ~state.needs_care & (luck < np.where(state.world.homes.kin, *rates.care_at_once))
    pace = np.where(state.per_home(child_roll > 0) > 0, rates.care_by_guardian, rates.care_found)
    state.cared_for = needs & (state.cared_for | at_once | (later < pace))
    state.needs_care = needs
    bare = needs & ~state.cared_for
    state.lacks = np.where(bare, np.where(child, CHILD, ELDER), 0).astype(np.int8)
    state.drivers[bare & child, CHILD] += 0.6
    state.drivers[bare & ~child, ELDER] += 0.6


def _grow_frail(state: State, age: np.ndarray) -> None:
    """The old lose strength bit by bit."""
    ability = state.world.traits.ability
    pace = state.rates.frailty * np.where(age >= 80, 2.0, age >= 70)
    ability[:] = np.minimum(ability + (state.rng.random(len(age)) < pace), 2)


def _elders(state: State, day: int, age: np.ndarray) -> np.ndarray:
    """Households of one old person who cannot manage alone; one who can in part may still fail at eighty."""
    traits = state.world.traits
    partly = (traits.ability == 1) & (age >= 80) & (traits.luck[:, 14] < state.rates.partly_fails)
    frail = state.in_unit(day) & (age >= 60) & ((traits.ability == 2) | partly)
    return (state.per_home(frail) > 0) & (state.per_home(state.in_unit(day)) == 1)


def _children(state: State, day: int, age: np.ndarray) -> np.ndarray:
    """Households with a child whose parents cannot care for it and no other able adult at home."""
    people, traits = state.world.people, state.world.traits
    ill = (state.ill_from <= day) & (traits.luck[:, 15] < state.rates.illness_stops_work)
    severe = is_severe(traits.disability_type, traits.disability_grade) & (traits.card_issue <= day)
    held = (people.prison_from <= day) & (people.prison_until > day)
    well = (people.death > day) & (people.away == NEVER) & ~held & ~severe & (traits.ability < 2)
    able = well & ~ill & (age >= 18) & (age < 70) & (traits.ability == 0) & state.in_unit(day)
    child = state.in_unit(day) & (age < 18)
    left = child & _cannot(well, people.father) & _cannot(well, people.mother)
    return (state.per_home(left) > 0) & (state.per_home(able) == 0)


def _cannot(well: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Whether a parent cannot care: unknown, or known and not well; one living elsewhere (-2) may."""
    return (parent == -1) | ((parent >= 0) & ~well[np.maximum(parent, 0)])
