"""What a usual household has, and a household as it would stand if one fact of it were usual."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from models.reasons.fact_groups import GROUPS, FactGroup

Usual = Mapping[str, float | None]
# Features that are computed of others follow them, by the formulas of models/features/feature_list.py and
# policies/definitions/money.yaml: without its bills a family spends less, and a smaller share of its income.
_members = pl.when(pl.col("member_cnt") > 0).then(pl.col("member_cnt"))
DERIVED = {
    "rigid_spend_12m_yuan": pl.col("burden_12m_yuan") + pl.col("education_cost_yuan_year"),
    "burden_member_yuan": pl.col("burden_12m_yuan") / _members,
    "burden_rise_yuan": pl.col("burden_1m_yuan") - pl.col("burden_median_yuan_month"),
    "spend_income_share": pl.col("rigid_spend_12m_yuan")
    / (pl.col("income_yuan_month") * 12 * pl.col("member_cnt") + 1),
    "worker_lost_cnt": pl.col("worker_previous_cnt") - pl.col("worker_cnt"),
}


def usual_of(rows: pl.DataFrame) -> dict[str, float | None]:
    """What a usual one of these households has: a value for every feature of a fact that the rows hold.

    The middle value of those known (of a yes or no the commoner); unknown where more than half are unknown.
    Not the mean, which few large bills would raise beyond what anybody has, and not zero: most families pay
    something to a doctor, so a bill is a reason only where it is more than usual. Rows: all the households
    that the model orders, not those listed alone, among which hardship is usual.
    """
    names = [name for group in GROUPS for name in group.features if name in rows.columns]
    known = {name: pl.col(name).cast(pl.Float64).filter(_is_known(rows, name)) for name in names}
    return rows.select(
        pl.when(column.len() * 2 >= pl.len()).then(column.quantile(0.5, "nearest")).alias(name)
        for name, column in known.items()
    ).row(0, named=True) if rows.height else dict.fromkeys(names)  # fmt: skip


def follows(group: FactGroup, columns: list[str]) -> tuple[list[str], list[str]]:
    """Which of the columns become usual without a fact, and which are computed anew of them, in order."""
    there = set(columns)
    derivable = [
        name for name, value in DERIVED.items() if name in there and set(value.meta.root_names()) <= there
    ]
    own = [name for name in group.features if name in there and name not in derivable]
    touched, anew = set(own), []
    for name in derivable:
        if touched & set(DERIVED[name].meta.root_names()):
            touched.add(name)
            anew.append(name)
    return own, anew


def without(rows: pl.DataFrame, group: FactGroup, usual: Usual) -> pl.DataFrame:
    """The same households with this fact as a usual household has it; what is computed of it follows."""
    own, anew = follows(group, rows.columns)
    kinds = rows.schema
    rows = rows.with_columns(
        pl.lit(usual.get(name), pl.Float64).cast(kinds[name]).alias(name) for name in own
    )
    for name in anew:
        rows = rows.with_columns(DERIVED[name].cast(kinds[name]).alias(name))
    return rows


def _is_known(rows: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    return column.is_finite().fill_null(False) if rows.schema[name].is_float() else column.is_not_null()
