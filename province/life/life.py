"""What happens to people in a month: deaths, illness, work, prison, disability, care, disasters.

Each event comes first and leaves its trace later: departments learn of it with the delays of `views_*`.
"""

from __future__ import annotations

import numpy as np

from province.people.family import ALONE, HEAD, SKIPPED
from province.people.state import State
from province.people.world import CARER, CUSTODY, DEATH, FORMAL, IDLE, NEVER, RETIRED


def _days(state: State, t: int, size: int) -> np.ndarray:
    start, end = state.clock.starts[t], state.clock.starts[t + 1]
    return state.rng.integers(start, end, size).astype(np.int32)


def _by_age(age: np.ndarray, rates: dict[str, float]) -> np.ndarray:
    return np.where(age < 30, rates["young"], np.where(age < 60, rates["adult"], rates["elder"]))


def deaths(state: State, t: int, age: np.ndarray) -> None:
    """Deaths by age, likelier with serious illness; whoever dies of working age leaves sums to pay."""
    people, year = state.world.people, state.rates.death_year
    edges = np.array([18, 60, 70, 80, 90])
    hazard = np.array(list(year.values()))[np.searchsorted(edges, age, side="right")] / 12
    hazard = hazard * np.where(state.ill_from < NEVER, 4.0, 1.0)
    hit = (
        (state.rng.random(len(people)) < hazard)
        & (people.death == NEVER)
        & (people.birth < state.clock.starts[t])
    )
    rows = np.flatnonzero(hit)
    people.death[rows] = _days(state, t, len(rows))
    state.log.add("death", person=rows, day=people.death[rows])
    earner = rows[state.world.traits.wage[rows] > 0]
    state.shock_day[people.home[earner]] = people.death[earner]
    state.blow[:] = 0
    _sum_falls_due(state, rows[(age[rows] >= 18) & (age[rows] < 60)], state.rates.funeral_yuan, DEATH)


def _sum_falls_due(state: State, rows: np.ndarray, median: float, kind: int) -> None:
    """A sum that falls due at once, whoever earns; savings and kin may carry it."""
    home = state.world.people.home[rows]
    yuan = median * np.exp(state.rng.normal(0, 0.7, len(rows)))
    np.add.at(state.blow, home, yuan)
    heads = np.maximum(state.members[home], 1)
    np.add.at(state.drivers[:, kind], home, yuan / (state.world.homes.standard[home] * heads))


def illness(state: State, t: int, age: np.ndarray) -> None:
    """Serious illness begins and, after months, ends; three in four are registered within two months."""
    people, rng = state.world.people, state.rng
    start = state.clock.starts[t]
    well = state.ill_from == NEVER
    state_over = ~well & (state.ill_until < start)
    state.ill_from[state_over] = NEVER
    alive = (people.death > start) & (people.birth < start) & (people.away > start)
    hazard = _by_age(age, state.rates.illness_year) / 12 * (9 if t == 0 else 1)
    rows = np.flatnonzero(well & alive & (rng.random(len(people)) < hazard))
    day = _days(state, t, len(rows))
    state.ill_from[rows] = day
    state.ill_until[rows] = day + 30 * (2 + rng.geometric(1 / state.rates.illness_months, len(rows)))
    registered = day + rng.integers(4, 60, len(rows))
    registered = np.where(rng.random(len(rows)) < 0.76, registered, NEVER)
    # A register forgets nobody: a second illness does not put the day off.
    state.registered_ill[rows] = np.minimum(state.registered_ill[rows], registered)
    state.log.add("illness", person=rows, day=day, registered=registered, luck=rng.random(len(rows)))
    state.shock_day[people.home[rows]] = day


