"""What each department writes of a person beside number and name: sex, birth date, village, guardian.

    describe(facts, contract, now, luck) -> DataFrame   the facts with the identity columns they lacked

Every department has its own gaps (`identity_blank` in rates.yaml): who is left blank stays blank, month after
month, since a form is filled once.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from data_contracts.contract.model import Contract
from province.departments.seen import Moment, days, labels, serial
from province.people.world import NEVER, NOWHERE, People

LUCKS = 14  # fixed draws per person and department; the places below and those of `mistaken`
SEX, BIRTH, VILLAGE, GUARDIAN, OWN_NUMBER, WHICH_PARENT, WHERE = range(7)
_LIVES_THERE = 0.8  # departments that note where somebody lives, not where registered


def describe(facts: pl.DataFrame, contract: Contract, now: Moment, luck: np.ndarray) -> pl.DataFrame:
    """Add the contract's identity columns that the view did not bring; `luck` is persons x LUCKS.

    Columns in: `_person`, the index of whom each row speaks of.
    """
    wanted = {c.name for c in contract.columns} - set(facts.columns)
    who = facts["_person"].to_numpy()
    drawn, blank = luck[who], now.state.rates.identity_blank.get(contract.extract, [0.0, 0.0, 0.0])
    known: dict[str, pl.Series] = {}
    if "sex_code" in wanted:  # who asks for the sex asks for the birth date
        known |= _born(now, who, drawn, blank)
    if "village_code" in wanted:
        known["village_code"] = _blanked(_villages(now, who, drawn), drawn[:, VILLAGE] < blank[VILLAGE])
    if "psn_no" in wanted:
        known["psn_no"] = _blanked(serial("44", now.block, who), drawn[:, OWN_NUMBER] < blank[VILLAGE])
    if "guardian_id_number" in wanted:
        known["guardian_id_number"] = _guardians(now, who, drawn)
    return facts.with_columns(**known)


def _born(now: Moment, who: np.ndarray, drawn: np.ndarray, blank: list[float]) -> dict[str, pl.Series]:
    people = now.state.world.people
    return {
        "sex_code": _blanked(labels(["1", "2"], people.sex[who] - 1), drawn[:, SEX] < blank[SEX]),
        "birth_date": days(np.where(drawn[:, BIRTH] < blank[BIRTH], NEVER, people.birth[who])),
    }


def _villages(now: Moment, who: np.ndarray, drawn: np.ndarray) -> pl.Series:
    """The village somebody lives in, or is registered in where that is not known or asked for."""
    ties = now.state.world.ties
    lives, registered = ties.dwelling[who], ties.registered_house(now.state.world.people)[who]
    there = (drawn[:, WHERE] < _LIVES_THERE) & (lives != NOWHERE)
    return ties.village_of(np.where(there, lives, registered))


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
