"""A month's money: medical bills, school costs, income, what is left, and when it no longer suffices.

Hardship is not drawn: it follows when a shortfall outlives savings and kin, and ends when it is made good.
"""

from __future__ import annotations

import numpy as np

from province.life.life import is_earning
from province.people.family import ALONE
from province.people.state import State
from province.people.world import (
    BIRTH,
    CUSTODY,
    DEATH,
    DISABILITY,
    DISASTER,
    FORMAL,
    ILLNESS,
    JOB,
    NEVER,
    POOR,
    SCHOOL,
    STOP,
)


def visit_rates(state: State, day: int, age: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected visits in a month, and the chance that a visit is a stay in hospital."""
    base = np.where(age >= 60, 0.09, np.where(age < 6, 0.08, 0.04)) + 0.30 * state.world.traits.chronic
    ill, fresh = state.ill_from <= day, state.ill_from > day - 100
    visits = np.where(ill, np.where(fresh, 1.15, 0.6), base)
    stay = np.where(ill, np.where(fresh, 0.34, 0.12), np.where(age >= 60, 0.10, 0.05))
    return visits, stay


def bills(state: State, t: int, age: np.ndarray, aid_share: np.ndarray) -> None:
    """Draw the month's settlements; the uninsured pay all and leave no record with the insurer."""
    people, rng = state.world.people, state.rng
    start = int(state.clock.starts[t])
    visits, stay = visit_rates(state, start, age)
    here = (people.birth < start) & (people.death > start) & (people.away > start)
    who = np.repeat(np.arange(len(people)), rng.poisson(visits * here))
    size, ill = len(who), state.ill_from[who] <= start
    inpatient = rng.random(size) < stay[who]
    special = ~inpatient & (ill | state.world.traits.chronic[who]) & (rng.random(size) < 0.5)
    median = np.where(inpatient, np.where(ill, 11_000, 6_200), np.where(special, 420, 150))
    total = np.minimum(median * np.exp(rng.normal(0, 0.85, size)), 600_000)
    outside = total * rng.beta(1.6, 9.0, size)
    insured = state.insured_until[who] >= start
    covered = np.where(inpatient, 0.68, np.where(special, 0.62, 0.42)) + 0.10 * (
        state.world.traits.job[who] == FORMAL
    )
    fund = (total - outside) * covered * insured
    aid = (total - outside - fund) * aid_share[people.home[who]] * insured
    day = rng.integers(start, state.clock.starts[t + 1], size).astype(np.int32)
    care = np.where(inpatient, 2, special)
    _note_bills(state, who, day, care, insured, total=total, fund=fund, aid=aid, outside=outside)


def _note_bills(
    state: State,
    who: np.ndarray,
    day: np.ndarray,
    care: np.ndarray,
    insured: np.ndarray,
    *,
    total: np.ndarray,
    fund: np.ndarray,
    aid: np.ndarray,
    outside: np.ndarray,
) -> None:
    total, fund, aid, outside = (np.round(x * 100).astype(np.int64) for x in (total, fund, aid, outside))
    burden = total - fund - aid
    cash = np.where(care == 0, (burden * 0.7).astype(np.int64), burden)
    state.burden = state.per_home(np.bincount(who, burden / 100, len(state.world.people)))
    state.burdens[:, :-1], state.burdens[:, -1] = state.burdens[:, 1:], state.burden
    kept = np.flatnonzero(insured)
    state.log.add(
        "settlement",
        person=who[kept],
        day=day[kept],
        care=care[kept],
        total=total[kept],
        fund=fund[kept],
        aid=aid[kept],
        outside=np.minimum(outside, burden)[kept],
        burden=burden[kept],
        cash=cash[kept],
        luck=state.rng.random(len(kept)),
    )


def school_stage(age_in_september: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """0 none, 1 primary, 2 junior, 3 senior, 4 vocational, 5 college."""
    band = np.searchsorted([6, 12, 15, 18, 22], age_in_september, side="right")
    upper = np.where(luck < 0.42, 4, np.where(luck > 0.94, 0, 3))
    return np.where(band == 3, upper, np.where(band == 4, 5 * (luck > 0.58), band % 5)).astype(np.int8)


def school_cost(stage: np.ndarray, luck: np.ndarray, aided: np.ndarray) -> np.ndarray:
    """Own cost of a school year in yuan, after aid."""
    base = np.array([0, 700, 1_100, 3_600, 3_000, 9_500])[stage]
    return np.round(base * (0.5 + luck) * np.where(aided, 0.55, 1.0), 0)


def income(state: State, t: int) -> np.ndarray:
    """Set members and counted income per head; returns the yuan a month of wages lost, per person."""
    traits, homes, rng = state.world.traits, state.world.homes, state.rng
    day = int(state.clock.starts[t + 1]) - 1
    drift = rng.normal(0, state.rates.income_drift, len(homes))
    state.drift = state.drift * (1 - state.rates.income_pull) + drift
    unit, earning = state.in_unit(day), is_earning(state, day)
    drawing = (state.jobless_from <= day) & (state.jobless_benefit_until > day)
    wages = traits.wage * earning * unit
    total = (state.per_home(wages) + state.world.other_income) * np.exp(state.drift)
    total += state.per_home(state.benefit_yuan * drawing * unit)
    state.members = state.per_home(unit)
    state.income = total / np.maximum(state.members, 1)
    return traits.wage * (1 - earning * unit) * ~traits.split


def uncounted(state: State, day: int, age: np.ndarray) -> np.ndarray:
    """Small sums that no income test counts: the basic resident pension, per household."""
    basic = (age >= 60) & (state.world.traits.pension == 0)
    return state.per_home(basic * 205.0 * state.in_unit(day))


def settle(
    state: State, t: int, age: np.ndarray, *, lost: np.ndarray, paid_out: np.ndarray, education: np.ndarray
) -> None:
    """Spend, save, fall short; then move each household into or out of hardship."""
    rates, standard = state.rates, state.world.homes.standard
    heads = np.maximum(state.members, 1)
    day = int(state.clock.starts[t + 1]) - 1
    means = state.income + (paid_out + uncounted(state, day, age)) / heads
    rigid = (state.burden + education + state.repair + state.blow) / heads
    state.usual = np.where(state.usual == 0, state.income, 0.96 * state.usual + 0.04 * state.income)
    bound = rates.commitments * np.maximum(state.usual - standard, 0)
    left = means - rates.living_need * standard - bound - rigid
    kin = np.where(state.world.homes.kin & (left < 0), -left * rates.kin_cover, 0)
    change = np.where(left > 0, left * rates.saving_rate, left + kin)
    after = state.savings + change
    short = np.clip(-after, 0, 2.5 * standard) / standard
    state.savings = np.clip(after, 0, rates.savings_cap_months * standard)
    state.stress = rates.stress_memory * state.stress + (1 - rates.stress_memory) * short
    _weigh(state, t, lost, education, heads)
    _hardship(state, day)


def _weigh(state: State, t: int, lost: np.ndarray, education: np.ndarray, heads: np.ndarray) -> None:
    """Remember what has weighed on each household, fading by a fifth a month."""
    people, standard = state.world.people, state.world.homes.standard * heads
    start = int(state.clock.starts[t])
    recent = start - 360
    dead = (people.death > recent) & (people.death < NEVER)
    jailed, disabled = people.prison_from < NEVER, state.severe_from < NEVER
    jobless = state.jobless_from < NEVER
    state.drivers *= 0.8
    for kind, which in (
        (DEATH, dead),
        (CUSTODY, jailed),
        (JOB, jobless & ~dead & ~jailed),
        (DISABILITY, disabled & ~dead),
    ):
        state.drivers[:, kind] += state.per_home(lost * which) / standard
    ill_wage = state.per_home(lost * (state.ill_from < NEVER) * ~jobless * ~dead)
    state.drivers[:, ILLNESS] += (state.burden + ill_wage) / standard
    state.drivers[:, SCHOOL] += education / standard
    state.drivers[:, DISASTER] += state.repair / standard
    state.drivers[:, STOP] += state.lost_pay * heads / standard
    baby = (people.birth > recent) & (people.birth < start)
    state.drivers[:, BIRTH] += 0.08 * state.per_home(baby)
    gap = state.rates.living_need - state.income / state.world.homes.standard
    state.drivers[:, POOR] += np.clip(gap, 0, 1) * 0.5
    state.lost_pay *= 0.75


def _hardship(state: State, day: int) -> None:
    rates = state.rates
    alone = state.world.homes.shape == ALONE
    felt = state.stress + rates.care_stress * state.care_lost * np.where(alone, 1.0, 0.6)
    felt += rates.no_care_stress * (state.lacks > 0)
    here = state.members > 0
    was = state.severity > 0
    now = here & ((felt > rates.hardship_from) | (was & (felt > rates.hardship_until)))
    level = 1 + (felt > rates.severity_two) + (felt > rates.severity_three)
    state.severity = np.where(now, level, 0).astype(np.int8)
