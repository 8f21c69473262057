"""Facts that contracts declare (data_contracts/loading/declared_facts.py), taken from any extract's rows.

    declared_persons(core, people, facts) -> DataFrame                  person_id + the person facts
    declared_households(core, members, spine, facts) -> DataFrame       household_id + the household facts

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
from policies.language.dates import months_before
from transforms.core_as_of import NEWEST_LAST, CoreAsOf
from transforms.expressions import fen, yuan
from transforms.panel.facts import Fact, attach

ORDER = ["_day", *NEWEST_LAST]
EXACT = ("yuan", "number")  # decimals with two places, summed as whole hundredths
# For these a row that does not meet the condition is an answer too: none of them did.
OVER_ALL_ROWS = ("count", "any")


def declared_persons(core: CoreAsOf, people: pl.DataFrame, facts: Sequence[DeclaredFact]) -> pl.DataFrame:
    """One row per person of `people`."""
    own = people.select("person_id")
    return _facts(core, own, "person_id", own, [f for f in facts if f.entity == "person"])


def declared_households(
    core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame, facts: Sequence[DeclaredFact]
) -> pl.DataFrame:
    """One row per household of `spine`; `members` says who belongs to it."""
    membership = members.select("person_id", "household_id")
    return _facts(core, spine, "household_id", membership, [f for f in facts if f.entity == "household"])


def _facts(
    core: CoreAsOf, spine: pl.DataFrame, key: str, keys: pl.DataFrame, facts: list[DeclaredFact]
) -> pl.DataFrame:
    """`keys` leads from person_id to `key`; facts are attached one by one, each from its own rows."""
    frame = spine.select(key)
    for fact in facts:
        rows, doubt = _rows(core, fact), None
        if rows is not None:
            rows = _taken(core, rows.join(keys, on="person_id"), key, fact)
            doubt = _doubt(core, fact, keys)
        attached = Fact(fact.name, DTYPES[fact.type], fact.absent)
        frame = frame.with_columns(attach(spine, rows, key, [attached], doubt).get_column(fact.name))
    return frame


def _rows(core: CoreAsOf, fact: DeclaredFact) -> pl.DataFrame | None:
    """The rows the fact is taken from: person_id, _value, and ORDER. None when nothing can be known.

    A row of which it is unknown whether it counts stays, with an unknown value.
    """
    start = _start(fact, core.as_of)
    newest = core.newest_day(fact.extract)
    if newest is None or (start is not None and newest <= start):
        return None
    rows = core.latest(fact.extract) if fact.loads == "roll" else core.last_rows(fact.extract)
    if rows is None:
        return None
    rows = rows.with_columns(pl.coalesce(*filter(None, (fact.date, "known_date"))).alias("_day"))
    if start is not None:
        rows = rows.filter((pl.col("_day") > start) & (pl.col("_day") <= core.as_of))
    counts = (pl.sql_expr(fact.where) if fact.where else pl.lit(True)).alias("_counts")
    rows = rows.with_columns(counts)
    if fact.take not in OVER_ALL_ROWS:
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
    # Three-valued OR: one yes is enough, however many are unknown.
    "any": lambda value: value.any(ignore_nulls=False),
}


def _taken(core: CoreAsOf, rows: pl.DataFrame, key: str, fact: DeclaredFact) -> pl.DataFrame:
    """One row per key that has any row: the key and the fact."""
    ordered = rows.sort(ORDER)
    found = ordered.group_by(key, maintain_order=True).agg(
        TAKEN[fact.take](pl.col("_value")).alias(fact.name)
    )
    if fact.take == "days_since":
        return found.with_columns(core.days_since(fact.name).alias(fact.name))
    return found.with_columns(yuan(pl.col(fact.name)).alias(fact.name)) if fact.type in EXACT else found


def _doubt(core: CoreAsOf, fact: DeclaredFact, keys: pl.DataFrame) -> pl.DataFrame | None:
    """Keys for which being absent is no answer yet: the newest roll dropped somebody without a reason."""
    if fact.absent is None or fact.loads != "roll":
        return None
    dropped = core.doubtful(fact.extract)
    return None if dropped is None else dropped.join(keys, on="person_id")