def work(state: State, t: int, age: np.ndarray) -> None:
    """Jobs are lost and found; the contract worker who registers may draw benefit for some months."""
    traits, people, rng = state.world.traits, state.world.people, state.rng
    start = state.clock.starts[t]
    earning = (traits.wage > 0) & (people.death > start) & (age < 62) & (traits.job != RETIRED)
    working = earning & (state.jobless_from == NEVER)
    pace = 1.25 if state.clock.months[t] in (1, 2, 7) else 0.95
    rows = np.flatnonzero(
        working & (rng.random(len(people)) < state.rates.job_loss * pace * (5 if t == 0 else 1))
    )
    day = _days(state, t, len(rows))
    state.jobless_from[rows] = day
    contract, luck = traits.job[rows] == FORMAL, rng.random(len(rows))
    registers = contract & (luck < 0.66) | ~contract & (luck < 0.07)
    drawn = contract & (luck < 0.42)
    term = 30 * rng.integers(2, 13, len(rows))
    state.jobless_benefit_until[rows] = np.where(drawn, day + 20 + term, NEVER)
    state.benefit_yuan[rows] = np.where(drawn, 1550 + 90 * (4 - state.world.homes.tier[people.home[rows]]), 0)
    state.log.add(
        "job_loss",
        person=rows,
        day=day,
        registered=np.where(registers, day + rng.integers(3, 40, len(rows)), NEVER),
        benefit_from=np.where(drawn, day + 20, NEVER),
        benefit_until=state.jobless_benefit_until[rows],
        benefit=state.benefit_yuan[rows],
        luck=luck,
    )
    state.shock_day[people.home[rows]] = day
    found = (state.jobless_from < start) & (rng.random(len(people)) < state.rates.job_found)
    back = np.flatnonzero(found)
    state.jobless_from[back], state.benefit_yuan[back] = NEVER, 0
    state.log.add("job_found", person=back, day=np.full(len(back), start))


def prison(state: State, t: int, age: np.ndarray) -> None:
    """Adults, mostly men, are taken into custody for months or years, and come back."""
    people, rng, start = state.world.people, state.rng, state.clock.starts[t]
    back = people.prison_until < start
    people.prison_from[back], people.prison_until[back] = NEVER, NEVER
    free = (people.prison_from == NEVER) & (people.death > start) & (age >= 18) & (age < 62)
    hazard = state.rates.custody_start * np.where(people.sex == 1, 1.7, 0.3)
    rows = np.flatnonzero(free & (rng.random(len(people)) < hazard))
    day = _days(state, t, len(rows))
    people.prison_from[rows] = day
    people.prison_until[rows] = day + rng.integers(120, 1500, len(rows))
    state.log.add("custody", person=rows, day=day)
    state.shock_day[people.home[rows]] = day
    _sum_falls_due(state, rows, state.rates.custody_yuan, CUSTODY)


def disability(state: State, t: int, age: np.ndarray) -> None:
    """New disabilities; the card follows two to six months later, and half of them end work."""
    people, traits, rng = state.world.people, state.world.traits, state.rng
    start = state.clock.starts[t]
    hazard = _by_age(age, state.rates.new_disability_year) / 12 * np.where(state.ill_from < NEVER, 6, 1)
    whole = (traits.card_issue == NEVER) & (people.death > start) & (people.birth < start)
    rows = np.flatnonzero(whole & (rng.random(len(people)) < hazard))
    day, size = _days(state, t, len(rows)), len(rows)
    traits.card_issue[rows] = day + rng.integers(60, 190, size)
    traits.card_until[rows] = traits.card_issue[rows] + 3653
    traits.disability_type[rows] = rng.choice([1, 2, 4, 4, 4, 4, 6, 7], size)
    traits.disability_grade[rows] = rng.choice([1, 2, 2, 3, 4], size)
    state.severe_from[rows] = np.where(rng.random(size) < 0.55, day, NEVER)
    state.log.add("disability", person=rows, day=day)
    renewed = (traits.card_until < start + 31) & (traits.luck[:, 9] < 0.9) & (traits.card_issue < NEVER)
    traits.card_until[renewed] += 3653
    state.shock_day[people.home[rows]] = day


def care(state: State, t: int, age: np.ndarray) -> None:
    """The old and alone lose what kept them going, children their guardian's strength; some get it back."""
    homes, people, rng = state.world.homes, state.world.people, state.rng
    heads = np.zeros(len(homes))
    heads[people.home[people.seat == HEAD]] = age[people.seat == HEAD]
    frail = (homes.shape == ALONE) * (heads >= 75) * 1.6 + (homes.shape == SKIPPED) * 0.6
    lost = ~state.care_lost & (rng.random(len(homes)) < state.rates.care_lost * frail)
    rows = np.flatnonzero(lost)
    day = _days(state, t, len(rows))
    state.shock_day[rows] = day
    first = np.flatnonzero((people.seat == HEAD) & lost[people.home])
    state.world.traits.ability[first] = np.minimum(state.world.traits.ability[first] + 1, 2)
    back = state.care_lost & (rng.random(len(homes)) < state.rates.care_restored)
    state.care_lost = (state.care_lost | lost) & ~back
    state.drivers[state.care_lost, CARER] += 0.25
    state.log.add("lost_carer", home=rows, day=day)


