"""Facts that contracts declare (data_contracts/declared.py), taken from any extract's rows as of one date.

    declared_persons(core, who, as_of, facts) -> DataFrame              person_id + the person facts
    declared_households(core, members, spine, as_of, facts) -> DataFrame    household_id + the household facts

One row per row of the spine. A household's rows are those about any of its members, the dead included: the
meter may still run in the name of one who died. Unknown (null) where the extract was never delivered, where
nothing of it was delivered within the fact's window, where a value, or whether a row counts, is unknown, and
where nobody is listed unless the fact says what that means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from data_contracts.loading.declared_facts import DeclaredFact
from data_contracts.registry.column_types import DTYPES
from policies.engine.dates import months_before
from transforms.core_as_of import (
    Core,
    Fact,
    attach,
    days_since,
    doubtful,
    fen,
    last_rows,
    latest,
    newest_day,
    yuan,
)

ORDER = ["_day", "period_month", "known_date", "delivery_id", "row_no"]
EXACT = ("yuan", "number")  # decimals with two places, summed as whole hundredths
# For these a row that does not meet the condition is an answer too: none of them did.
ASKED_OF_ALL = ("count", "any")


def declared_persons(
    core: Core, who: pl.DataFrame, as_of: date, facts: Sequence[DeclaredFact]
) -> pl.DataFrame:
    """One row per person of `who`."""
    people = who.select("person_id")
    return _facts(core, who, "person_id", people, as_of, [f for f in facts if f.entity == "person"])


def declared_households(
    core: Core, members: pl.DataFrame, spine: pl.DataFrame, as_of: date, facts: Sequence[DeclaredFact]
) -> pl.DataFrame:
    """One row per household of `spine`; `members` says who belongs to it."""
    homes = members.select("person_id", "household_id")
    return _facts(core, spine, "household_id", homes, as_of, [f for f in facts if f.entity == "household"])


def _facts(
    core: Core, spine: pl.DataFrame, key: str, homes: pl.DataFrame, as_of: date, facts: list[DeclaredFact]
) -> pl.DataFrame:
    """`homes` leads from person_id to `key`; facts are attached one by one, each from its own rows."""
    frame = spine.select(key)
    for fact in facts:
        rows, doubt = _rows(core, fact, as_of), None
        if rows is not None:
            rows = _taken(rows.join(homes, on="person_id"), key, fact, as_of)
            doubt = _doubt(core, fact, as_of, homes)
        told = Fact(fact.name, DTYPES[fact.type], fact.absent)
        frame = frame.with_columns(attach(spine, rows, key, [told], doubt).get_column(fact.name))
    return frame


def _rows(core: Core, fact: DeclaredFact, as_of: date) -> pl.DataFrame | None:
    """The rows the fact is taken from: person_id, _value, and ORDER. None when nothing can be known.

    A row of which it is unknown whether it counts stays, with an unknown value.
    """
    start = _start(fact, as_of)
    newest = newest_day(core, fact.extract, as_of)
    if newest is None or (start is not None and newest <= start):
        return None
    read = latest if fact.loads == "roll" else last_rows
    rows = read(core, fact.extract, as_of, key=fact.key)
    if rows is None:
        return None
    rows = rows.with_columns(pl.coalesce(*filter(None, (fact.date, "known_date"))).alias("_day"))
    if start is not None:
        rows = rows.filter((pl.col("_day") > start) & (pl.col("_day") <= as_of))
    counts = (pl.sql_expr(fact.where) if fact.where else pl.lit(True)).alias("_counts")
    rows = rows.with_columns(counts)
    if fact.take not in ASKED_OF_ALL:
        rows = rows.filter(pl.col("_counts").fill_null(True))
    person = pl.col(fact.person).alias("_person")
    rows = rows.select(person, _value(fact).alias("_value"), *ORDER).rename({"_person": "person_id"})
    return rows.drop_nulls("person_id")


def _start(fact: DeclaredFact, as_of: date) -> date | None:
    """The day the window opens after; None without a window."""
    if not (fact.within_days or fact.within_months):
        return None
    days = pl.lit(as_of) - pl.duration(days=fact.within_days or 0)
    opened = months_before(as_of, fact.within_months) if fact.within_months else days
    day: date = pl.select(opened.cast(pl.Date)).item()
    return day


def _value(fact: DeclaredFact) -> pl.Expr:
    counts = pl.col("_counts")
    if fact.take == "count":
        return counts.cast(pl.Int64)
    if fact.take == "any":
        return counts & pl.col(fact.column) if fact.column else counts
    value = pl.when(counts).then(fen(fact.column) if fact.type in EXACT else pl.col(fact.column))  # type: ignore[arg-type]
    return value.cast(DTYPES["date"]) if fact.take == "days_since" else value


def _strict(expr: pl.Expr) -> pl.Expr:
    """An aggregate that is unknown when any value is."""
    return pl.when(pl.col("_value").null_count() == 0).then(expr)


TAKEN: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "latest": lambda value: value.last(),
    "sum": lambda value: _strict(value.sum()),
    "count": lambda value: _strict(value.sum()),
    "max": lambda value: _strict(value.max()),
    "min": lambda value: _strict(value.min()),
    "days_since": lambda value: _strict(value.max()),
    "any": lambda value: value.any(ignore_nulls=False),
}


def _taken(rows: pl.DataFrame, key: str, fact: DeclaredFact, as_of: date) -> pl.DataFrame:
    """One row per key that has any row: the key and the fact."""
    ordered = rows.sort(ORDER)
    found = ordered.group_by(key, maintain_order=True).agg(
        TAKEN[fact.take](pl.col("_value")).alias(fact.name)
    )
    if fact.take == "days_since":
        return found.with_columns(days_since(fact.name, as_of).alias(fact.name))
    return found.with_columns(yuan(pl.col(fact.name)).alias(fact.name)) if fact.type in EXACT else found


def _doubt(core: Core, fact: DeclaredFact, as_of: date, homes: pl.DataFrame) -> pl.DataFrame | None:
    """Keys for which being absent is no answer yet: the newest roll lost somebody without a word."""
    if fact.absent is None or fact.loads != "roll":
        return None
    lost = doubtful(core, fact.extract, as_of, key=fact.key)
    return None if lost is None else lost.join(homes, on="person_id")
