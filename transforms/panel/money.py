"""What each household earns and what it cannot avoid spending.

    money(core, members, spine, as_of, definitions) -> DataFrame   household_id + MONEY facts

Sums are over all members, the dead included where the bill is the family's to bear, and are null when any
summand is. Each of three sources states income over its own window (the last month, six months, a year); the
income is the newest of the three. A household in none of them has unknown income.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from transforms.core_as_of import (
    YUAN,
    Core,
    Fact,
    attach,
    days_since,
    ever_told,
    fen,
    latest,
    strict_sum,
    yuan,
)
from transforms.panel.definitions import FactDefinitions
from transforms.panel.family import living
from transforms.panel.settlement import household_months

ZERO = Decimal("0.00")
MONTHS = (
    Fact("burden_1m_yuan", YUAN, ZERO),
    Fact("burden_median_yuan_month", YUAN),
    Fact("burden_month_cnt", pl.Int64, 0),
)
# Extract, column, months the column is for, its date, and the fact of that source alone. On one day the
# assessed income of civil affairs goes before the other two.
INCOME_SOURCES = (
    ("benefit_roll", "income_yuan_month", 1, None, "income_6m_yuan_month"),
    ("poverty_watch", "income_yuan_year", 12, None, "income_12m_yuan_month"),
    ("worker_hardship", "income_yuan_month", 1, "filed_date", "income_1m_yuan_month"),
)
WINDOWS = [source[-1] for source in INCOME_SOURCES]
INCOMES = [Fact(name, YUAN) for name in ("income_yuan_month", *WINDOWS)]
INCOME = (*INCOMES, Fact("income_age_days", pl.Int64))


def money(
    core: Core, members: pl.DataFrame, spine: pl.DataFrame, as_of: date, definitions: FactDefinitions
) -> pl.DataFrame:
    """One row per spine row."""
    months = household_months(core, members, as_of, definitions.burden_history_months)
    sums = pl.concat(
        [
            _sum(members, spine, "person_burden_12m_yuan", "burden_12m_yuan"),
            _sum(living(members), spine, "own_cost_yuan_year", "education_cost_yuan_year").drop(
                "household_id"
            ),
            attach(spine, months, "household_id", MONTHS).drop("household_id"),
            attach(spine, _incomes(core, members, as_of), "household_id", INCOME).drop("household_id"),
        ],
        how="horizontal",
    )
    rigid = fen("burden_12m_yuan") + fen("education_cost_yuan_year")
    return sums.with_columns(yuan(rigid).alias("rigid_spend_12m_yuan"))


def _sum(members: pl.DataFrame, spine: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    in_fen = members.select("household_id", fen(column).alias(name))
    sums = strict_sum(in_fen, "household_id", [name]).with_columns(yuan(pl.col(name)).alias(name))
    # Nobody living left in the household: nothing is spent; but an undelivered source stays unknown.
    absent = ZERO if members[column].is_not_null().any() else None
    return attach(spine, sums, "household_id", [Fact(name, YUAN, absent)])


def _incomes(core: Core, members: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Income per head and month: the newest value of all sources and of each, and the age of the former.

    A value is dated by when it was first stated.
    """
    stated = [_stated(core, as_of, rank) for rank in range(len(INCOME_SOURCES))]
    rows = pl.concat([frame for frame in stated if frame is not None] or [_no_income()])
    now = living(members).select("household_id", "person_id")
    rows = now.join(rows, on="person_id").sort(
        "household_id", "stated_date", "source", "person_id", descending=[False, True, False, False]
    )
    income = pl.col("income_fen")
    newest = rows.group_by("household_id", maintain_order=True).agg(
        income.first().alias("income_yuan_month"),
        pl.col("stated_date").first(),
        *(income.filter(pl.col("source") == rank).first().alias(name) for rank, name in enumerate(WINDOWS)),
    )
    return newest.with_columns(
        *(yuan(pl.col(fact.name)).alias(fact.name) for fact in INCOMES),
        days_since("stated_date", as_of).alias("income_age_days"),
    )


def _stated(core: Core, as_of: date, rank: int) -> pl.DataFrame | None:
    name, column, months, dated_by, _ = INCOME_SOURCES[rank]
    roll, known = latest(core, name, as_of), ever_told(core, name, as_of, (column,))
    if roll is None or known is None:
        return None
    # A roll repeats an old assessment every month: its age runs from the first time it was sent.
    first = known.group_by("person_id", column).agg(pl.col("known_date").min().alias("first_sent"))
    rows = roll.filter(pl.col(column).is_not_null()).join(first, on=["person_id", column], how="left")
    per_month = (fen(column) * 2 + months) // (2 * months)
    return rows.select(
        "person_id",
        per_month.alias("income_fen"),
        pl.col(dated_by or "first_sent").alias("stated_date"),
        pl.lit(rank, dtype=pl.Int64).alias("source"),
    )


def _no_income() -> pl.DataFrame:
    types = {"person_id": pl.String, "income_fen": pl.Int64, "stated_date": pl.Date, "source": pl.Int64}
    return pl.DataFrame(schema=types)
