"""The plan of a made-up province: its months, its towns, and the blocks it is made in.

A block is a run of whole towns small enough to hold in memory; everything about a household happens
within its block, so blocks are made one after another and the province may be as large as the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from divisions import towns, villages
from province.people.rates import Rates
from zhaoren.errors import ZhaorenError

BURN_MONTHS = 6
HISTORY_MONTHS = 12
BLOCK_PERSONS = 40_000


@dataclass(frozen=True)
class Clock:
    """Months of the simulation; month `first` is the first one delivered. Days count from 1970."""

    starts: np.ndarray  # first day of each month, and of the month after the last
    first: int
    years: np.ndarray
    months: np.ndarray

    @property
    def last(self) -> int:
        """Index of the last month."""
        return len(self.starts) - 2

    def month_of(self, days: np.ndarray) -> np.ndarray:
        """The month index each day falls in."""
        return np.searchsorted(self.starts, days, side="right") - 1


def make_clock(start: date, months: int) -> Clock:
    """Burn-in, history and `months` delivered months around the first of `start`'s month."""
    before = BURN_MONTHS + HISTORY_MONTHS
    base = np.datetime64(f"{start.year:04d}-{start.month:02d}", "M") - before
    stamps = base + np.arange(before + months + 1)
    years = stamps.astype("datetime64[Y]").astype(int) + 1970
    month_no = stamps.astype(int) % 12 + 1
    return Clock(stamps.astype("datetime64[D]").astype(np.int32), before, years, month_no)


@dataclass(frozen=True)
class Block:
    """Some whole towns: persons in each, their codes and tiers, and the villages to live in."""

    number: int
    town_codes: list[str]
    town_tiers: np.ndarray  # 0..4, index into the standards
    town_persons: np.ndarray
    villages: list[pl.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What will be made: size, months, seed, share of dirty rows, clock and blocks."""

    persons: int
    months: int
    seed: int
    dirt: float
    clock: Clock
    blocks: list[Block]

    def rng(self, block: int, stream: int) -> np.random.Generator:
        """A generator of its own for each block and purpose, so that one change moves little else."""
        return np.random.Generator(np.random.PCG64([self.seed, block, stream]))


def _tier_group(rates: Rates) -> pl.Expr:
    return pl.col("city_code").replace_strict(rates.tier_of_city, default="t4", return_dtype=pl.String)


def _quota(total: int, shares: dict[str, float]) -> dict[str, int]:
    """Split by largest remainder, so that even a one-town province adds up."""
    exact = {k: total * v for k, v in shares.items()}
    counts = {k: int(v) for k, v in exact.items()}
    short = total - sum(counts.values())
    for key in sorted(exact, key=lambda k: counts[k] - exact[k])[:short]:
        counts[key] += 1
    return counts


def choose_towns(persons: int, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """One town per 2,480 watched persons, spread over the place tiers, sorted by code."""
    country = ((pl.col("residence_code") == "rural").sum() >= 3).alias("has_country")
    settled = villages().group_by("town_code").agg(pl.len(), country).filter(pl.col("len") >= 3)
    pool = (
        towns().join(settled, on="town_code").with_columns(_tier_group(rates).alias("tier")).sort("town_code")
    )
    wanted = min(max(1, round(persons / rates.persons_per_station)), pool.height)
    parts = []
    for tier, count in _quota(wanted, rates.tier_share).items():
        rows = pool.filter(pl.col("tier") == tier)
        order = np.argsort(rng.random(rows.height) - 0.5 * rows["has_country"].to_numpy(), kind="stable")
        parts.append(rows[np.sort(order[:count])])
    return pl.concat(parts).sort("town_code")


def _block_of(number: int, chosen: pl.DataFrame, sizes: np.ndarray) -> Block:
    places = villages().filter(pl.col("town_code").is_in(chosen["town_code"].to_list()))
    by_town = {key[0]: rows for key, rows in places.partition_by("town_code", as_dict=True).items()}
    codes = chosen["town_code"].to_list()
    tiers = chosen["tier"].replace_strict({"t1": 0, "t2": 1, "t3": 2, "t4": 3}, return_dtype=pl.Int8)
    return Block(number, codes, tiers.to_numpy(), sizes, [by_town[c] for c in codes])


def _refuse_what_makes_no_province(persons: int, months: int, dirt: float) -> None:
    if persons < 100 or months < 1 or not 0 <= dirt <= 0.5:
        raise ZhaorenError(
            "cannot make this province",
            f"persons={persons}, months={months}, dirt={dirt}",
            "at least 100 persons, 1 month, and a share of dirty rows from 0 to 0.5 are needed",
            "change the sizes",
        )


def _refuse_years_without_amounts(clock: Clock, rates: Rates) -> None:
    """Burn-in and history lie before the start, so two calendar years before it may be needed."""
    known = rates.living_subsidy_yuan.keys() & rates.nursing_subsidy_yuan.keys()
    missing = sorted(set(clock.years[:-1].tolist()) - known)
    if missing:
        raise ZhaorenError(
            "cannot make this province",
            f"years {missing}, of which {BURN_MONTHS + HISTORY_MONTHS} months lie before the start",
            "the subsidies of these years are not in province/people/rates.yaml",
            "start later, make fewer months, or add the amounts",
        )


def make_plan(persons: int, months: int, seed: int, *, dirt: float, start: date, rates: Rates) -> Plan:
    """Choose towns and cut them into blocks; raises ZhaorenError for what makes no province."""
    _refuse_what_makes_no_province(persons, months, dirt)
    clock = make_clock(start, months)
    _refuse_years_without_amounts(clock, rates)
    rng = np.random.Generator(np.random.PCG64([seed, 0, 0]))
    chosen = choose_towns(persons, rates, rng)
    weights = rng.gamma(12.0, size=chosen.height)
    edges = np.round(np.cumsum(weights) / weights.sum() * persons).astype(int)
    sizes = np.diff(edges, prepend=0)
    group = edges // BLOCK_PERSONS
    group[-1] = group[max(len(group) - 2, 0)] if len(group) > 1 else 0  # no crumb at the end
    blocks = []
    for number, g in enumerate(np.unique(group), start=1):
        rows = np.flatnonzero(group == g)
        blocks.append(_block_of(number, chosen[rows], sizes[rows]))
    return Plan(persons=persons, months=months, seed=seed, dirt=dirt, clock=clock, blocks=blocks)