def disasters(state: State, t: int) -> None:
    """Typhoons, floods and landslides strike a town and reach some homes in it; fires strike one home."""
    homes, rng, rates = state.world.homes, state.rng, state.rates
    towns, month = int(homes.town.max()) + 1, state.clock.months[t]
    state.repair[:] = 0
    for number, (kind, (low, high, rate)) in enumerate(rates.town_disaster.items()):
        struck = (rng.random(towns) < rate) & (low <= month <= high)
        reach = rates.disaster_reach * np.where(homes.is_rural, 1.2, 0.5) * struck[homes.town]
        _strike(state, t, np.flatnonzero(rng.random(len(homes)) < reach), kind, number)
    _strike(state, t, np.flatnonzero(rng.random(len(homes)) < rates.house_fire), "fire", 9)


def _strike(state: State, t: int, rows: np.ndarray, kind: str, number: int) -> None:
    rng, size, homes = state.rng, len(rows), state.world.homes
    damage = np.searchsorted([0.10, 0.32, 0.85], rng.random(size))  # collapsed severe slight none
    loss = np.array([60_000, 22_000, 4_500, 900])[damage] * np.exp(rng.normal(0, 0.6, size))
    first_day = np.full(size, state.clock.starts[t] + 3 + number) if kind != "fire" else _days(state, t, size)
    paid = np.where(rng.random(size) < 0.6, np.array([16_000, 6_000, 800, 0])[damage], 0)
    state.repair[rows] += np.maximum(loss * 0.5 - paid, 0)
    state.struck_day[rows] = first_day
    state.shock_day[rows] = first_day
    state.log.add(
        "disaster",
        home=rows,
        day=first_day.astype(np.int32),
        type=np.full(size, kind),
        damage=damage,
        loss=np.round(loss, -2),
        relief=paid,
        town=homes.town[rows],
    )


def school(state: State, t: int, age: np.ndarray) -> None:
    """Children of stressed households leave school early; few, and some of them return."""
    people, rng = state.world.people, state.rng
    risky = (age >= 12) & (age < 18) & (state.severity[people.home] > 0) & (state.dropout_from == NEVER)
    rows = np.flatnonzero(risky & (rng.random(len(people)) < state.rates.dropout * 6))
    state.dropout_from[rows] = state.clock.starts[t]
    gone = (state.dropout_from < NEVER) & (rng.random(len(people)) < 0.08)
    state.dropout_from[gone] = NEVER
    state.log.add("dropout", person=rows, day=state.dropout_from[rows])


def insurance(state: State, t: int, subsidised: np.ndarray) -> None:
    """Residents pay in December for next year, the stressed less often; employers pay month by month."""
    traits, people, rng = state.world.traits, state.world.people, state.rng
    start, end = int(state.clock.starts[t]), int(state.clock.starts[t + 1]) - 1
    employed = (traits.job == FORMAL) & (state.jobless_from > start)
    state.insured_until = np.where(
        employed, np.maximum(state.insured_until, end + 30), state.insured_until
    ).astype(np.int32)
    baby = (people.birth >= start) & (people.birth <= end)
    if state.clock.months[t] == 12 or baby.any():
        pays = np.where(
            subsidised[people.home], 0.995, np.where(state.severity[people.home] > 0, 0.84, 0.965)
        )
        pays = np.where(state.insured_until < start, 0.35, pays)
        paid = (rng.random(len(people)) < pays) & (baby | (state.clock.months[t] == 12))
        until = (
            end + 365
            if state.clock.months[t] == 12
            else int(np.datetime64(f"{state.clock.years[t]}-12-31").astype(int))
        )
        state.insured_until[paid] = np.maximum(state.insured_until[paid], until)


def rents(state: State) -> None:
    """Rent falls behind in hardship and is caught up some time after."""
    luck, bad = state.rng.random(len(state.arrears)), state.severity > 0
    state.arrears = np.where(bad & (luck < 0.42), state.arrears + 1, state.arrears)
    state.arrears = np.where(~bad & (luck < 0.3), 0, state.arrears).astype(np.int16)


def is_earning(state: State, day: int) -> np.ndarray:
    """Who brings a wage home on a day: alive, free, at work, not kept from it by illness or disability."""
    traits = state.world.traits
    stopped = (state.ill_from <= day) & (traits.luck[:, 15] < state.rates.illness_stops_work)
    return (traits.job != IDLE) & (state.jobless_from > day) & ~stopped & (state.severe_from > day)
