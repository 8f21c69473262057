"""The truth of who belonged together, and from when until when: truth/memberships.parquet.

    Memberships().note(state, rolls, t)   at the end of each month
    Memberships().table(state)            kind, household_key, id_number, valid_from, valid_to (exclusive)

hukou        who is registered: from birth to death or to leaving the province, with weddings and partings
assistance   who shares income and spending, which civil affairs counts as 共同生活家庭成员: everyone of
             the home who is alive, free, not moved out and does not keep house elsewhere; those who do are
             units of their own, with whom they married; who is recognised alone (单人保) is a unit of one
dwelling     who sleeps in one house: pupils who board belong home, the held and those outside to none
"""

from __future__ import annotations

import numpy as np
import polars as pl

from province.departments.seen import days
from province.life.rolls import Rolls
from province.people.state import State
from province.people.ties import house_keys
from province.people.world import MARGINAL, NEVER, NOWHERE

KINDS = ("hukou", "assistance", "dwelling")


def houses_on(state: State, rolls: Rolls, day: int) -> dict[str, np.ndarray]:
    """House index per person and kind on a day of the running month; NOWHERE where there is none."""
    people, traits, ties = state.world.people, state.world.traits, state.world.ties
    here = (people.birth <= day) & (people.death > day) & (people.away > day)
    free = here & ~((people.prison_from <= day) & (people.prison_until > day))
    registered = here & (traits.luck[:, 0] >= state.rates.unregistered_share)
    single = rolls.single & (rolls.category == MARGINAL)[people.home]
    own = len(state.world.homes) + np.arange(len(people))
    return {
        "hukou": np.where(registered, ties.hukou, NOWHERE),
        "assistance": np.where(free, np.where(single, own, ties.unit), NOWHERE),
        "dwelling": np.where(free, ties.dwelling, NOWHERE),
    }


class Memberships:
    """Spells of belonging, gathered month by month from the start of the history on."""

    def __init__(self) -> None:
        self.now: dict[str, np.ndarray] = {}
        self.since: dict[str, np.ndarray] = {}
        self.over: list[pl.DataFrame] = []

    def note(self, state: State, rolls: Rolls, t: int) -> None:
        """Compare the end of the month with the end of the last one; a change is dated by what caused it."""
        start, day = int(state.clock.starts[t]), int(state.clock.starts[t + 1]) - 1
        when = _last_event(state, start, day)
        for kind, house in houses_on(state, rolls, day).items():
            before = self.now.setdefault(kind, np.full(len(house), NOWHERE, dtype=np.int64))
            since = self.since.setdefault(kind, np.full(len(house), start, dtype=np.int64))
            rows = np.flatnonzero(house != before)
            self._close(state, kind, rows[before[rows] != NOWHERE], when)
            since[rows] = when[rows]
            self.now[kind] = house

    def _close(self, state: State, kind: str, rows: np.ndarray, until: np.ndarray) -> None:
        house, since = self.now[kind][rows], self.since[kind][rows]
        self.over.append(_spells(state, kind, rows, house, since=since, until=until[rows]))

    def table(self, state: State) -> pl.DataFrame:
        """All spells of the block, sorted; those that last have no end."""
        for kind in KINDS:
            rows = np.flatnonzero(self.now[kind] != NOWHERE)
            self._close(state, kind, rows, np.full(len(state.world.people), NEVER, dtype=np.int64))
        order = ["kind", "id_number", "valid_from"]
        return pl.concat(self.over).filter(
            pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("valid_from"))
        ).sort(order)  # fmt: skip


def _last_event(state: State, start: int, day: int) -> np.ndarray:
    """The day of the month on which each person's belonging last changed, else the month's first day."""
    people = state.world.people
    causes = (people.birth, people.death, people.away, people.prison_from, people.prison_until)
    when = np.full(len(people), start, dtype=np.int64)
    for cause in (*causes, state.world.ties.moved):
        when = np.where((cause >= start) & (cause <= day), np.maximum(when, cause), when)
    return when


def _spells(
    state: State, kind: str, rows: np.ndarray, house: np.ndarray, *, since: np.ndarray, until: np.ndarray
) -> pl.DataFrame:
    return pl.DataFrame({
        "kind": pl.Series([kind] * len(rows), dtype=pl.String),
        "household_key": house_keys(state.world, house),
        "id_number": state.world.people.ids.gather(rows),
        "valid_from": days(since),
        "valid_to": days(until),
    })  # fmt: skip
