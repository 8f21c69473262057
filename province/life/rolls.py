"""Assistance as it is really run: who asks, who is taken on, reviewed, stopped, and who never hears of it.

Decisions of a month rest on the income of the month before. What a household is *entitled* to is in
`rights.py`; what it *gets* is here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from province.life.rights import Rights
from province.people.rates import Rates
from province.people.state import State
from province.people.world import DIBAO, MARGINAL, NEVER, NONE, TEKUN, TIERS

REASONS = ["income", "able", "moved", "other"]


@dataclass(kw_only=True)
class Rolls:
    """What is paid to whom. Arrays per household (h) or person (p); days count from 1970."""

    category: np.ndarray  # h
    since: np.ndarray  # h: day the present category began
    assessed: np.ndarray  # h: income per head as civil affairs has it
    review: np.ndarray  # h: day the next review is due
    old_category: np.ndarray  # h: category that was stopped
    old_since: np.ndarray  # h
    stopped: np.ndarray  # h: day it was stopped (NEVER)
    stop_reason: np.ndarray  # h: index into REASONS
    relief_until: np.ndarray  # h: relief approved in the three months before this day
    applied: np.ndarray  # h: applied for relief this month
    single: np.ndarray  # p: recognised as a one-person dibao within a marginal family
    single_since: np.ndarray  # p
    living: np.ndarray  # p
    nursing: np.ndarray  # p
    allowance: np.ndarray  # p
    allowance_since: np.ndarray  # p
    child: np.ndarray  # p: 0 none, 1 orphan, 2 unsupported
    child_since: np.ndarray  # p
    watched_since: np.ndarray  # h: day named as at risk of falling back into poverty (NEVER)
    watched_income: np.ndarray  # h: yearly income per head on that file
    watched_cleared: np.ndarray  # h: risk taken as gone


def first_rolls(state: State, rights: Rights, t: int) -> Rolls:
    """The rolls as the burn-in begins: most of the entitled are on them, for months or years already."""
    homes, size, rng, rates = len(state.world.homes), len(state.world.people), state.rng, state.rates
    day, luck = int(state.clock.starts[t]), rng.random(homes)
    category = np.zeros(homes, dtype=np.int8)
    asks = state.world.homes.aware
    ratio = state.income / state.world.homes.standard
    takes = np.where(state.per_home(rights.single) > 0, rates.single_takeup, rates.marginal_takeup)
    category[(ratio >= 1) & (ratio < rates.marginal_multiple) & asks & (luck < takes)] = MARGINAL
    category[rights.dibao & asks & (luck < rates.dibao_takeup)] = DIBAO
    category[rights.tekun & (luck < rates.tekun_takeup)] = TEKUN
    since = np.where(category > 0, day - rng.integers(0, 2000, homes), NEVER)
    review = np.where(category > 0, day + rng.integers(0, 365, homes), NEVER)
    never_h = np.full(homes, NEVER, dtype=np.int32)
    never_p, off = np.full(size, NEVER, dtype=np.int32), np.zeros(size, dtype=bool)
    rolls = Rolls(
        category=category,
        since=since.astype(np.int32),
        assessed=_assess(state, rng),
        review=review.astype(np.int32),
        old_category=np.zeros(homes, dtype=np.int8),
        old_since=never_h.copy(),
        stopped=never_h.copy(),
        stop_reason=np.zeros(homes, dtype=np.int8),
        relief_until=-never_h,
        applied=np.zeros(homes, dtype=bool),
        single=off.copy(),
        single_since=never_p.copy(),
        living=off.copy(),
        nursing=off.copy(),
        allowance=off.copy(),
        allowance_since=never_p.copy(),
        child=np.zeros(size, dtype=np.int8),
        child_since=never_p.copy(),
        watched_since=never_h.copy(),
        watched_income=np.zeros(homes),
        watched_cleared=np.zeros(homes, dtype=bool),
    )
    _clip_assessed(state, rolls)
    return rolls


def _assess(state: State, rng: np.random.Generator) -> np.ndarray:
    """Income as an investigator finds it: close to the truth, in whole yuan."""
    return np.round(state.income * np.exp(rng.normal(0, 0.015, len(state.income))))


def _clip_assessed(state: State, rolls: Rolls) -> None:
    """A recognised unit's assessed income lies on its category's side of the line.

    A marginal family found clearly below it and not yet taken over keeps what was found.
    """
    standard, found = state.world.homes.standard, rolls.assessed
    under = np.isin(rolls.category, [DIBAO, TEKUN])
    near = (rolls.category == MARGINAL) & (found >= 0.95 * standard)
    rolls.assessed = np.select(
        [under, near], [np.minimum(found, standard - 5), np.maximum(found, standard)], found
    )


def decide(state: State, rolls: Rolls, rights: Rights, t: int) -> None:
    """One month of deaths on the roll, applications, reviews and errors."""
    gone = (rolls.category > NONE) & (state.members == 0)
    _stop(state, rolls, gone, t, 3)
    _apply(state, rolls, rights, t)
    _review(state, rolls, t)
    wrong = (rolls.category == DIBAO) & (state.rng.random(len(gone)) < state.rates.wrong_stop)
    _stop(state, rolls, wrong, t, 1)
    rolls.assessed = np.where(wrong, _assess(state, state.rng), rolls.assessed)  # found, and overlooked
    state.shock_day[wrong] = state.clock.starts[t]
    _persons(state, rolls, rights, t)


def _stop(state: State, rolls: Rolls, which: np.ndarray, t: int, reason: int) -> None:
    rows = np.flatnonzero(which)
    rolls.old_category[rows], rolls.old_since[rows] = rolls.category[rows], rolls.since[rows]
    day = state.clock.starts[t] + state.rng.integers(0, 25, len(rows))
    rolls.stopped[rows], rolls.stop_reason[rows] = day, reason
    heads = np.maximum(state.members[rows], 1)
    state.lost_pay[rows] += unit_pay(state, rolls)[rows] / heads
    rolls.category[rows], rolls.since[rows], rolls.review[rows] = NONE, NEVER, NEVER
    state.log.add("benefit_stop", home=rows, day=day.astype(np.int32))


def _enter(state: State, rolls: Rolls, which: np.ndarray, category: int, t: int) -> None:
    enter(state, rolls, which, category, t, rng=state.rng)


def enter(
    state: State, rolls: Rolls, which: np.ndarray, category: int, t: int, *, rng: np.random.Generator
) -> None:
    """Take units on from this month; a marginal family that falls below the line becomes dibao."""
    rows = np.flatnonzero(which)
    upgraded = rows[rolls.category[rows] > NONE]
    rolls.old_category[upgraded], rolls.old_since[upgraded] = rolls.category[upgraded], rolls.since[upgraded]
    rolls.stopped[upgraded], rolls.stop_reason[upgraded] = state.clock.starts[t], 3
    same = rows[rolls.old_category[rows] == category]
    rolls.stopped[same] = NEVER  # taken back: the old row gives way to the new one
    rolls.category[rows], rolls.since[rows] = category, state.clock.starts[t]
    rolls.assessed[rows] = _assess(state, rng)[rows]
    rolls.review[rows] = state.clock.starts[t] + rng.choice([182, 365], len(rows))
    _clip_assessed(state, rolls)


def _apply(state: State, rolls: Rolls, rights: Rights, t: int) -> None:
    rates, homes, luck = state.rates, state.world.homes, state.rng.random(len(state.income))
    ratio = state.income / homes.standard
    pace = np.where(homes.aware, rates.apply_dibao, rates.apply_unaware)
    open_now = np.isin(rolls.category, [NONE, MARGINAL])
    _enter(state, rolls, open_now & rights.tekun & (luck < pace), TEKUN, t)
    open_now = np.isin(rolls.category, [NONE, MARGINAL])
    _enter(state, rolls, open_now & rights.dibao & (ratio < 0.97) & (luck < pace), DIBAO, t)
    near = (ratio >= 1) & (ratio < rates.marginal_multiple) & homes.aware & (state.members > 0)
    pace = np.where(state.per_home(rights.single) > 0, rates.single_asks, rates.apply_marginal)
    _enter(state, rolls, (rolls.category == NONE) & near & (luck < pace), MARGINAL, t)


def _review(state: State, rolls: Rolls, t: int) -> None:
    """Reviews that are due, most of them done: income is found anew, and may end or change the help."""
    start, rates, standard = state.clock.starts[t], state.rates, state.world.homes.standard
    due = (rolls.review < start + 28) & (rolls.category > NONE)
    done = due & (state.rng.random(len(due)) < rates.review_done)
    rolls.assessed = np.where(done, _assess(state, state.rng), rolls.assessed)
    rolls.review = np.where(done, rolls.review + state.rng.choice([182, 365], len(due)), rolls.review).astype(
        np.int32
    )
    ratio = rolls.assessed / standard
    above = done & (rolls.category == DIBAO) & (ratio >= 1.0)
    kept = above & (ratio < rates.marginal_multiple) & (state.rng.random(len(due)) < 0.25)
    _stop(
        state, rolls, above | (done & (rolls.category == MARGINAL) & (ratio >= rates.marginal_multiple)), t, 0
    )
    rows = np.flatnonzero(kept)
    rolls.category[rows], rolls.since[rows], rolls.review[rows] = MARGINAL, start, start + 365
    fallen = done & (rolls.category == MARGINAL) & (ratio < 0.95) & (state.rng.random(len(due)) < 0.5)
    _enter(state, rolls, fallen & (state.members > 0), DIBAO, t)
    _clip_assessed(state, rolls)


def _persons(state: State, rolls: Rolls, rights: Rights, t: int) -> None:
    """Subsidies that go to persons: begun with a delay, ended when the right ends."""
    rates, rng, size = state.rates, state.rng, len(state.world.people)
    start, first = state.clock.starts[t], t == 0
    aware = state.world.traits.luck[:, 6] < 0.93

    def turn(
        on: np.ndarray, right: np.ndarray, takeup: float, catch_up: float = rates.subsidy_catch_up
    ) -> np.ndarray:
        pace = np.where(aware, takeup if first else catch_up, 0)
        return right & (on | (rng.random(size) < pace))

    rolls.living = turn(rolls.living, rights.living, rates.subsidy_takeup)
    rolls.nursing = turn(rolls.nursing, rights.nursing, rates.subsidy_takeup)
    for name, right, takeup in (
        (
            "single",
            rights.single & (rolls.category == MARGINAL)[state.world.people.home],
            rates.single_takeup,
        ),
        ("allowance", rights.elder, rates.allowance_takeup),
    ):
        before = getattr(rolls, name)
        after = turn(before, right, takeup, 0.3)
        since = getattr(rolls, f"{name}_since")
        since[after & ~before] = start - (rng.integers(0, 900, int((after & ~before).sum())) if first else 0)
        setattr(rolls, name, after)
    was = rolls.child > 0
    child = turn(was, rights.unsupported | rights.orphan, rates.child_takeup)
    rolls.child = np.where(child, np.where(rights.orphan, 1, 2), 0).astype(np.int8)
    rolls.child_since[child & ~was] = start


def unit_pay(state: State, rolls: Rolls) -> np.ndarray:
    """Yuan a month paid to each unit: the gap to the standard, or tekun's multiple of it, in whole yuan."""
    standard, n = state.world.homes.standard, state.members
    gap = np.ceil(np.maximum((standard - rolls.assessed) * n, 0))
    tekun = np.ceil(standard * state.rates.tekun_multiple) * n
    singles = state.per_home(rolls.single) * standard
    return np.select(
        [rolls.category == DIBAO, rolls.category == TEKUN, rolls.category == MARGINAL],
        [gap, tekun, singles],
        0.0,
    )


