"""The twin of one date of a home: its facts and signals, and where the product's answers differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from tests.bench.alone import alone
from tests.bench.job.stages import forget_peak, peak_bytes, processor_seconds
from tests.bench.twin.core import Core, query
from tests.bench.twin.households import households
from tests.bench.twin.persons import persons
from tests.bench.twin.signals import household_signals, person_signals
from tests.bench.twin.tools import Parameters

YES_OR_NO = ("is_", "has_", "in_")
DAYS = ["death_date"]
# Only steps on the way: the panel has no such columns.
OWN = {"custody_total_days"}


@dataclass(frozen=True)
class Answers:
    """One date's answers. people, homes: facts by id; signals: signal id -> ids that show it."""

    people: pd.DataFrame
    homes: pd.DataFrame
    signals: dict[str, set[str]]


@dataclass(frozen=True)
class Twin:
    """What the twin cost, how much was compared, and what differs, in words."""

    fact_cnt: int
    signal_cnt: int
    compared_cnt: int
    differing_cnt: int
    differences: tuple[str, ...]
    cpu_seconds: float = 0.0
    peak_bytes: int = 0


def answers(con: Any, as_of: date) -> Answers:
    """All of the twin's facts and signals, from core as it was on the date."""
    p, core = Parameters(as_of), Core(con, as_of)
    people = typed(persons(core, p))
    homes = typed(households(core, people, p))
    tier, ids = people["household_id"].map(homes["tier_code"]), core.people["person_id"]
    shown = {name: ids[found.fillna(False)] for name, found in person_signals(people, tier, p).items()}
    at_home = {name: homes.index[found.fillna(False)] for name, found in household_signals(homes, p).items()}
    signals = {name: set(found) for name, found in sorted((shown | at_home).items())}
    return Answers(people.set_axis(ids).drop(columns=list(OWN)), homes, signals)


def typed(facts: pd.DataFrame) -> pd.DataFrame:
    """Each fact in the nullable type of its kind, by its name."""
    kinds = {}
    for name in facts.columns:
        if name.endswith(("_code", "household_id")):
            kinds[name] = pd.StringDtype("pyarrow", na_value=pd.NA)
        elif name not in DAYS:
            number = "Int64" if "_yuan" in name else "Int32"
            kinds[name] = "boolean" if name.startswith(YES_OR_NO) else number
    return facts.astype(kinds)


def compare(con: Any, as_of: date, twin: Answers) -> Twin:
    """Fact by fact and signal by signal against panel.person, panel.household and mart.signal."""
    told, compared = [], 0
    for table, facts in (("panel.person", twin.people), ("panel.household", twin.homes)):
        told += _facts_apart(con, as_of, table, facts)
        compared += facts.size
    told += _signals_apart(con, as_of, twin.signals)
    compared += sum(map(len, twin.signals.values()))
    facts = twin.people.columns.size + twin.homes.columns.size
    differences = tuple(f"{name}: {cnt}" for name, cnt in told if cnt)
    return Twin(facts, len(twin.signals), compared, sum(cnt for _, cnt in told), differences)


def _facts_apart(con: Any, as_of: date, table: str, facts: pd.DataFrame) -> list[tuple[str, int]]:
    """Per fact in how many rows the two differ, NA being equal to NA alone; before, rows of one side only."""
    key = str(facts.index.name)
    chosen = ", ".join(f"CAST({n} * 100 AS BIGINT) AS {n}" if "_yuan" in n else n for n in facts.columns)
    theirs = query(con, f"SELECT {key}, {chosen} FROM {table} WHERE as_of = $1 ORDER BY {key}", as_of)
    theirs = theirs.set_index(key)
    told = [(f"rows of {table}", len(facts.index.symmetric_difference(theirs.index)))]
    theirs = theirs.reindex(facts.index)
    for name, mine in facts.items():
        other = theirs[name].astype(mine.dtype)
        same = (mine == other).fillna(False).astype(bool) | (mine.isna() & other.isna())
        told.append((f"{table}.{name}", int((~same).sum())))
    return told


def _signals_apart(con: Any, as_of: date, signals: dict[str, set[str]]) -> list[tuple[str, int]]:
    """Per signal how many persons or households show it on one side only."""
    rows = query(
        con,
        "SELECT signal_id, coalesce(person_id, household_id) AS shown_by FROM mart.signal "
        "WHERE as_of = $1 AND state = 'yes'",
        as_of,
    )
    theirs = {str(name): set(found) for name, found in rows.groupby("signal_id")["shown_by"]}
    return [(f"signal {name}", len(found ^ theirs.get(name, set()))) for name, found in signals.items()]


def twin_of(home: Path, as_of: date) -> Twin:
    """The twin of a date of a finished home, in a process of its own."""
    found: Twin = alone(_twin, home, as_of).answer
    return found


def _twin(home: Path, as_of: date) -> Twin:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        con.execute("SET enable_progress_bar = false; SET memory_limit = '2GB'")  # pandas needs the rest
        forget_peak()
        before = processor_seconds()
        twin = answers(con, as_of)
        spent, peak = processor_seconds() - before, peak_bytes()
        return replace(compare(con, as_of, twin), cpu_seconds=spent, peak_bytes=peak)
