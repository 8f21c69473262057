"""How the panel reads `core`: the cut at a date, the latest roll, deduplicated events, exact money.

    cut(core, name, as_of) -> DataFrame | None            rows known by as_of; None = never delivered
    ever_told(core, name, as_of, columns) -> DataFrame | None  the same with what older months still tell
    latest(core, name, as_of, back=0) -> DataFrame | None  the newest roll (back=1: the one before)
    last_rows(core, name, as_of) -> DataFrame | None       each key's newest row over all deliveries
    doubtful(core, name, as_of) -> DataFrame | None        persons the newest roll lost without a word
    attach(spine, rows, key, facts, doubt) -> DataFrame    facts on a spine, absent told from unknown
    fen(column) -> Expr, yuan(expr) -> Expr                Decimal(18,2) yuan <-> Int64 fen

`core` maps an extract's name to its loaded rows: the contract's columns with every ID number replaced by a
person_id, plus period_month (the month the delivery speaks of), known_date, delivery_id and row_no; only
rows of deliveries in force. The newest roll is that of the newest month, whenever it came. A contract
refuses an empty delivery, so a frame with no row known by the date means the same as a missing frame: never
delivered, hence unknown.

`core["quarantined"]`, where given, names the persons of faulty rows that could still be linked: extract,
person_id, period_month, known_date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

YUAN = pl.Decimal(18, 2)
Core = Mapping[str, pl.DataFrame | None]

# The contracts' keys, with id_number read as person_id (tests hold the two together).
KEYS: dict[str, tuple[str, ...]] = {
    "benefit_roll": ("person_id", "category_code"),
    "child_welfare": ("person_id",),
    "cremation_marriage": ("record_no", "person_id"),
    "elder_care": ("person_id",),
    "temporary_relief": ("relief_no",),
    "disability_card": ("person_id",),
    "student_aid": ("student_no", "term_month"),
    "disaster": ("event_no", "person_id"),
    "major_illness": ("record_no",),
    "housing_security": ("case_no",),
    "pension_insurance": ("person_id", "pension_type_code"),
    "unemployment": ("person_id", "registered_date"),
    "custody": ("person_id", "custody_from_date"),
    "enrolment": ("person_id",),
    "settlement": ("settlement_id",),
    "population": ("person_id",),
    "poverty_watch": ("person_id",),
    "worker_hardship": ("file_no",),
}


@dataclass(frozen=True)
class Fact:
    """One fact's name and type, and what it is for somebody whom a delivered source does not list."""

    name: str
    dtype: Any
    absent: Any = None


def cut(core: Core, name: str, as_of: date) -> pl.DataFrame | None:
    """Linked rows known by the date; None when there is none, which is 'never delivered'."""
    frame = core.get(name)
    if frame is None or frame.is_empty():
        return None
    known = frame.filter((pl.col("known_date") <= as_of) & pl.col("person_id").is_not_null())
    # A delivery whose rows could not be linked was still delivered: keep the (empty) frame then.
    delivered = not known.is_empty() or bool((frame["known_date"] <= as_of).any())
    return known if delivered else None


def ever_told(core: Core, name: str, as_of: date, columns: Sequence[str]) -> pl.DataFrame | None:
    """Linked rows known by the date, known_date and the columns, older months' (`<name>.before`) too."""
    known, before = cut(core, name, as_of), core.get(f"{name}.before")
    wanted = [*dict.fromkeys(("person_id", *columns, "known_date"))]
    if known is None or before is None:
        return None if known is None else known.select(wanted)
    older = before.filter((pl.col("known_date") <= as_of) & pl.col("person_id").is_not_null())
    return pl.concat([older.select(wanted), known.select(wanted)], how="vertical_relaxed")


def newest_day(core: Core, name: str, as_of: date) -> date | None:
    """The day of the newest delivery known by the date, also of one in which no row could be linked."""
    frame = core.get(name)
    if frame is None:
        return None
    day: date | None = frame.filter(pl.col("known_date") <= as_of)["known_date"].max()  # type: ignore[assignment]
    return day


def newest_month(core: Core, name: str, as_of: date) -> date | None:
    """The newest month delivered by the date, also by a delivery in which no row could be linked."""
    frame = core.get(name)
    if frame is None:
        return None
    known = frame.filter(pl.col("known_date") <= as_of)
    month: date | None = known["period_month"].max()  # type: ignore[assignment]
    return month


def _newest_per_key(frame: pl.DataFrame, name: str, key: Sequence[str] = ()) -> pl.DataFrame:
    order = ["period_month", "known_date", "delivery_id", "row_no"]
    return frame.sort(order).unique(key or KEYS[name], keep="last", maintain_order=True)


