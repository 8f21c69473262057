"""Persons rolled up to households: one row per household (and time).

What every member of every household shares stays as it is. Of other numbers the smallest, largest, mean and
sum are kept, of other categories the most frequent one and how many different there are. The household's
label is the largest of its members' (for yes and no: any yes). A weight that all members share is the
household's; other weights are added up. A group that members differ in is the most frequent one.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from models.outside.columns import Columns
from models.outside.roles import ENTITY, GROUP, LABEL, SCORE, TIME, WEIGHT, frame_error

HOME = "zr:household"
MEMBERS = "household_member_cnt"


@dataclass(frozen=True)
class RollUp:
    """How persons become households; taken from the frame that is learned from, and used on the test frame.

    shared          features that all members of every household share
    varied          columns by kind that members differ in
    adds_weights    members' weights differ, and are added up
    keeps_entity    every household belongs to one entity; otherwise the household itself is the entity
    """

    shared: Columns
    varied: Columns
    adds_weights: bool
    keeps_entity: bool


def plan_roll_up(roles: pl.DataFrame, features: pl.DataFrame, columns: Columns) -> RollUp:
    """The roll-up of a frame of persons; `roles` holds zr:household as well."""
    by = _keys(roles)
    both = pl.concat([roles, features], how="horizontal")
    watched = [*columns.features, WEIGHT, ENTITY]
    spread = both.group_by(by).agg(pl.col(c).n_unique() for c in watched).select(pl.col(watched).max())
    varies = {c for c in columns.features if (spread[c][0] or 0) > 1}

    def only(names: tuple[str, ...], wanted: bool) -> tuple[str, ...]:
        return tuple(c for c in names if (c in varies) == wanted)

    parts = [Columns(only(columns.numbers, w), only(columns.categories, w), {}) for w in (False, True)]
    adds, keeps = spread[WEIGHT][0] > 1, spread[ENTITY][0] == 1 and roles[ENTITY][0] != ""
    return RollUp(parts[0], parts[1], bool(adds), bool(keeps))


def rolled_columns(plan: RollUp) -> Columns:
    """The features of the households that a roll-up makes."""
    numbers = [f"{c}_{how}" for c in plan.varied.numbers for how in ("min", "max", "mean", "sum")]
    counts = [f"{c}_cnt" for c in plan.varied.categories]
    common = [f"{c}_most" for c in plan.varied.categories]
    made = [*numbers, *counts, MEMBERS]
    return Columns((*plan.shared.numbers, *made), (*plan.shared.categories, *common), {})


def roll_up(roles: pl.DataFrame, features: pl.DataFrame, plan: RollUp) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Role columns and features of the households, one row per household (and time), in their order."""
    by = _keys(roles)
    # sorted by every column, so that neither sums nor first values depend on the order in the file
    both = pl.concat([roles, features], how="horizontal")
    both = both.sort([*by, *(c for c in both.columns if c not in by)])
    shared = [pl.col(c).first() for c in plan.shared.features]
    homes = both.group_by(by, maintain_order=True).agg(
        *_role_parts(roles, plan), *shared, *_number_parts(plan.varied.numbers),
        *(pl.col(c).n_unique().cast(pl.Float64).alias(f"{c}_cnt") for c in plan.varied.categories),
        pl.len().cast(pl.Float64).alias(MEMBERS),
    )  # fmt: skip
    for name in plan.varied.categories:
        homes = homes.join(_most_frequent(both, by, name, f"{name}_most"), on=by, how="left")
    for name in (c for c in roles.columns if c.startswith(GROUP)):
        homes = homes.join(_most_frequent(both, by, name, name), on=by, how="left")
    if not plan.keeps_entity:
        homes = homes.with_columns(pl.col(HOME).alias(ENTITY))
    names = [c for c in roles.columns if c != HOME]
    return homes.select(names), homes.select(rolled_columns(plan).features)


def household_column(column: pl.Series) -> pl.Series:
    """zr:household as text. Raises ZhaorenError where a person has none."""
    text = column.cast(pl.String, strict=False)
    if text.null_count():
        raise frame_error(
            "frame_household_unknown",
            f"{text.null_count():,} of {len(text):,} rows have no household",
            "a person without one can be rolled up to none",
            "fill the column, or leave these rows out",
            f"column '{column.name}'",
        )
    return text.alias(HOME)


def _keys(roles: pl.DataFrame) -> list[str]:
    return [HOME, TIME] if TIME in roles.columns else [HOME]


def _role_parts(roles: pl.DataFrame, plan: RollUp) -> list[pl.Expr]:
    weight = pl.col(WEIGHT).sum() if plan.adds_weights else pl.col(WEIGHT).first()
    parts = [pl.col(LABEL).max(), pl.col(ENTITY).first(), weight]
    return parts + ([pl.col(SCORE).max()] if SCORE in roles.columns else [])


def _number_parts(names: tuple[str, ...]) -> list[pl.Expr]:
    parts = []
    for name in names:
        value = pl.col(name)
        # a sum of nothing known is unknown, not zero
        total = pl.when(value.count() > 0).then(value.sum())
        kept = {"min": value.min(), "max": value.max(), "mean": value.mean(), "sum": total}
        parts += [expression.alias(f"{name}_{how}") for how, expression in kept.items()]
    return parts


def _most_frequent(both: pl.DataFrame, by: list[str], name: str, called: str) -> pl.DataFrame:
    """The most frequent known text of each household; of equally frequent ones the first by alphabet."""
    counted = both.drop_nulls(name).group_by(*by, name).agg(pl.len().alias("zr:cnt"))
    order = [*by, "zr:cnt", name]
    down = [False] * len(by) + [True, False]
    first = counted.sort(order, descending=down).unique(by, keep="first", maintain_order=True)
    return first.select(*by, pl.col(name).alias(called))
