"""What each household and person is truly entitled to in a month, by plain reading of nine benefits.

This is the truth the pipeline is measured against; it sees everything, and the departments do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from province.people.state import State
from province.people.traits import can_be_tekun, is_severe
from province.people.world import DIBAO, MARGINAL, NONE, TEKUN

BENEFITS = [
    "dibao",
    "single_person_dibao",
    "tekun",
    "living_subsidy_disabled",
    "nursing_subsidy_disabled",
    "unsupported_child",
    "orphan_living",
    "elder_allowance",
    "temporary_relief",
]


_TIER_LINES = ["none", "dibao", "tekun", "marginal"]  # as the roll categories are numbered


@dataclass(frozen=True)
class Recognised:
    """Who is on which roll, since some help rests on being recognised for other help."""

    category: np.ndarray  # h
    single: np.ndarray  # p
    child: np.ndarray  # p
    watched: np.ndarray  # h


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Booleans per household (dibao, tekun, relief) or person (the rest)."""

    dibao: np.ndarray
    tekun: np.ndarray
    relief: np.ndarray
    single: np.ndarray
    living: np.ndarray
    nursing: np.ndarray
    unsupported: np.ndarray
    orphan: np.ndarray
    elder: np.ndarray
    unit: np.ndarray


def born_by(day: int, years: int) -> int:
    """The last birth day of those who have completed `years` on `day`."""
    date = np.datetime64(int(day), "D")
    month, offset = date.astype("datetime64[M]"), date - date.astype("datetime64[M]")
    return int(((month - 12 * years).astype("datetime64[D]") + offset).astype(int))


def _parent_is(state: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """A per-person truth looked up for parents; a parent who is unknown or outside counts as false."""
    return (parent >= 0) & state[np.maximum(parent, 0)]


def children(state: State, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Orphans (both known parents dead) and children whose known parents are all unable to raise them."""
    people, traits = state.world.people, state.world.traits
    dead = people.death <= day
    long_enough = people.prison_until - people.prison_from >= 182
    jailed = (people.prison_from <= day) & (people.prison_until > day) & long_enough
    severe = is_severe(traits.disability_type, traits.disability_grade) & (traits.card_issue <= day)
    unable = dead | jailed | severe
    minor = (people.birth > born_by(day, 18)) & (people.birth <= day) & (people.death > day)
    orphan = minor & _parent_is(dead, people.father) & _parent_is(dead, people.mother)
    unsupported = minor & _parent_is(unable, people.father) & _parent_is(unable, people.mother) & ~orphan
    return orphan, unsupported


def nobody(state: State) -> Recognised:
    """Nobody is on any roll yet."""
    homes, people = np.zeros(len(state.world.homes), bool), np.zeros(len(state.world.people), bool)
    return Recognised(homes.astype(np.int8), people, people.astype(np.int8), homes)


def find_rights(state: State, day: int, known: Recognised) -> Rights:
    """Entitlement on a day, of whoever is recognised so far."""
    world, homes, people, traits = state.world, state.world.homes, state.world.people, state.world.traits
    ratio = state.income / homes.standard
    here, unit = state.members > 0, state.in_unit(day)
    tekun = can_be_tekun(world, day) & here & (ratio < 1)
    dibao = here & (ratio < 1) & (known.category != TEKUN)
    card = (
        (traits.card_issue <= day) & (traits.card_until >= day) & (people.death > day) & (people.away > day)
    )
    kinds = card & ((traits.disability_grade <= 2) | np.isin(traits.disability_type, [5, 6]))
    ill = state.registered_ill <= day
    near = (ratio >= 1) & (ratio <= state.rates.marginal_multiple) | (known.category == MARGINAL)
    band = here & near & ~np.isin(known.category, [DIBAO, TEKUN])
    orphan, unsupported = children(state, day)
    poor = np.isin(known.category, [DIBAO, MARGINAL])[people.home] & unit | known.single
    on_tekun, on_child = (known.category == TEKUN)[people.home], known.child > 0
    alive = (people.birth <= day) & (people.death > day) & (people.away > day)
    return Rights(
        dibao=dibao,
        tekun=tekun,
        relief=here & _struck(state, day, ratio, known),
        single=band[people.home] & unit & (kinds | ill) & ~on_child,
        living=card & poor & ~on_child & ~on_tekun,
        nursing=kinds & ~on_tekun,
        unsupported=unsupported,
        orphan=orphan,
        elder=alive & (people.birth <= born_by(day, 80)),
        unit=unit,
    )


def _struck(state: State, day: int, ratio: np.ndarray, known: Recognised) -> np.ndarray:
    """A blow of late, or bills beyond what a small income can bear: what the rule can know beforehand.

    Whether it left a difficulty is found at the door; `hardship` has that.
    """
    people, rates = state.world.people, state.rates
    since, age = day - rates.relief_days, people.age(np.minimum(people.death, day))
    died = (people.death > since) & (people.death <= day) & (age >= 18) & (age < 60)
    died &= (people.away > day) & ~state.world.traits.split
    tier = np.where(known.category > NONE, known.category, np.where(known.watched, len(_TIER_LINES), NONE))
    names = [*_TIER_LINES, "watch"]
    line = np.array([rates.burden_line_yuan[name] for name in names])[tier]
    bills = state.burdens.sum(axis=1) > line
    small = (tier != NONE) | (ratio <= rates.relief_multiple)
    return (state.struck_day >= since) | (state.per_home(died) > 0) | (bills & small)
