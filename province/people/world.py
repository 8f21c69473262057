"""The values a block of the province is made of: homes, people, and what changes from month to month."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from province.people.ties import Ties

NEVER = np.int32(2**30)  # a day that does not come
TIERS = ["t1", "t2", "t3", "t4_urban", "t4_rural"]

# Seats in a household. A seat is the relation to the first head; BABY is filled by a later birth.
HEAD, SPOUSE, CHILD_A, CHILD_B, CHILD_C, FATHER, MOTHER, GRAND_A, GRAND_B, IN_LAW, BABY = range(11)
SEATS = 11

# Roll categories of an assistance unit.
NONE, DIBAO, TEKUN, MARGINAL = range(4)

# What brings a household into hardship; also the kinds in truth/hardship.parquet.
KINDS = [
    "illness",
    "job_loss",
    "death",
    "disability",
    "school",
    "disaster",
    "custody",
    "lost_carer",
    "benefit_stop",
    "birth",
    "low_income",
    "child_without_carer",
    "elder_without_care",
]
(ILLNESS, JOB, DEATH, DISABILITY, SCHOOL, DISASTER, CUSTODY, CARER, STOP, BIRTH, POOR, CHILD, ELDER) = range(
    13
)

# Jobs.
IDLE, FORMAL, INFORMAL, FARM, RETIRED = range(5)


@dataclass
class Homes:
    """One entry per household. `shape` is its kind of family; `base` its income over the standard."""

    shape: np.ndarray
    town: np.ndarray
    village_code: pl.Series
    tier: np.ndarray
    is_rural: np.ndarray
    household_no: pl.Series
    standard: np.ndarray = field(default_factory=lambda: np.empty(0))
    kin: np.ndarray = field(default_factory=lambda: np.empty(0))
    aware: np.ndarray = field(default_factory=lambda: np.empty(0))
    lone: np.ndarray = field(default_factory=lambda: np.empty(0))
    luck: np.ndarray = field(default_factory=lambda: np.empty(0))  # households x 8 fixed uniform draws

    def __len__(self) -> int:
        return len(self.shape)


@dataclass
class People:
    """One entry per person, ordered by household then seat. Days count from 1970; NEVER if not at all.

    father, mother: index of the parent, -1 unknown, -2 known but outside the watched population.
    """

    home: np.ndarray
    seat: np.ndarray
    sex: np.ndarray
    birth: np.ndarray
    father: np.ndarray
    mother: np.ndarray
    death: np.ndarray
    away: np.ndarray
    prison_from: np.ndarray
    prison_until: np.ndarray
    ids: pl.Series = field(default_factory=pl.Series)
    names: pl.Series = field(default_factory=pl.Series)
    outside_ids: pl.Series = field(default_factory=pl.Series)  # per household: a parent living elsewhere

    def __len__(self) -> int:
        return len(self.home)

    def age(self, day: int) -> np.ndarray:
        """Completed years on a day (by days over 365.2425; exact to the day is not needed inside)."""
        return np.floor((day - self.birth) / 365.2425).astype(np.int16)


@dataclass
class Traits:
    """One entry per person: what she has, does and earns. `wage` and `pension` are yuan a month."""

    card_issue: np.ndarray
    card_until: np.ndarray
    disability_type: np.ndarray
    disability_grade: np.ndarray
    chronic: np.ndarray
    job: np.ndarray
    wage: np.ndarray
    pension: np.ndarray
    ability: np.ndarray  # 0 able, 1 partial, 2 disabled
    split: np.ndarray  # grown child who keeps house elsewhere: in the hukou, not in the unit
    luck: np.ndarray  # persons x 16 fixed uniform draws: who is seen by which department


@dataclass
class World:
    """A block's homes, people and traits, made once; the months then run over them."""

    homes: Homes
    people: People
    traits: Traits
    other_income: np.ndarray  # per household, yuan a month that no earner brings
    ties: Ties  # who is registered, fed and housed with whom
