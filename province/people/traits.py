"""What people have, do and earn at the start: disability, chronic illness, job, wage, pension."""

from __future__ import annotations

import numpy as np

from province.people.family import ALONE, CHILD_A, COUPLE, GROWN, HEAD, LONE, NUCLEAR, PARENTS, THREE
from province.people.rates import Rates
from province.people.ties import make_ties
from province.people.world import FARM, FORMAL, IDLE, INFORMAL, NEVER, RETIRED, Homes, People, Traits, World

_FORMAL_LEAST_YUAN = 1700  # a contract worker earns about the local minimum wage or more
_DRAWS = 16  # fixed uniform draws per person: who is seen by which department


def _pick(shares: dict[str, float], size: int, rng: np.random.Generator) -> np.ndarray:
    edges = np.cumsum(list(shares.values()))
    labels = np.array([int(k) for k in shares], dtype=np.int8)
    return labels[np.searchsorted(edges / edges[-1], rng.random(size))]


def is_severe(kind: np.ndarray, grade: np.ndarray) -> np.ndarray:
    """Grade 1 or 2 of any type, grade 3 of intellectual (5) or mental (6)."""
    return (grade > 0) & ((grade <= 2) | ((grade == 3) & np.isin(kind, [5, 6])))


def _cards(
    people: People, shape: np.ndarray, age: np.ndarray, zero: int, *, rates: Rates, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Issue day, end day, type and grade of disability cards held (NEVER and 0 where none)."""
    size = len(people)
    share = np.where(
        age >= 60,
        rates.card_share["elder"],
        np.where(age < 18, rates.card_share["child"], rates.card_share["adult"]),
    )
    share = np.where((shape == LONE) & (people.seat == HEAD), rates.card_share["lone_adult"], share)
    share = np.where((shape == GROWN) & (people.seat == CHILD_A), rates.card_share["grown_child"], share)
    has = (rng.random(size) < share) & (people.death == NEVER) & (people.birth < zero - 200)
    issue = np.maximum(zero - rng.integers(60, 3600, size), people.birth + 60)
    kind, grade = _pick(rates.disability_types, size, rng), _pick(rates.disability_grades, size, rng)
    worse = has & np.isin(shape, [LONE, GROWN]) & (rng.random(size) < 0.35)
    grade = np.where(worse, np.maximum(grade - 1, 1), grade)
    return (
        np.where(has, issue, NEVER).astype(np.int32),
        np.where(has, kind, 0),
        np.where(has, grade, 0),
    )


def _jobs(
    people: People,
    homes: Homes,
    age: np.ndarray,
    severe: np.ndarray,
    *,
    rates: Rates,
    rng: np.random.Generator,
) -> np.ndarray:
    luck, rural = rng.random(len(people)), homes.is_rural[people.home]
    formal = rates.formal_share * np.where(rural, 0.75, 1.3)
    job = np.where(luck < formal, FORMAL, np.where(luck < 0.74, INFORMAL, np.where(rural, FARM, IDLE)))
    job = np.where((age < 18) | ((age < 22) & (luck > 0.45)), IDLE, job)
    job = np.where(age >= 60, np.where(rural & (age < 72) & (luck < 0.6), FARM, RETIRED), job)
    job = np.where(severe & (job != RETIRED), np.where(luck < 0.9, IDLE, INFORMAL), job)
    return job.astype(np.int8)


def _income(
    people: People,
    homes: Homes,
    age: np.ndarray,
    job: np.ndarray,
    in_unit: np.ndarray,
    *,
    rates: Rates,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Wage per person and other income per household, so that income over the standard fits its earners."""
    weights = np.array(
        [0, rates.earner_weight["formal"], rates.earner_weight["informal"], rates.earner_weight["farm"], 0]
    )
    weight = np.where((age >= 60) & (job == FARM), rates.earner_weight["elder"], weights[job]) * in_unit
    weight = weight * np.exp(rng.normal(0, 0.25, len(people)))
    members = np.maximum(np.bincount(people.home, in_unit, len(homes)), 1)
    earners = np.bincount(people.home, weight, len(homes))
    fit = (
        rates.income_level
        + rates.income_per_earner * earners / members**0.85
        + rng.normal(0, rates.income_spread, len(homes))
    )
    total = np.exp(fit) * homes.standard * members
    other = np.where(earners > 0, np.minimum(total, 0.22 * homes.standard * members), total)
    per_weight = (total - other) / np.maximum(earners, 1e-9)
    return weight * per_weight[people.home], other


def _pensions(
    people: People,
    homes: Homes,
    age: np.ndarray,
    other: np.ndarray,
    *,
    rates: Rates,
    rng: np.random.Generator,
) -> np.ndarray:
    """Employee pensions: the part of other income that a well-provided elder's household lives on."""
    elder = (age >= 60) & (people.death == NEVER)
    elders = np.bincount(people.home, elder, len(homes))
    share = other[people.home] * 0.9 / np.maximum(elders[people.home], 1)
    drawn = elder & (share > 900) & (rng.random(len(people)) < rates.employee_pension_share)
    return np.where(drawn, share, 0.0)


def make_world(
    homes: Homes,
    people: People,
    zero: int,
    rates: Rates,
    *,
    rng: np.random.Generator,
    ties_rng: np.random.Generator,
) -> World:
    """Traits and ties of everyone on day `zero`; a wage too low for a contract turns the job informal."""
    size, age, shape = len(people), people.age(zero), homes.shape[people.home]
    issue, kind, grade = _cards(people, shape, age, zero, rates=rates, rng=rng)
    job = _jobs(people, homes, age, is_severe(kind, grade), rates=rates, rng=rng)
    grown = (people.seat == CHILD_A) & (age >= 23) & np.isin(shape, [NUCLEAR, THREE, PARENTS]) & (job != IDLE)
    split = grown & (rng.random(size) < 0.35)
    in_unit = (people.death == NEVER) & (people.prison_from == NEVER) & (people.away == NEVER) & ~split
    in_unit &= people.birth <= zero
    wage, other = _income(people, homes, age, job, in_unit, rates=rates, rng=rng)
    job = np.where((job == FORMAL) & (wage < _FORMAL_LEAST_YUAN) & ~split, INFORMAL, job).astype(np.int8)
    chronic_share = np.where(
        age >= 60,
        rates.chronic_share["elder"],
        np.where(age < 30, rates.chronic_share["young"], rates.chronic_share["adult"]),
    )
    ability = np.where(age >= 60, np.searchsorted([0.80, 0.94], rng.random(size) + (age - 72) * 0.006), 0)
    until = issue + np.where(rng.random(size) < 0.985, 3653, rng.integers(900, 3653, size))
    lapsed = until < zero - 300
    traits = Traits(
        card_issue=issue,
        card_until=np.where(lapsed & (rng.random(size) < 0.9), until + 3653, until).astype(np.int32),
        disability_type=kind,
        disability_grade=grade,
        chronic=rng.random(size) < chronic_share,
        job=job,
        wage=wage,
        pension=_pensions(people, homes, age, other, rates=rates, rng=rng),
        ability=ability.astype(np.int8),
        split=split,
        luck=rng.random((size, _DRAWS)),
    )
    return World(homes, people, traits, other, make_ties(homes, people, traits, rates, ties_rng))


def can_be_tekun(world: World, day: int) -> np.ndarray:
    """Households with nobody able to work and no supporter: elders alone or in pairs, the disabled."""
    homes, people, traits = world.homes, world.people, world.traits
    able = (people.age(day) < 60) & ~is_severe(traits.disability_type, traits.disability_grade)
    able &= (people.death > day) & (people.birth <= day)
    any_able = np.bincount(people.home, able, len(homes)) > 0
    return homes.lone & np.isin(homes.shape, [ALONE, COUPLE, LONE]) & ~any_able
