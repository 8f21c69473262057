"""Months and parts that were promised: which are missing, late, held or rejected on a date.

    missing_partitions(contracts, deliveries, as_of, awaited=False) -> DataFrame(department, extract,
        period_month, part, expected_by_date, days_late, state)

    deliveries  department, extract, period_month, part, status, known_date: every delivery
    state       missing (nothing came), held, rejected (what came is not in force), late (it came too late);
                with `awaited` also awaited: its month has ended, nothing came, and the grace still runs

One row per promised partition that is not in force in time, sorted. An extract's first promised month is
its own first delivered one, or, where it never delivered, the first that any extract delivered. A rarer
cadence is kept by any delivery of a month within its span. Extracts delivered as things happen promise no
month. `Contract.custom["parts"]` lists the parts of one that comes in parts; a file without part is whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from data_contracts.contract.cadence import expected_by
from data_contracts.contract.model import Contract
from data_contracts.contract.period import later
from data_contracts.registry.tables import schema

SCHEMA = schema("ops.partition", without=("as_of",))
KEYS = ["department", "extract", "period_month", "part"]


def missing_partitions(
    contracts: Iterable[Contract], deliveries: pl.DataFrame, as_of: date, awaited: bool = False
) -> pl.DataFrame:
    """Every promised partition due by the date and not accepted in time; see the top of this file.

    `awaited`: those too whose grace has not passed yet; their days_late are negative or 0.
    """
    known = deliveries.filter(pl.col("known_date") <= as_of)
    begin = known["period_month"].min()
    if begin is None:
        return pl.DataFrame(schema=SCHEMA)
    expected = pl.concat([_promised(c, known, begin, as_of) for c in contracts])  # type: ignore[arg-type]
    delivered = _delivered(expected, known)
    days = pl.coalesce("known_date", pl.lit(as_of)) - pl.col("expected_by_date")
    is_due = pl.col("expected_by_date") < as_of
    if not awaited:
        delivered = delivered.filter(is_due)
    waits = ~is_due & (pl.col("state") == "missing")
    return (
        delivered.with_columns(days_late=days.dt.total_days())
        .with_columns(state=pl.when(waits).then(pl.lit("awaited")).otherwise("state"))
        .filter((pl.col("state") != "accepted") | (pl.col("days_late") > 0))
        .with_columns(pl.col("state").replace("accepted", "late"))
        .select(pl.col(n).cast(t) for n, t in SCHEMA.items())
        .sort(KEYS)
    )


def _promised(contract: Contract, known: pl.DataFrame, begin: date, as_of: date) -> pl.DataFrame:
    """The extract's partitions of months ended by the date, each with the first month that is not its own."""
    months = contract.period_months
    own = known.filter(
        (pl.col("department") == contract.department) & (pl.col("extract") == contract.extract)
    )
    first, lines = own["period_month"].min() or begin, []
    month = date(first.year, first.month, 1)  # type: ignore[union-attr]
    parts = [str(part) for part in contract.custom.get("parts") or ()] or [""]
    while months and later(month, 1) <= as_of:
        due, until = expected_by(contract, month), later(month, months)
        lines += [(contract.department, contract.extract, month, until, part, due) for part in parts]
        month = until
    schema = {"department": pl.String, "extract": pl.String, "period_month": pl.Date, "until": pl.Date,
              "part": pl.String, "expected_by_date": pl.Date}  # fmt: skip
    return pl.DataFrame(lines, schema=schema, orient="row")


def _delivered(expected: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Each promised partition with the best that came for it, and the day it came (null: nothing)."""
    # What was withdrawn counts as never sent; for what was superseded its successor counts.
    best_first = {"accepted": 0, "held": 1, "rejected": 2}
    files = known.filter(pl.col("status").is_in(list(best_first))).select(
        "department",
        "extract",
        "known_date",
        "status",
        came_month="period_month",
        came_part="part",
        rank=pl.col("status").replace_strict(best_first, return_dtype=pl.Int8),
    )
    # A file without part is whole and fills every part; a part counts for a contract that promises none.
    fits = (
        (pl.col("came_month") >= pl.col("period_month"))
        & (pl.col("came_month") < pl.col("until"))
        & ((pl.col("came_part") == pl.col("part")) | (pl.col("came_part") == "") | (pl.col("part") == ""))
    )
    best = (
        expected.join(files, on=["department", "extract"])
        .filter(fits)
        .sort(*KEYS, "rank", "known_date")
        .unique(subset=KEYS, keep="first", maintain_order=True)
        .select(*KEYS, "known_date", state="status")
    )
    accepted = pl.col("state") == "accepted"
    return (
        expected.join(best, on=KEYS, how="left")
        .with_columns(pl.col("state").fill_null("missing"))
        # What is held or rejected is still awaited: its days run on.
        .with_columns(known_date=pl.when(accepted).then(pl.col("known_date")))
    )
