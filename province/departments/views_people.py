"""What police, civil registry, justice and the disabled federation send."""

from __future__ import annotations

import numpy as np
import polars as pl

from province.departments.dwellings import addresses, dwelling_columns
from province.departments.seen import Moment, days, dead_known, fen, labels, person_columns, serial
from province.people.family import (
    BABY,
    CHILD_A,
    CHILD_B,
    CHILD_C,
    FATHER,
    GRAND_A,
    GRAND_B,
    HEAD,
    IN_LAW,
    MOTHER,
    SEATS,
    SPOUSE,
)
from province.people.state import State
from province.people.ties import house_keys
from province.people.world import NEVER

RELATIONS = [
    "head",
    "spouse",
    "child",
    "grandchild",
    "parent",
    "grandparent",
    "sibling",
    "child_in_law",
    "other",
]


def _relation_table() -> np.ndarray:
    """Relation (index into RELATIONS) of each seat, for whoever is head now (seats x seats)."""
    head, spouse, child, grand, parent, grandparent, sibling, in_law, other = range(9)
    table = np.full((SEATS, SEATS), other, dtype=np.int8)
    young, grandchildren, elders = [CHILD_A, CHILD_B, CHILD_C, BABY], [GRAND_A, GRAND_B], [FATHER, MOTHER]
    for who in (HEAD, SPOUSE):
        table[who, young], table[who, grandchildren], table[who, elders], table[who, IN_LAW] = (
            child,
            grand,
            parent,
            in_law,
        )
        table[who, HEAD + SPOUSE - who] = spouse
    for who in young:
        table[who, young], table[who, [HEAD, SPOUSE]], table[who, elders] = sibling, parent, grandparent
    table[CHILD_A, grandchildren], table[CHILD_A, IN_LAW] = child, spouse
    for who in elders:
        table[who, elders], table[who, HEAD], table[who, SPOUSE], table[who, young] = (
            spouse,
            child,
            in_law,
            grand,
        )
    table[IN_LAW, grandchildren], table[IN_LAW, CHILD_A] = child, spouse
    table[IN_LAW, [HEAD, SPOUSE]] = parent
    np.fill_diagonal(table, head)
    return table


_TABLE = _relation_table()


def cancel_days(state: State) -> np.ndarray:
    """When the police cancel the dead: mostly within two months, sometimes much later or never."""
    luck = state.world.traits.luck[:, 1]
    lag = np.where(
        luck < 0.55, 3 + luck * 40, np.where(luck < 0.85, 25 + (luck - 0.55) * 120, 60 + (luck - 0.85) * 900)
    )
    known = dead_known(state, lag.astype(int))
    old = state.world.people.death < state.clock.starts[0]
    return np.where((luck > 0.96) & ~old, NEVER, known)


