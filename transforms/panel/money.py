"""What each household earns and what it cannot avoid spending.

    money(core, members, spine, definitions) -> DataFrame   household_id + MONEY facts

Each of three sources states income over its own window (the last month, six months, a year); which of them is
the household's, and what it spends in a year, is said by policies/definitions/money.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transforms.core_as_of import CoreAsOf
from transforms.expressions import YUAN, ZERO_YUAN, fen, yuan
from transforms.panel.facts import Fact, FactDefinitions, attach, living, side_by_side
from transforms.panel.settlement import household_months

MONTHS = (
    Fact("burden_1m_yuan", YUAN, ZERO_YUAN),
    Fact("burden_median_yuan_month", YUAN),
    Fact("burden_month_cnt", pl.Int64, 0),
)


@dataclass(frozen=True)
class IncomeSource:
    """Where an income per head is stated: `column` is for so many `months`, reckoned over a `window`.

    dated_by: the column of the day it was stated on; without one, the day it was first sent.
    """

    extract: str
    column: str
    months: int
    window: str
    dated_by: str | None = None

    @property
    def fact(self) -> str:
        """This source's income alone."""
        return f"income_{self.window}_yuan_month"

    @property
    def age(self) -> str:
        """How long ago it was stated."""
        return f"income_{self.window}_age_days"


INCOME_SOURCES = (
    IncomeSource("benefit_roll", "income_yuan_month", 1, "6m"),
    IncomeSource("poverty_watch", "income_yuan_year", 12, "12m"),
    IncomeSource("worker_hardship", "income_yuan_month", 1, "1m", "filed_date"),
)


def money(
    core: CoreAsOf, members: pl.DataFrame, spine: pl.DataFrame, definitions: FactDefinitions
) -> pl.DataFrame:
    """One row per spine row."""
    months = household_months(core, members, definitions.burden_history_months)
    now = living(members).select("household_id", "person_id")
    sections = [
        attach(spine, months, "household_id", MONTHS),
        *(_income(core, now, spine, source) for source in INCOME_SOURCES),
    ]
    return side_by_side(sections, "household_id")


def _income(core: CoreAsOf, now: pl.DataFrame, spine: pl.DataFrame, source: IncomeSource) -> pl.DataFrame:
    """One source's newest income per head and month, and how long ago it was first stated."""
    stated = _stated(core, source)
    if stated is not None:
        rows = now.join(stated, on="person_id")
        rows = rows.sort("household_id", "stated_date", "person_id", descending=[False, True, False])
        newest = rows.unique("household_id", keep="first", maintain_order=True)
        stated = newest.select(
            "household_id",
            yuan(pl.col("income_fen")).alias(source.fact),
            core.days_since("stated_date").alias(source.age),
        )
    facts = [Fact(source.fact, YUAN), Fact(source.age, pl.Int64)]
    return attach(spine, stated, "household_id", facts)


def _stated(core: CoreAsOf, source: IncomeSource) -> pl.DataFrame | None:
    """person_id, income_fen per month and stated_date, of the newest roll."""
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
    )
