"""The truth tables: who people are, what happened, who was in hardship, who was entitled to what."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from province.departments.seen import days
from province.departments.views_people import household_numbers
from province.life.rights import BENEFITS, Rights
from province.life.rolls import Rolls
from province.people.state import State
from province.people.world import DIBAO, KINDS, MARGINAL, NEVER, TEKUN, TIERS

TABLES = ("persons", "households", "hardship", "events", "entitlements", "rows", "memberships")
_EVENTS_OF_PERSONS = ["death", "illness", "job_loss", "job_found", "custody", "disability", "dropout"]
_EVENTS_OF_HOMES = ["disaster", "lost_carer", "benefit_stop"]


@dataclass
class Diary:
    """Month by month from the history on: severity, kind and help per household, rights per person."""

    severity: list[np.ndarray] = field(default_factory=list)
    kind: list[np.ndarray] = field(default_factory=list)
    helped: list[np.ndarray] = field(default_factory=list)
    income: list[np.ndarray] = field(default_factory=list)
    rights: dict[str, list[np.ndarray]] = field(default_factory=lambda: {b: [] for b in BENEFITS})
    counts: list[dict[str, int]] = field(default_factory=list)

    def note(self, state: State, rolls: Rolls, rights: Rights, day: int, delivered: bool) -> None:
        """Write down a month; rights only in the delivered months."""
        self.severity.append(state.severity.copy())
        self.kind.append(state.drivers.argmax(axis=1).astype(np.int8))
        single = state.per_home(rolls.single) > 0
        self.helped.append(
            np.isin(rolls.category, [DIBAO, TEKUN]) | single | rolls.applied | (rolls.relief_until > day)
        )
        if delivered:
            self.income.append(np.round(state.income).astype(np.int64))
            self._rights(state, rolls, rights, day)

    def _rights(self, state: State, rolls: Rolls, rights: Rights, day: int) -> None:
        home, unit = state.world.people.home, rights.unit
        on = {c: (rolls.category == c)[home] for c in (DIBAO, TEKUN)}
        pairs = {
            "dibao": (rights.dibao[home] & unit, on[DIBAO]),
            "tekun": (rights.tekun[home] & unit, on[TEKUN]),
            "single_person_dibao": (rights.single, rolls.single & (rolls.category == MARGINAL)[home]),
            "living_subsidy_disabled": (rights.living, rolls.living),
            "nursing_subsidy_disabled": (rights.nursing, rolls.nursing),
            "unsupported_child": (rights.unsupported, rolls.child > 0),
            "orphan_living": (rights.orphan, rolls.child > 0),
            "elder_allowance": (rights.elder, rolls.allowance),
            "temporary_relief": (rights.relief[home] & unit, (rolls.relief_until > day)[home]),
        }
        for name, (right, gets) in pairs.items():
            self.rights[name].append(np.where(right, 1 + gets, 0).astype(np.int8))


def _runs(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, first and last column of every run of equal, non-zero codes in a matrix."""
    edge = np.zeros((len(codes), 1), dtype=codes.dtype)
    change = np.diff(np.hstack([edge, codes, edge]), axis=1) != 0
    row, begin = np.nonzero(change[:, :-1] & (codes != 0))
    row_end, end = np.nonzero(change[:, 1:] & (codes != 0))
    assert (row == row_end).all()
    return row, begin, end


def _months(state: State, first: int, index: np.ndarray) -> pl.Series:
    return days(state.clock.starts[first + index])


def entitlements(state: State, diary: Diary) -> pl.DataFrame:
    """One row per person, benefit and run of months with the same answer.

    Columns: id_number, household_no, benefit_id, from_month, until_month (both included, first of the month),
    is_receiving.
    """
    parts, people, homes = [], state.world.people, state.world.homes
    for name in BENEFITS:
        codes = np.stack(diary.rights[name], axis=1)
        row, begin, end = _runs(codes)
        parts.append(
            pl.DataFrame(
                {
                    "id_number": people.ids.gather(row),
                    "household_no": homes.household_no.gather(people.home[row]),
                    "benefit_id": pl.Series([name] * len(row), dtype=pl.String),
                    "from_month": _months(state, state.clock.first, begin),
                    "until_month": _months(state, state.clock.first, end),
                    "is_receiving": pl.Series(codes[row, begin] == 2),
                }
            )
        )
    return pl.concat(parts)


def hardship(state: State, diary: Diary) -> pl.DataFrame:
    """One row per household and spell of hardship, from the start of the history on.

    Columns: household_no, hardship_kind (what weighed most at first), start_date, end_date (null while it
    lasts), severity (the worst, 1..3), is_silent (never helped nor applying in the whole spell), asked_date
    (the month of the spell in which the household first was on a roll or applied by itself; null if silent).
    """
    level, kind, helped = (np.stack(x, axis=1) for x in (diary.severity, diary.kind, diary.helped))
    row, begin, end = _runs((level > 0).astype(np.int8))
    first = state.clock.first - 12
    worst = _worst(level, row, begin, end)
    asked = _next(helped)[row, begin]
    silent = asked > end
    over = np.where(
        end + 1 < level.shape[1],
        state.clock.starts[np.minimum(first + end + 1, len(state.clock.starts) - 1)],
        NEVER,
    )
    return pl.DataFrame(
        {
            "household_no": state.world.homes.household_no.gather(row),
            "hardship_kind": pl.Series(KINDS).gather(kind[row, begin].astype(np.int64)),
            "start_date": _months(state, first, begin),
            "end_date": days(over),
            "severity": pl.Series(worst),
            "is_silent": pl.Series(silent),
            "asked_date": pl.select(
                pl.when(pl.Series(~silent)).then(_months(state, first, np.minimum(asked, end)))
            ).to_series(),
        }
    )