def allowance_yuan(age: np.ndarray, rates: Rates) -> np.ndarray:
    """The old-age allowance by age band (0 under 80)."""
    amounts = np.array([0, *rates.elder_allowance_yuan.values()])
    return amounts[np.searchsorted(list(rates.elder_allowance_yuan), age, side="right")]


def paid_out(state: State, rolls: Rolls, year: int, age: np.ndarray) -> np.ndarray:
    """Everything a household is paid in a month, yuan."""
    rates = state.rates
    orphan = np.array([rates.orphan_yuan[t] for t in TIERS])[state.world.homes.tier]
    each = rolls.living * rates.living_subsidy_yuan[year] + rolls.nursing * rates.nursing_subsidy_yuan[year]
    each = (
        each
        + rolls.allowance * allowance_yuan(age, rates)
        + (rolls.child > 0) * orphan[state.world.people.home]
    )
    return unit_pay(state, rolls) + state.per_home(each)


def relief(state: State, rolls: Rolls, t: int) -> None:
    """Applications for temporary relief: the aware in hardship ask; a few who are not ask too."""
    rng, rates, homes = state.rng, state.rates, state.world.homes
    level = state.severity
    chance = rates.relief_apply * np.where(homes.aware, level, level * 0.1) + 0.0002
    asks = (
        (rng.random(len(homes)) < chance) & (state.members > 0) & (rolls.relief_until < state.clock.starts[t])
    )
    rows = np.flatnonzero(asks)
    rolls.applied = asks
    day = rng.integers(state.clock.starts[t], state.clock.starts[t + 1], len(rows)).astype(np.int32)
    approved = rng.random(len(rows)) < np.where(level[rows] > 0, rates.relief_approved, 0.25)
    amount = np.round(homes.standard[rows] * (1 + level[rows] * rng.uniform(0.6, 1.8, len(rows))) / 10) * 10
    given = rows[approved]
    rolls.relief_until[given] = day[approved] + 92
    state.savings[given] += amount[approved] / np.maximum(state.members[given], 1)
    state.log.add(
        "relief",
        home=rows,
        day=day,
        decided=day + rng.integers(2, 26, len(rows)),
        approved=approved,
        amount=np.where(approved, amount, 0),
        driver=state.drivers[rows].argmax(axis=1),
    )


