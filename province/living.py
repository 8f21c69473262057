"""A province that goes on living while its social workers visit: what they helped to apply for gets paid.

`make_province` writes all months at once. Here a month is written only when the one before has been worked
on, and what offices granted by then shows on the rolls it delivers. Without grants the files are the same to
the byte. All blocks stay in memory: for a demo, not for four million persons.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import polars as pl

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from province.inbox import Inbox, arrival
from province.make import START, BlockLife, Progress
from province.people.plan import make_plan
from province.people.rates import load_rates
from province.truth.truth import TruthWriter, so_far

GRANTED = {"month": pl.Int64, "household_no": pl.String, "benefit_id": pl.String}


class LivingProvince:
    """Under `out`: inbox/ and truth/ as make_province writes them, and granted.parquet.

    Begun anew in a folder that holds grants already, it lives those months again as they were: a demo that
    was stopped goes on with the same files.
    """

    def __init__(
        self,
        persons: int,
        months: int,
        seed: int,
        out: Path,
        dirt: float,
        *,
        progress: Progress | None = None,
    ) -> None:
        rates = load_rates()
        self.plan = make_plan(persons, months, seed, dirt=dirt, start=START, rates=rates)
        self.out = out
        for folder in ("inbox", "truth"):  # written anew: the same bytes, unless a kill left half a file
            shutil.rmtree(out / folder, ignore_errors=True)
        self.inbox = Inbox(out / "inbox", load_contracts(), load_codes(), dirt)
        self.writer = TruthWriter(out / "truth")
        self.totals = self.plan.rng(0, 9)
        self.blocks = []
        for done, block in enumerate(self.plan.blocks, start=1):
            life = BlockLife(self.plan, block, rates)
            for t in range(self.plan.clock.first):
                life.month(t)
            self.blocks.append(life)
            if progress:
                progress("making the province", done, len(self.plan.blocks))

    @property
    def dates(self) -> list[date]:
        """The days on which the months' files arrive."""
        clock = self.plan.clock
        return [date.fromisoformat(arrival(clock.starts, t)) for t in range(clock.first, clock.last + 1)]

    def write_month(self, number: int, granted: pl.DataFrame | None = None) -> None:
        """Live the month of that number (from 0, each once, in order) and write its files.

        `granted`: household_no, benefit_id decided since the month before; what was decided for the month
        when it was written before goes before it.
        """
        t = self.plan.clock.first + number
        given = self._kept(number, granted)
        for life in self.blocks:
            life.month(t, given)
            life.deliver(t, self.inbox, self.writer)
        self.inbox.finish(arrival(self.plan.clock.starts, t), self.totals)

    def truth(self) -> dict[str, pl.DataFrame]:
        """The truth by the end of the month written last; without dirt, rows and memberships."""
        parts = [so_far(life.state, life.diary) for life in self.blocks]
        return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}

    def close(self) -> None:
        """Write the truth, once all months are over."""
        for life in self.blocks:
            life.end(self.writer)
        self.writer.close(self.inbox.close(self.totals))

    def _kept(self, number: int, granted: pl.DataFrame | None) -> pl.DataFrame:
        """The month's grants, from the file where it was written before, else noted there."""
        path = self.out / "granted.parquet"
        known = pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=GRANTED)
        months = known["month"].max()
        if months is not None and number <= int(str(months)):
            return known.filter(pl.col("month") == number)
        new = pl.DataFrame(schema=GRANTED) if granted is None else granted.with_columns(month=pl.lit(number))
        new = new.select(pl.col(name).cast(kind) for name, kind in GRANTED.items())
        # An empty row marks a month in which nothing was granted: it must not be decided again.
        mark = pl.DataFrame({"month": [number], "household_no": [""], "benefit_id": [""]}, schema=GRANTED)
        fresh = path.with_suffix(".new")
        pl.concat([known, new, mark]).write_parquet(fresh)
        fresh.replace(path)
        return new