def latest(core: Core, name: str, as_of: date, back: int = 0, key: Sequence[str] = ()) -> pl.DataFrame | None:
    """The roll of the newest month delivered by the date; `back=1` is that of the month before it.

    `key` names the extract's key columns where KEYS does not (extracts that declare their own facts).
    Parts and mended rows of one month are one roll.
    """
    frame = core.get(name)
    if frame is None:
        return None
    known = frame.filter(pl.col("known_date") <= as_of)
    months = known["period_month"].unique().sort(descending=True)
    if len(months) <= back:
        return None
    rows = known.filter((pl.col("period_month") == months[back]) & pl.col("person_id").is_not_null())
    return _newest_per_key(rows, name, key)


def last_rows(core: Core, name: str, as_of: date, key: Sequence[str] = ()) -> pl.DataFrame | None:
    """Each key's newest row over every delivery known by the date: events, and what a roll last said."""
    known = cut(core, name, as_of)
    return None if known is None else _newest_per_key(known, name, key)


def doubtful(
    core: Core, name: str, as_of: date, still: pl.Expr | None = None, key: Sequence[str] = ()
) -> pl.DataFrame | None:
    """Persons of whom the newest roll says nothing although the one before did, or whose row was faulty.

    A faulty row that was sent back looks just like a person taken off the roll, so for one delivery their
    facts are unknown rather than 'none'. `still` picks the earlier rows that had not run out by themselves.
    For rolls that mark an ending; where people simply leave a roll (school, custody), absence is an answer.
    """
    newest, before = latest(core, name, as_of, key=key), latest(core, name, as_of, back=1, key=key)
    if newest is None:
        return None
    lost = [newest.select("person_id").clear()]
    if before is not None:
        lost.append((before if still is None else before.filter(still)).select("person_id"))
    faulty = core.get("quarantined")
    if faulty is not None:
        now = newest_month(core, name, as_of)
        rows = faulty.filter((pl.col("extract") == name) & (pl.col("period_month") == now))
        lost.append(rows.select("person_id").drop_nulls())
    return pl.concat(lost).unique().join(newest, on="person_id", how="anti")


def attach(
    spine: pl.DataFrame,
    rows: pl.DataFrame | None,
    key: str,
    facts: Sequence[Fact],
    doubt: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row per spine row with `key` and the facts.

    rows None (never delivered): every fact null. Not among the rows: the fact's `absent` value, but null for
    a key in `doubt`. Among them: the row's own value, null included.
    """
    keys = spine.select(key)
    if rows is None:
        return keys.with_columns(pl.lit(None, dtype=fact.dtype).alias(fact.name) for fact in facts)
    listed = rows.select(key, *(pl.col(f.name).cast(f.dtype) for f in facts), pl.lit(True).alias("_listed"))
    joined = keys.join(listed, on=key, how="left", maintain_order="left")
    unsure = joined[key].is_in(doubt[key].implode()) if doubt is not None else pl.lit(False)
    joined = joined.with_columns((pl.col("_listed").is_null() & ~unsure).alias("_absent"))
    return joined.select(
        key,
        *(
            pl.when(pl.col("_absent"))
            .then(pl.lit(f.absent, dtype=f.dtype))
            .otherwise(pl.col(f.name))
            .alias(f.name)
            for f in facts
        ),
    )


def fen(column: str) -> pl.Expr:
    """A Decimal(18,2) yuan column as whole fen."""
    return (pl.col(column).cast(YUAN) * 100).cast(pl.Int64)


def yuan(expr: pl.Expr) -> pl.Expr:
    """Whole fen as Decimal(18,2) yuan, exactly (dividing at scale 0 would round to whole yuan)."""
    return (expr.cast(YUAN) / pl.lit(Decimal("100.00"), dtype=YUAN)).cast(YUAN)


def strict_sum(frame: pl.DataFrame, key: str, columns: Sequence[str]) -> pl.DataFrame:
    """Sums per key that stay unknown (null) when any summand is: a missing amount is not zero."""
    sums = frame.group_by(key, maintain_order=True).agg(
        *(pl.col(c).sum().alias(c) for c in columns),
        *(pl.col(c).null_count().alias(f"_nulls_{c}") for c in columns),
    )
    return sums.select(key, *(pl.when(pl.col(f"_nulls_{c}") == 0).then(pl.col(c)).alias(c) for c in columns))


def days_since(column: str, as_of: date) -> pl.Expr:
    """Whole days from the date to as_of (negative when it lies ahead); null stays null."""
    return (pl.lit(as_of) - pl.col(column)).dt.total_days()


def days_until(column: str, as_of: date) -> pl.Expr:
    """Whole days from as_of to the date (negative when it has passed); null stays null."""
    return (pl.col(column) - pl.lit(as_of)).dt.total_days()