def watch(state: State, rolls: Rolls, t: int) -> None:
    """Rural affairs names households at risk, looks at their income every quarter, and clears some."""
    rng, rates, homes, start = state.rng, state.rates, state.world.homes, state.clock.starts[t]
    size = len(homes)
    near = homes.is_rural & (state.income < 1.6 * homes.standard) & (state.members > 0)
    chance = np.where(t == 0, rates.watch_share, rates.watch_share / 90 + 0.006 * (state.severity >= 2))
    new = near & (rolls.watched_since == NEVER) & (rng.random(size) < chance)
    rolls.watched_since[new] = start - (rng.integers(0, 1100, int(new.sum())) if t == 0 else 0)
    asked = (rolls.watched_since < NEVER) & ((start - rolls.watched_since) % 91 < 31)
    yearly = asked & ((start - rolls.watched_since) % 365 < 31)
    rolls.watched_income = np.where(new | asked, np.round(_assess(state, rng) * 12), rolls.watched_income)
    well = yearly & (rolls.watched_income > 16 * homes.standard)
    rolls.watched_cleared = (rolls.watched_cleared | well | (new & (rng.random(size) < 0.2 * (t == 0)))) & ~(
        state.severity >= 2
    )


def first_alive(state: State, day: int) -> np.ndarray:
    """The person who acts for each household on a day: the first in seat order (-1: none)."""
    rows = np.flatnonzero(state.in_unit(day) & (state.world.people.age(day) >= 16))
    acting = np.full(len(state.world.homes), -1, dtype=np.int64)
    acting[state.world.people.home[rows[::-1]]] = rows[::-1]
    return acting
