"""Households and the people in them: family shapes, ages, who is whose parent, who is already gone."""

from __future__ import annotations

import numpy as np
import polars as pl

from province.people.family import (
    ALONE,
    BABY,
    CHILD_A,
    CHILD_B,
    CHILD_C,
    FATHER,
    GRAND_A,
    GRAND_B,
    GROWN,
    HEAD,
    IN_LAW,
    LONE,
    MOTHER,
    NUCLEAR,
    SEATS,
    SHAPES,
    SINGLE,
    SKIPPED,
    SPOUSE,
    THREE,
)
from province.people.numbers import id_numbers, names
from province.people.plan import Block, Clock, Plan
from province.people.rates import Rates
from province.people.standards import first_year, standards
from province.people.world import NEVER, Homes, People

_HEAD_AGE = [(62, 90), (61, 85), (28, 50), (28, 50), (34, 52), (56, 74), (24, 59), (60, 84), (46, 60)]
_LONE_SHARE = [0.68, 0.33, 0, 0, 0, 0, 0.50, 0, 0]  # nobody who must support them
_YEAR = 365.2425


def _shapes_for(persons: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Family shapes and taken seats of households adding up to exactly `persons`."""
    share = np.array([s[1] for s in SHAPES])
    wanted = int(persons / 2.2) + 50
    shape = np.searchsorted(np.cumsum(share) / share.sum(), rng.random(wanted)).astype(np.int8)
    chances = np.array([s[2] for s in SHAPES])[shape]
    seats = rng.random(chances.shape) < chances
    fits = np.cumsum(seats.sum(axis=1)) <= persons
    shape, seats = shape[fits], seats[fits]
    rest = persons - int(seats.sum())  # elders alone fill the last places
    alone = np.zeros((rest, seats.shape[1]), dtype=bool)
    alone[:, HEAD] = True
    return np.concatenate([shape, np.zeros(rest, dtype=np.int8)]), np.vstack([seats, alone])


def _ages(shape: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Age in years of every seat, taken or not (households x seats)."""
    size = len(shape)
    low, high = np.array(_HEAD_AGE)[shape].T
    head = low + (high - low) * rng.beta(1.3, 1.9, size)
    gap = rng.uniform(22, 31, (size, 3))
    ages = np.zeros((size, SEATS))
    ages[:, HEAD] = head
    ages[:, SPOUSE] = head - rng.normal(1.0, 3.0, size)
    first = np.where(shape == GROWN, head - rng.uniform(22, 34, size), head - gap[:, 0])
    first = np.where(shape == SKIPPED, head - rng.uniform(20, 26, size), first)
    young = np.isin(shape, [NUCLEAR, SINGLE, THREE])
    first = np.where(young, np.clip(first, 0.3, 23), first)
    ages[:, CHILD_A] = first
    ages[:, CHILD_B] = np.maximum(first - rng.uniform(1.5, 6, size), 0.2)
    ages[:, CHILD_C] = np.maximum(ages[:, CHILD_B] - rng.uniform(1.5, 5, size), 0.1)
    ages[:, FATHER] = head + rng.uniform(21, 33, size)
    ages[:, MOTHER] = head + rng.uniform(20, 30, size)
    ages[:, IN_LAW] = first - rng.normal(0.5, 2.5, size)
    ages[:, GRAND_A] = np.clip(first - rng.uniform(20, 28, size), 0.3, 17.5)
    ages[:, GRAND_B] = np.maximum(ages[:, GRAND_A] - rng.uniform(1.5, 5, size), 0.1)
    return np.clip(ages, 0.05, 103)


def _sexes(shape: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = len(shape)
    sex = np.where(rng.random((size, SEATS)) < 0.52, 1, 2)
    male_head = np.array([0.46, 0.80, 0.82, 0.45, 0.85, 0.70, 0.74, 0.55, 0.82])[shape]
    sex[:, HEAD] = np.where(rng.random(size) < male_head, 1, 2)
    sex[:, SPOUSE] = 3 - sex[:, HEAD]
    sex[:, FATHER], sex[:, MOTHER] = 1, 2
    sex[:, CHILD_A] = np.where((shape == GROWN) & (rng.random(size) < 0.45), 1, sex[:, CHILD_A])
    sex[:, IN_LAW] = 3 - sex[:, CHILD_A]
    return sex.astype(np.int8)


def _babies(
    shape: np.ndarray,
    seats: np.ndarray,
    ages: np.ndarray,
    *,
    clock: Clock,
    rates: Rates,
    rng: np.random.Generator,
) -> np.ndarray:
    """Birth day of a child born during the window, NEVER where none is."""
    months = len(clock.starts) - 1
    wife = np.where(ages[:, SPOUSE] < ages[:, HEAD] + 3, ages[:, SPOUSE], ages[:, HEAD])
    fertile = np.isin(shape, [NUCLEAR, THREE]) & (wife < 40) & ~seats[:, CHILD_C]
    born = fertile & (rng.random(len(shape)) < rates.birth * months * 2.0)
    day = rng.integers(clock.starts[0], clock.starts[-1], len(shape))
    return np.where(born, day, NEVER).astype(np.int32)


def _parents(index: np.ndarray, sex: np.ndarray, shape: np.ndarray, rng: np.random.Generator) -> tuple:
    """Father and mother of each seat, as person indices (households x seats)."""
    father = np.full(index.shape, -1, dtype=np.int32)
    mother = father.copy()
    head, spouse = index[:, HEAD], index[:, SPOUSE]
    missing = np.where(rng.random(len(shape)) < 0.65, -2, -1)
    spouse = np.where((spouse < 0) & (shape == SINGLE), missing, spouse)
    for seat in (CHILD_A, CHILD_B, CHILD_C, BABY):
        father[:, seat] = np.where(sex[:, HEAD] == 1, head, spouse)
        mother[:, seat] = np.where(sex[:, HEAD] == 1, spouse, head)
    in_law = np.where(index[:, IN_LAW] < 0, missing, index[:, IN_LAW])
    for seat in (GRAND_A, GRAND_B):
        father[:, seat] = np.where(sex[:, CHILD_A] == 1, index[:, CHILD_A], in_law)
        mother[:, seat] = np.where(sex[:, CHILD_A] == 1, in_law, index[:, CHILD_A])
    father[:, HEAD], mother[:, HEAD] = index[:, FATHER], index[:, MOTHER]
    return father, mother


def _already_gone(
    people: People, shape: np.ndarray, first_day: int, rates: Rates, rng: np.random.Generator
) -> None:
    """Deaths, prison and leaving before the window opens; sets them in place."""
    of = shape[people.home]
    luck = rng.random(len(people))
    past = (first_day - rng.integers(20, 1600, len(people))).astype(np.int32)
    middle = (of == SKIPPED) & np.isin(people.seat, [CHILD_A, IN_LAW])
    widowed = (of == SINGLE) & (people.seat == SPOUSE)
    dead = (middle & (luck < 0.15)) | widowed
    grown_at = people.birth + np.int32(19 * _YEAR)
    people.death = np.where(dead, np.maximum(past, grown_at), NEVER).astype(np.int32)
    adult = (people.birth < first_day - 18 * _YEAR) & (people.birth > first_day - 62 * _YEAR)
    stock = np.where(people.sex == 1, 1.7, 0.3) * rates.custody_stock
    jailed = ~dead & ((middle & (luck > 0.86)) | (adult & ~middle & (luck < stock)))
    term = rng.integers(150, 2400, len(people))
    people.prison_from = np.where(
        jailed, first_day - (term * rng.random(len(people))).astype(int), NEVER
    ).astype(np.int32)
    people.prison_until = np.where(jailed, people.prison_from + term, NEVER).astype(np.int32)
    gone = ~dead & ~jailed & (people.seat != HEAD) & (rng.random(len(people)) < 0.006)
    people.away = np.where(gone, first_day + rng.integers(0, 700, len(people)), NEVER).astype(np.int32)


def _settle(
    block: Block, town: np.ndarray, rates: Rates, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Village code and whether it is rural, per household; a town with one kind of village has no choice."""
    urban_share = np.array([rates.urban_share[t] for t in ("t1", "t2", "t3", "t4")])
    wants_urban = rng.random(len(town)) < urban_share[block.town_tiers[town]]
    luck = rng.random(len(town))
    codes, rural = np.empty(len(town), dtype="U12"), np.zeros(len(town), dtype=bool)
    for number, places in enumerate(block.villages):
        is_urban = (places["residence_code"] == "urban").to_numpy()
        villages = places["village_code"].to_numpy().astype("U12")
        for urban in (True, False):
            rows = np.flatnonzero((town == number) & (wants_urban == urban))
            kind = urban if (is_urban == urban).any() else not urban
            pool = villages[is_urban == kind]
            codes[rows], rural[rows] = pool[(luck[rows] * len(pool)).astype(int)], not kind
    return codes, rural


def make_homes(
    block: Block,
    shape: np.ndarray,
    first_person: np.ndarray,
    rates: Rates,
    rng: np.random.Generator,
    *,
    year: int,
) -> Homes:
    """Give every household its town, village, tier, household number and temper."""
    edges = np.cumsum(block.town_persons)
    town = np.minimum(np.searchsorted(edges, first_person, side="right"), len(edges) - 1)
    codes, rural = _settle(block, town, rates, rng)
    tier = np.where((block.town_tiers[town] == 3) & rural, 4, block.town_tiers[town]).astype(np.int64)
    serial = np.char.zfill(np.arange(1, len(shape) + 1).astype("U6"), 6)
    number = np.char.add(np.array(block.town_codes)[town], np.char.add("0", serial))
    standard = standards(rates, block, town, tier, year)
    homes = Homes(
        shape=shape, town=town, village_code=pl.Series(codes), tier=tier, is_rural=rural,
        household_no=pl.Series(number), standard=standard,
    )  # fmt: skip
    homes.kin = rng.random(len(shape)) < rates.kin_share
    shy = np.where(np.isin(shape, [ALONE, LONE]), 1.4, 0.9)
    homes.aware = rng.random(len(shape)) >= rates.unaware_share * shy
    homes.lone = rng.random(len(shape)) < np.array(_LONE_SHARE)[shape]
    homes.luck = rng.random((len(shape), 8))
    return homes


def make_people(block: Block, plan: Plan, rates: Rates) -> tuple[Homes, People]:
    """The block's households and people; exactly `block.town_persons.sum()` are on file at the start."""
    rng = plan.rng(block.number, 1)
    shape, seats = _shapes_for(int(block.town_persons.sum()), rng)
    first_person = np.cumsum(seats.sum(axis=1)) - seats.sum(axis=1)
    ages, sexes = _ages(shape, rng), _sexes(shape, rng)
    baby = _babies(shape, seats, ages, clock=plan.clock, rates=rates, rng=rng)
    taken = np.hstack([seats, (baby < NEVER)[:, None]])
    index = np.where(taken, np.cumsum(taken.ravel()).reshape(taken.shape) - 1, -1).astype(np.int32)
    home, seat = np.nonzero(taken)
    zero = int(plan.clock.starts[plan.clock.first])
    birth = (zero - ages[home, seat] * _YEAR).astype(np.int32)
    birth = np.where(seat == BABY, baby[home], birth).astype(np.int32)
    father, mother = _parents(index, sexes, shape, rng)
    none = np.full(len(home), NEVER, dtype=np.int32)
    people = People(
        home=home, seat=seat.astype(np.int8), sex=sexes[home, seat], birth=birth, father=father[home, seat],
        mother=mother[home, seat], death=none, away=none, prison_from=none, prison_until=none,
    )  # fmt: skip
    _already_gone(people, shape, zero - 180, rates, rng)
    family = _families(people, shape)
    share = (block.number - 1, len(plan.blocks))
    _number(people, birth[index[:, HEAD]], rates, share, rng)
    people.names = pl.Series(
        names(family, people.sex, rates.mixed_name_share, rates.rare_character_share, rng)
    )
    rng, year = plan.rng(block.number, 2), first_year(plan.clock)
    return make_homes(block, shape, first_person, rates, rng, year=year), people


def _number(
    people: People, head_birth: np.ndarray, rates: Rates, share: tuple[int, int], rng: np.random.Generator
) -> None:
    """ID numbers for everyone on file, and for each household's parent who lives elsewhere."""
    is_father = np.bincount(people.home, people.father == -2, len(head_birth)) > 0
    sex = np.concatenate([people.sex, np.where(is_father, 1, 2)])
    birth = np.concatenate([people.birth, head_birth + rng.integers(-1500, 1500, len(head_birth))])
    numbers = pl.Series(id_numbers(birth, sex, rates.outside_province_share, share, rng))
    people.ids, people.outside_ids = numbers[: len(people)], numbers[len(people) :]


def _families(people: People, shape: np.ndarray) -> np.ndarray:
    """A number per person whose equality means one surname: the father's line, wives keep their own."""
    line = np.ones(SEATS, dtype=np.int64)
    line[[SPOUSE, MOTHER, IN_LAW]] = 2, 3, 0
    return people.home * 4 + line[people.seat]
