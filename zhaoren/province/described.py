"""What each department writes of a person beside number and name: sex, birth date, village, guardian.

    describe(facts, contract, now, luck) -> DataFrame   the facts with the identity columns they lacked

Every department has its own gaps (`identity_blank` in rates.yaml): who is left blank stays blank, month after
month, since a form is filled once.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from zhaoren.data_contracts.contract import Contract
from zhaoren.province.seen import Moment, days, labels, serial
from zhaoren.province.world import People

LUCKS = 14  # fixed draws per person and department; the places below and those of `mistaken`
SEX, BIRTH, VILLAGE, GUARDIAN, OWN_NUMBER, WHICH_PARENT, WHERE = range(7)
_PLACES = {"sex_code": SEX, "birth_date": BIRTH, "village_code": VILLAGE}
_LIVES_THERE = 0.8  # departments that note where somebody lives, not where registered


def describe(facts: pl.DataFrame, contract: Contract, now: Moment, luck: np.ndarray) -> pl.DataFrame:
    """Add the contract's identity columns that the view did not bring; `luck` is persons x LUCKS.

    Columns in: `_person`, the index of whom each row speaks of.
    """
    wanted = {c.name for c in contract.columns} - set(facts.columns)
    who = facts["_person"].to_numpy()
    drawn, blank = luck[who], now.state.rates.identity_blank.get(contract.extract, [0.0, 0.0, 0.0])
    columns = _plain(now, who, drawn)
    known = {name: _blanked(columns[name], drawn[:, place] < blank[place]) for name, place in _PLACES.items()}
    known["psn_no"] = _blanked(serial("44", now.block, who), drawn[:, OWN_NUMBER] < blank[VILLAGE])
    if "guardian_id_number" in wanted:
        known["guardian_id_number"] = _guardians(now, who, drawn)
    return facts.with_columns(known[name].alias(name) for name in known if name in wanted)


def _plain(now: Moment, who: np.ndarray, drawn: np.ndarray) -> dict[str, pl.Series]:
    """Sex, birth date, and the village somebody lives in, or is registered in where that is not known."""
    world, ties = now.state.world, now.state.world.ties
    lives = ties.village_of(ties.roof[who])
    registered = ties.village_of(ties.registered_house(world.people)[who])
    frame = pl.DataFrame({"lives": lives, "registered": registered, "there": drawn[:, WHERE] < _LIVES_THERE})
    village = frame.select(pl.when("there").then(pl.coalesce("lives", "registered")).otherwise("registered"))
    return {
        "sex_code": labels(["1", "2"], world.people.sex[who] - 1),
        "birth_date": days(world.people.birth[who]),
        "village_code": village.to_series(),
    }


def _blanked(values: pl.Series, blank: np.ndarray) -> pl.Series:
    return pl.DataFrame({"v": values, "b": blank}).select(pl.when(~pl.col("b")).then("v")).to_series()


def parents_in_town(people: People, who: np.ndarray, father_first: np.ndarray, day: int) -> np.ndarray:
    """Index of a living parent of the watched population (-1: none), the father or the mother first."""
    father, mother = (
        np.where(_lives(people, p, day), p, -1) for p in (people.father[who], people.mother[who])
    )
    one, other = np.where(father_first, father, mother), np.where(father_first, mother, father)
    return np.where(one >= 0, one, other)


def _lives(people: People, parent: np.ndarray, day: int) -> np.ndarray:
    return (parent >= 0) & (people.death[np.maximum(parent, 0)] > day)


def _guardians(now: Moment, who: np.ndarray, drawn: np.ndarray) -> pl.Series:
    """A parent's number for minors, where the school has asked for it."""
    people = now.state.world.people
    parent = parents_in_town(people, who, drawn[:, WHICH_PARENT] < 0.55, now.day)
    asked = (people.age(now.day)[who] < 18) & (drawn[:, GUARDIAN] > now.state.rates.guardian_blank)
    return _blanked(people.ids.gather(np.maximum(parent, 0)), (parent < 0) | ~asked)