def current_heads(state: State, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Seat of the head on file per household, and whether a new household number was opened.

    In four homes in ten the number is closed a month after the dead head's cancellation and a new one
    opened under the next in line; in the others nothing on file changes.
    """
    people, homes = state.world.people, state.world.homes
    cancelled = np.full(len(homes), NEVER, dtype=np.int64)
    heads = people.seat == HEAD
    cancelled[people.home[heads]] = cancel_days(state)[heads]
    moved = (cancelled + 30 <= day) & (homes.luck[:, 0] < 0.4)
    left = (people.death > day) & (people.birth <= day) & (people.seat != HEAD)
    left = np.flatnonzero(left & (state.world.ties.hukou == people.home))
    grown = left[people.age(day)[left] >= 16]
    seat = np.zeros(len(homes), dtype=np.int64)
    for rows in (left, grown):  # a grown-up goes before a child
        seat[people.home[rows[::-1]]] = people.seat[rows[::-1]]
    moved &= seat > 0
    return np.where(moved, seat, HEAD), moved


def household_numbers(state: State, day: int) -> pl.Series:
    """Household number on file per person; the dead head stays under the closed number."""
    world = state.world
    _, moved = current_heads(state, day)
    renewed = np.append(moved, np.zeros(len(world.people), bool))[world.ties.hukou] & (
        world.people.death > day
    )
    frame = pl.DataFrame({"old": house_keys(world, world.ties.hukou), "renewed": renewed})
    new = pl.col("old").str.head(9) + pl.lit("1") + pl.col("old").str.tail(6)
    return frame.select(pl.when("renewed").then(new).otherwise("old")).to_series()


def population(now: Moment) -> pl.DataFrame:
    """户籍人口: everyone registered, the dead and the moved marked when the police learn of it."""
    state, people, day = now.state, now.state.world.people, now.day
    rows = np.flatnonzero(
        (people.birth <= day - 10) & (state.world.traits.luck[:, 0] >= state.rates.unregistered_share)
    )
    cancelled = cancel_days(state)[rows]
    dead, moved = cancelled <= day, people.away[rows] <= day
    number, house = household_numbers(state, day), state.world.ties.registered_house(people)[rows]
    end = np.where(dead, cancelled, np.where(moved, people.away[rows], NEVER))
    return pl.DataFrame(
        {
            **person_columns(state, rows),
            "sex_code": labels(["1", "2"], people.sex[rows] - 1),
            "birth_date": days(people.birth[rows]),
            "household_no": number.gather(rows),
            "relation_code": labels(RELATIONS, _relations(state, rows, day)),
            "village_code": state.world.ties.village_of(house),
            "address": addresses(state.world.ties, house),
            **dwelling_columns(now, rows),
            "father_id_number": _parent_ids(now, people.father[rows], people.home[rows]),
            "mother_id_number": _parent_ids(now, people.mother[rows], people.home[rows]),
            "registration_status_code": labels(
                ["active", "dead", "moved_out"], np.where(dead, 1, np.where(moved, 2, 0))
            ),
            "cancel_date": days(end),
        }
    )


def _relations(state: State, rows: np.ndarray, day: int) -> np.ndarray:
    """Relation to the head on file: who married in is a child's spouse, who registers apart heads a house."""
    people, house = state.world.people, state.world.ties.hukou[rows]
    first_own, head = len(state.world.homes), current_heads(state, day)[0]
    own, married_in = house >= first_own, house != people.home[rows]
    seat = np.where(married_in, IN_LAW, people.seat[rows])
    seat_head = np.where(people.death[rows] <= day, HEAD, head[np.where(own, people.home[rows], house)])
    founder_or_spouse = np.where(house - first_own == rows, HEAD, SPOUSE)
    return np.where(own, _TABLE[HEAD, founder_or_spouse], _TABLE[seat_head, seat])


def _parent_ids(now: Moment, parent: np.ndarray, home: np.ndarray) -> pl.Series:
    people = now.state.world.people
    inside = people.ids.gather(np.maximum(parent, 0))
    outside = people.outside_ids.gather(home)
    frame = pl.DataFrame({"inside": inside, "outside": outside, "p": parent})
    pick = pl.when(pl.col("p") >= 0).then("inside").when(pl.col("p") == -2).then("outside")
    return frame.select(pick).to_series()


def cremation_marriage(now: Moment) -> pl.DataFrame:
    """殡葬火化与婚姻: most of the dead, within a week; weddings and divorces of no consequence here."""
    state = now.state
    luck = state.world.traits.luck[:, 2]
    cremated = dead_known(state, (1 + luck * 6).astype(int))
    rows = np.flatnonzero(now.due(cremated, luck < 0.05, now.history_from()) & (luck < 0.93))
    burnt = pl.DataFrame(
        {
            "record_no": serial("HH", now.block, rows),
            **person_columns(state, rows),
            "vital_event_code": labels(["cremation"], np.zeros(len(rows))),
            "registered_date": days(cremated[rows]),
            "spouse_id_number": pl.Series([None] * len(rows), dtype=pl.String),
        }
    )
    return pl.concat([burnt, _weddings(now), _moves(now)])


def _weddings(now: Moment) -> pl.DataFrame:
    state, people, rng = now.state, now.state.world.people, now.rng
    age = people.age(now.day)
    free = (age > 21) & (age < 65) & (people.death > now.day) & (people.away > now.day)
    men, women = (np.flatnonzero(free & (people.sex == s)) for s in (1, 2))
    months = 13 if now.month == 0 else 1
    count = min(max(1, int(len(free) * 0.00012 * months)), len(men), len(women))
    pairs = np.stack([rng.permutation(men)[:count], rng.permutation(women)[:count]])
    first = now.history_from() if now.month == 0 else int(state.clock.starts[now.t])
    day = rng.integers(first, now.day + 1, count)
    who, spouse = pairs.ravel(), pairs[::-1].ravel()
    number = np.tile(np.arange(count) + (now.month + 1) * 100_000, 2)
    return pl.DataFrame(
        {
            "record_no": serial("HY", now.block, number),
            **person_columns(state, who),
            "vital_event_code": labels(["marriage", "divorce"], np.tile(rng.random(count) < 0.35, 2)),
            "registered_date": days(np.tile(day, 2)),
            "spouse_id_number": people.ids.gather(spouse),
        }
    )


def _moves(now: Moment) -> pl.DataFrame:
    """The weddings by which somebody moved to another household."""
    state, log = now.state, now.state.world.ties.weddings
    none = np.empty(0, dtype=np.int64)
    groom, bride, day = (np.concatenate([none, *(w[i] for w in log)]) for i in range(3))
    now_due = np.flatnonzero(now.due(day, np.zeros(len(day), dtype=bool), now.history_from()))
    who = np.concatenate([groom[now_due], bride[now_due]])
    spouse = np.concatenate([bride[now_due], groom[now_due]])
    return pl.DataFrame(
        {
            "record_no": serial("HY", now.block, np.tile(now_due + 90_000_000, 2)),
            **person_columns(state, who),
            "vital_event_code": labels(["marriage"], np.zeros(len(who))),
            "registered_date": days(np.tile(day[now_due], 2)),
            "spouse_id_number": state.world.people.ids.gather(spouse),
        }
    )


def custody(now: Moment) -> pl.DataFrame:
    """在押与社区矫正: who is held today, and some who report to a correction office."""
    state, people, luck = now.state, now.state.world.people, now.state.world.traits.luck
    day = now.day
    held = (
        (people.prison_from <= day - 7)
        & (people.prison_until > day)
        & (luck[:, 4] > 0.02)
        & (people.death > day)
    )
    age = people.age(day)
    report = (
        (luck[:, 5] > 0.9975) & (age > 18) & (age < 65) & (people.prison_from == NEVER) & (people.death > day)
    )
    rows = np.flatnonzero(held | report)
    free = ~held[rows]
    since = np.where(
        free, state.clock.starts[0] - (luck[rows, 4] * 300).astype(int), people.prison_from[rows]
    )
    until = np.where(free, since + 1300, people.prison_until[rows])
    return pl.DataFrame(
        {
            **person_columns(state, rows),
            "custody_type_code": labels(
                ["prison", "detox", "community"], np.where(free, 2, luck[rows, 5] > 0.85)
            ),
            "custody_from_date": days(since),
            "custody_until_date": days(until),
        }
    )


def disability_card(now: Moment) -> pl.DataFrame:
    """持证残疾人: cards in being, with the two subsidies paid on them."""
    state, people, traits = now.state, now.state.world.people, now.state.world.traits
    known = dead_known(state, (20 + traits.luck[:, 2] * 150).astype(int))
    rows = np.flatnonzero((traits.card_issue <= now.day) & (known > now.day))
    frame = pl.DataFrame(
        {
            "id": people.ids.gather(rows),
            "type": traits.disability_type[rows],
            "grade": traits.disability_grade[rows],
            "again": traits.luck[rows, 9] < 0.04,
        }
    )
    number = pl.concat_str("id", "type", "grade", pl.when("again").then(pl.lit("B1")).otherwise(pl.lit("")))
    minor = people.age(now.day)[rows] < 18
    head = people.names.gather(np.searchsorted(people.home, people.home[rows]))
    rates = state.rates
    return pl.DataFrame(
        {
            "card_no": frame.select(number).to_series(),
            **person_columns(state, rows),
            "disability_type_code": frame["type"].cast(pl.String),
            "disability_grade_code": frame["grade"].cast(pl.String),
            "issue_date": days(traits.card_issue[rows]),
            "valid_until_date": days(traits.card_until[rows]),
            "guardian_name": pl.DataFrame({"h": head, "m": minor}).select(pl.when("m").then("h")).to_series(),
            "living_subsidy_yuan_month": fen(now.rolls.living[rows] * rates.living_subsidy_yuan[now.year]),
            "nursing_subsidy_yuan_month": fen(now.rolls.nursing[rows] * rates.nursing_subsidy_yuan[now.year]),
        }
    )
