"""What each household and person is truly entitled to in a month, by plain reading of the eight benefits.

This is the truth the pipeline is measured against; it sees everything, and the departments do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhaoren.province.state import State
from zhaoren.province.traits import can_be_tekun, is_severe

BENEFITS = [
    "dibao",
    "single_person_dibao",
    "tekun",
    "living_subsidy_disabled",
    "nursing_subsidy_disabled",
    "unsupported_child",
    "elder_allowance",
    "temporary_relief",
]


@dataclass(frozen=True)
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


def find_rights(
    state: State, day: int, dibao_family: np.ndarray, tekun_person: np.ndarray, marginal: np.ndarray
) -> Rights:
    """Entitlement on a day. Help that rests on being recognised is given by `dibao_family` and
    `tekun_person` (per person) and `marginal` (per household)."""
    world, homes, people, traits = state.world, state.world.homes, state.world.people, state.world.traits
    ratio = state.income / homes.standard
    here, unit = state.members > 0, state.in_unit(day)
    unable = can_be_tekun(world, day) & here
    tekun = unable & (ratio < 1)
    dibao = here & (ratio < 1) & ~tekun
    card = (
        (traits.card_issue <= day) & (traits.card_until >= day) & (people.death > day) & (people.away > day)
    )
    severe = card & is_severe(traits.disability_type, traits.disability_grade)
    ill = state.registered_ill <= day
    near = ratio < state.rates.marginal_multiple
    band = here & near & ((ratio >= 1) | marginal)
    orphan, unsupported = children(state, day)
    kinds = card & ((traits.disability_grade <= 2) | np.isin(traits.disability_type, [5, 6]))
    struck = (state.severity >= 1) & (state.shock_day >= day - 92) & near
    alive = (people.birth <= day) & (people.death > day) & (people.away > day)
    return Rights(
        dibao,
        tekun,
        struck | (state.severity == 3) & here,
        band[people.home] & unit & (severe | ill),
        card & dibao_family & ~orphan & ~tekun_person,
        kinds & ~tekun_person,
        unsupported,
        orphan,
        alive & (people.birth <= born_by(day, 80)),
        unit,
    )
