"""What a department can see at a month's end: shared pieces for the views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from province.life.rights import Rights
from province.life.rolls import Rolls
from province.people.state import State
from province.people.world import NEVER


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The block at the end of one month. `day` is its last day; `month` 0 is the first one delivered."""

    state: State
    rolls: Rolls
    rights: Rights
    t: int
    rng: np.random.Generator
    block: int

    @property
    def day(self) -> int:
        """Last day of the month."""
        return int(self.state.clock.starts[self.t + 1]) - 1

    @property
    def month(self) -> int:
        """Delivered months before this one."""
        return self.t - self.state.clock.first

    @property
    def year(self) -> int:
        """Calendar year."""
        return int(self.state.clock.years[self.t])

    @property
    def calendar_month(self) -> int:
        """1 to 12."""
        return int(self.state.clock.months[self.t])

    def due(self, days: np.ndarray, late: np.ndarray, since: int) -> np.ndarray:
        """Events to be delivered now: this month's, and last month's that came late.

        The first delivery brings everything since day `since`.
        """
        arrives = self.state.clock.month_of(days) + late
        here = arrives <= self.t if self.month == 0 else arrives == self.t
        return here & (days >= since) & (days <= self.day)

    def history_from(self) -> int:
        """First day of the twelve months of history."""
        return int(self.state.clock.starts[self.state.clock.first - 12])


def labels(values: Sequence[str | None], index: np.ndarray) -> pl.Series:
    """Text column: the value each index points at."""
    return pl.Series(list(values), dtype=pl.String).gather(np.asarray(index, dtype=np.int64))


def days(values: np.ndarray) -> pl.Series:
    """Date column from days since 1970, null for NEVER."""
    column = pl.Series(np.asarray(values, dtype=np.int32))
    return column.set(column >= int(NEVER), None).cast(pl.Date)


def fen(yuan: np.ndarray) -> pl.Series:
    """Money column in fen from yuan."""
    return pl.Series(np.round(np.asarray(yuan) * 100).astype(np.int64))


def serial(prefix: str, block: int, numbers: np.ndarray, width: int = 8) -> pl.Series:
    """Text column of record numbers, unique over blocks."""
    padded = pl.Series(np.asarray(numbers, dtype=np.int64)).cast(pl.String).str.zfill(width)
    return pl.Series(
        (pl.DataFrame({"n": padded}).select(pl.lit(f"{prefix}{block:03d}") + pl.col("n"))).to_series()
    )


def dead_known(state: State, lag: np.ndarray) -> np.ndarray:
    """Day from which an office knows of each death (NEVER when alive)."""
    death = state.world.people.death
    return np.where(death < NEVER, death + lag, NEVER).astype(np.int64)


def person_columns(state: State, rows: np.ndarray) -> dict[str, pl.Series]:
    """ID number and name of some persons, and who they are: `_person`, which no file carries."""
    people = state.world.people
    return {
        "id_number": people.ids.gather(rows),
        "name": people.names.gather(rows),
        "_person": pl.Series(np.asarray(rows, dtype=np.int32)),
    }