def _next(true: np.ndarray) -> np.ndarray:
    """For each cell the column of the next true one of its row, itself included; else the matrix's width."""
    width = true.shape[1]
    column = np.where(true, np.arange(width), width)
    return np.minimum.accumulate(column[:, ::-1], axis=1)[:, ::-1]


def _worst(level: np.ndarray, row: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The highest level of each run; a column of zeros behind keeps runs at the end within bounds."""
    wide = np.hstack([level, np.zeros((len(level), 1), dtype=level.dtype)])
    cuts = np.column_stack([row * wide.shape[1] + begin, row * wide.shape[1] + end + 1]).ravel()
    return (
        np.maximum.reduceat(wide.ravel(), cuts)[::2].astype(np.int64) if len(row) else np.empty(0, np.int64)
    )


def events(state: State) -> pl.DataFrame:
    """One row per event that befell a person or a household: id_number, household_no, kind, event_date."""
    people, homes, log, parts = state.world.people, state.world.homes, state.log, []
    for kind in _EVENTS_OF_PERSONS + _EVENTS_OF_HOMES:
        rows = log.all(kind)
        if not rows:
            continue
        who = rows.get("person")
        home = rows["home"] if who is None else people.home[who]
        ids = pl.Series([None] * len(home), dtype=pl.String) if who is None else people.ids.gather(who)
        parts.append(
            pl.DataFrame(
                {
                    "id_number": ids,
                    "household_no": homes.household_no.gather(home),
                    "kind": pl.Series([kind] * len(home), dtype=pl.String),
                    "event_date": days(rows["day"]),
                }
            )
        )
    schema = {"id_number": pl.String, "household_no": pl.String, "kind": pl.String, "event_date": pl.Date}
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def persons(state: State) -> pl.DataFrame:
    """One row per person ever on file; household_no is the first number, household_no_last the latest."""
    people, homes = state.world.people, state.world.homes
    last = int(state.clock.starts[-1]) - 1
    return pl.DataFrame(
        {
            "id_number": people.ids,
            "name": people.names,
            "household_no": homes.household_no.gather(people.home),
            "household_no_last": household_numbers(state, last),
            "village_code": homes.village_code.gather(people.home),
            "birth_date": days(people.birth),
            "sex_code": pl.Series(people.sex).cast(pl.String),
            "death_date": days(people.death),
            "is_in_unit": pl.Series(~state.world.traits.split),
            "is_disabled": pl.Series(state.world.traits.card_issue < NEVER),
        }
    )


def households(state: State, diary: Diary) -> pl.DataFrame:
    """One row per household: tier, village, whether it asks by itself, true income per head by month.

    standard_yuan_month is that of the last month; a delivery that begins a new year may bring another.
    """
    homes, first = state.world.homes, state.clock.first
    columns = {
        "household_no": homes.household_no,
        "village_code": homes.village_code,
        "place_tier_code": pl.Series(TIERS).gather(homes.tier.astype(np.int64)),
        "is_rural": pl.Series(homes.is_rural),
        "standard_yuan_month": pl.Series(homes.standard.astype(np.int64)),
        "is_aware": pl.Series(homes.aware),
        "member_cnt": pl.Series(state.members.astype(np.int64)),
    }
    for i, income in enumerate(diary.income):
        stamp = np.datetime64(int(state.clock.starts[first + i]), "D").astype("datetime64[M]")
        columns[f"income_yuan_month_{str(stamp).replace('-', '_')}"] = pl.Series(income)
    return pl.DataFrame(columns)


def so_far(state: State, diary: Diary) -> dict[str, pl.DataFrame]:
    """One block's truth by the end of the month noted last: all tables but rows and memberships."""
    return {
        "persons": persons(state),
        "households": households(state, diary),
        "hardship": hardship(state, diary),
        "events": events(state),
        "entitlements": entitlements(state, diary),
    }


class TruthWriter:
    """Keeps a block's truth as parts on disk and joins them at the end."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def put_rows(self, rows: pl.DataFrame, block: int, t: int) -> None:
        """Write whom each row of one block's month speaks of."""
        rows.write_parquet(self.root / f"rows.part{block:05d}-{t:05d}")

    def put(self, state: State, diary: Diary, memberships: pl.DataFrame, block: int) -> None:
        """Write one block's other tables."""
        for name, table in {**so_far(state, diary), "memberships": memberships}.items():
            table.write_parquet(self.root / f"{name}.part{block:05d}")

    def close(self, ledger: pl.DataFrame) -> None:
        """Join the parts and add the ledger of planted dirt."""
        for name in TABLES:
            parts = sorted(self.root.glob(f"{name}.part*"))
            pl.scan_parquet(parts, glob=False).sink_parquet(
                self.root / f"{name}.parquet", maintain_order=True
            )
            for part in parts:
                part.unlink()
        ledger.write_parquet(self.root / "dirt.parquet")
