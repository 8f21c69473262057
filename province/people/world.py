"""The values a block of the province is made of: homes, people, and what changes from month to month."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

NEVER = np.int32(2**30)  # a day that does not come
NOWHERE = -1  # outside the province, or not among the living
TIERS = ["t1", "t2", "t3", "t4_urban", "t4_rural"]

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


@dataclass(kw_only=True)
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


@dataclass(kw_only=True)
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


@dataclass(kw_only=True)
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


@dataclass(kw_only=True)
class Ties:
    """House indices per person, and what changed. `dwelling` is NOWHERE outside the province."""

    hukou: np.ndarray  # p: the household somebody is registered in
    unit: np.ndarray  # p: the household whose assistance unit somebody counts in, when alive and free
    dwelling: np.ndarray  # p: the house somebody sleeps in
    wed: np.ndarray  # p: married since the province began
    moved: np.ndarray  # p: day of the last change of the three (-NEVER: none)
    number_in_village: np.ndarray  # of every house: what its address ends with
    villages: pl.Series  # of every house
    luck: np.ndarray  # p x 4 fixed uniform draws: how police hear of where somebody lives
    home_luck: np.ndarray  # h: the same for what a family says together
    weddings: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    def registered_house(self, people: People) -> np.ndarray:
        """The house that somebody's registered address names: who registers apart keeps the old address."""
        own = self.hukou - (len(self.villages) - len(people))
        return np.where(own < 0, self.hukou, people.home[np.maximum(own, 0)])

    def village_of(self, house: np.ndarray) -> pl.Series:
        """Village codes of houses, null for NOWHERE."""
        frame = pl.DataFrame({"v": self.villages.gather(np.maximum(house, 0)), "is": house != NOWHERE})
        return frame.select(pl.when("is").then("v")).to_series()


@dataclass
class World:
    """A block's homes, people and traits, made once; the months then run over them."""

    homes: Homes
    people: People
    traits: Traits
    other_income: np.ndarray  # per household, yuan a month that no earner brings
    ties: Ties  # who is registered, fed and housed with whom
