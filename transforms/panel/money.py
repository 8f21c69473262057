"""What each household earns and what it cannot avoid spending.

    money(core, members, spine, definitions) -> DataFrame   household_id + MONEY facts

Sums are over all members, the dead included where the bill is the family's to bear, and are null when any
summand is. Each of three sources states income over its own window (the last month, six months, a year); the
income is the newest of the three. A household in none of them has unknown income.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transforms.core_as_of import CoreAsOf
from transforms.expressions import YUAN, ZERO_YUAN, fen, strict_sum, yuan
from transforms.panel.facts import Fact, FactDefinitions, attach, side_by_side
from transforms.panel.family import living
from transforms.panel.settlement import household_months

MONTHS = (
    Fact("burden_1m_yuan", YUAN, ZERO_YUAN),
    Fact("burden_median_yuan_month", YUAN),
    Fact("burden_month_cnt", pl.Int64, 0),
)


@dataclass(frozen=True)
class IncomeSource:
    """Where an income per head is stated: `column` is for so many `months`; `fact` is this source's alone.

    dated_by: the column of the day it was stated on; without one, the day it was first sent.
    """

    extract: str
    column: str
    months: int
    fact: str
    dated_by: str | None = None


# On one day the assessed income of civil affairs goes before the other two.
INCOME_SOURCES = (
    IncomeSource("benefit_roll", "income_yuan_month", 1, "income_6m_yuan_month"),
    IncomeSource("poverty_watch", "income_yuan_year", 12, "income_12m_yuan_month"),
    IncomeSource("worker_hardship", "income_yuan_month", 1, "income_1m_yuan_month", "filed_date"),
)
OF_ONE_SOURCE = [source.fact for source in INCOME_SOURCES]
INCOMES = [Fact(name, YUAN) for name in ("income_yuan_month", *OF_ONE_SOURCE)]
INCOME = (*INCOMES, Fact("income_age_days", pl.Int64))


def money(
    core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame, definitions: FactDefinitions
) -> pl.DataFrame:
    """One row per spine row."""
    months = household_months(core, members, definitions.burden_history_months)
    sections = [
        _sum(core, "settlement", members, spine, column="person_burden_12m_yuan", name="burden_12m_yuan"),
        _sum(
            core,
            "student_aid",
            living(members),
            spine,
            column="own_cost_yuan_year",
            name="education_cost_yuan_year",
        ),  # fmt: skip
        attach(spine, months, "household_id", MONTHS),
        attach(spine, _incomes(core, members), "household_id", INCOME),
    ]
    rigid = fen("burden_12m_yuan") + fen("education_cost_yuan_year")
    return side_by_side(sections, "household_id").with_columns(yuan(rigid).alias("rigid_spend_12m_yuan"))


def _sum(
    core: CoreAsOf, extract: str, members: pl.DataFrame, spine: pl.DataFrame, *, column: str, name: str
) -> pl.DataFrame:
    """A household's sum of what the extract tells of its members."""
    in_fen = members.select("household_id", fen(column).alias(name))
    sums = strict_sum(in_fen, "household_id", [name]).with_columns(yuan(pl.col(name)).alias(name))
    # Nobody living left in the household: nothing is spent; but an undelivered source stays unknown.
    absent = None if core.cut(extract) is None else ZERO_YUAN
    return attach(spine, sums, "household_id", [Fact(name, YUAN, absent)])


def _incomes(core: CoreAsOf, members: pl.DataFrame) -> pl.DataFrame:
    """Income per head and month: the newest value of all sources and of each, and the age of the former.

    A value is dated by when it was first stated.
    """
    stated = [_stated(core, source, rank) for rank, source in enumerate(INCOME_SOURCES)]
    rows = pl.concat([frame for frame in stated if frame is not None] or [_no_income()])
    now = living(members).select("household_id", "person_id")
    rows = now.join(rows, on="person_id").sort(
        "household_id", "stated_date", "source", "person_id", descending=[False, True, False, False]
    )
    income = pl.col("income_fen")
    newest = rows.group_by("household_id", maintain_order=True).agg(
        income.first().alias("income_yuan_month"),
        pl.col("stated_date").first(),
        *(
            income.filter(pl.col("source") == rank).first().alias(name)
            for rank, name in enumerate(OF_ONE_SOURCE)
        ),
    )
    return newest.with_columns(
        *(yuan(pl.col(fact.name)).alias(fact.name) for fact in INCOMES),
        core.days_since("stated_date").alias("income_age_days"),
    )


def _stated(core: CoreAsOf, source: IncomeSource, rank: int) -> pl.DataFrame | None:
    """person_id, income_fen per month, stated_date and the source's rank, of the newest roll."""
    column, months = source.column, source.months
    roll, known = core.latest(source.extract), core.ever_reported(source.extract, (column,))
    if roll is None or known is None:
        return None
    # A roll repeats an old assessment every month: its age runs from the first time it was sent.
    first = known.group_by("person_id", column).agg(pl.col("known_date").min().alias("first_sent"))
    rows = roll.filter(pl.col(column).is_not_null()).join(first, on=["person_id", column], how="left")
    # Rounded half up: floor((2x + m) / 2m).
    per_month = (fen(column) * 2 + months) // (2 * months)
    return rows.select(
        "person_id",
        per_month.alias("income_fen"),
        pl.col(source.dated_by or "first_sent").alias("stated_date"),
        pl.lit(rank, dtype=pl.Int64).alias("source"),
    )


def _no_income() -> pl.DataFrame:
    types = {"person_id": pl.String, "income_fen": pl.Int64, "stated_date": pl.Date, "source": pl.Int64}
    return pl.DataFrame(schema=types)
