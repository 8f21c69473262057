"""The three to five facts that raised a household most: without any of them its score falls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from models.features.frame_checks import need_columns, one_row_each
from models.learners.learner import Learner
from models.ranking.fitting import Model
from models.reasons.fact_groups import GROUPS, FactGroup
from models.reasons.usual import Usual, follows, without

MOST, ALWAYS = 5, 3
# The fourth and the fifth are told only where they weigh a tenth of the first or more.
_WORTH = 0.1
# What is less is rounding of the score, not a fact's doing.
_LEAST_EFFECT = 1e-6
_SCHEMA = {
    "household_id": pl.String,
    "reason_no": pl.Int8,
    "group": pl.String,
    "text_zh": pl.String,
    "effect": pl.Float64,
}


def reasons_of(model: Model, features: pl.DataFrame, usual: Usual | pl.DataFrame) -> pl.DataFrame:
    """One row per household and reason, at most five: household_id, reason_no (1: the strongest), group,
    text_zh, effect (by how much the score, before calibration, falls without the fact). Sorted.

    features: `household_features` of the households asked for. usual: `usual_of` the households that the
    model orders, or a frame of one such row. A household that no fact raised has no row, and none has one
    under a model without a learner: rules have sentences of their own. Fewer than three stand where fewer
    lower the score. Raises ZhaorenError when a feature that the model reads is absent or a household twice.
    """
    need_columns(features, ["household_id", *model.features], "features")
    one_row_each(features, ["household_id"], "features")
    if model.learner is None or not features.height:
        return pl.DataFrame(schema=_SCHEMA)
    named: Usual = usual.row(0, named=True) if isinstance(usual, pl.DataFrame) else usual
    found = list(_lowering(model.learner, features.sort("household_id"), named))
    if not found:
        return pl.DataFrame(schema=_SCHEMA)
    ordered = pl.concat(found).sort("household_id", "effect", "order", descending=[False, True, False])
    numbered = ordered.with_columns(
        reason_no=pl.int_range(1, pl.len() + 1).over("household_id"),
        first=pl.col("effect").first().over("household_id"),
    )
    is_told = (pl.col("reason_no") <= ALWAYS) | (pl.col("effect") >= _WORTH * pl.col("first"))
    told = numbered.filter(is_told & (pl.col("reason_no") <= MOST))
    return told.select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())


def _lowering(learner: Learner, rows: pl.DataFrame, usual: Usual) -> Iterator[pl.DataFrame]:
    """Per group the households whose score falls without it. One scoring per group, of those it can move."""
    whole = learner.score(rows)
    reads = set(learner.features)
    for order, group in enumerate(GROUPS):
        own, anew = follows(group, rows.columns)
        if not set(own + anew) & reads or not set(group.said.meta.root_names()) <= set(rows.columns):
            continue
        asked = rows.with_columns(text_zh=group.said, place=pl.int_range(pl.len())).filter(
            pl.col("text_zh").is_not_null() & _is_unusual(rows, own, usual)
        )
        if not asked.height:
            continue
        fallen = whole[asked["place"].to_numpy()] - learner.score(without(asked, group, usual))
        yield _told(asked, group, order, np.round(fallen, 9))


def _told(asked: pl.DataFrame, group: FactGroup, order: int, effect: np.ndarray) -> pl.DataFrame:
    told = asked.select(
        "household_id",
        "text_zh",
        group=pl.lit(group.name),
        order=pl.lit(order),
        effect=pl.Series(effect, dtype=pl.Float64),
    )
    return told.filter(pl.col("effect") > _LEAST_EFFECT)


def _is_unusual(rows: pl.DataFrame, own: list[str], usual: Mapping[str, float | None]) -> pl.Expr:
    values = {name: pl.lit(usual.get(name), pl.Float64).cast(rows.schema[name]) for name in own}
    return pl.any_horizontal(pl.col(name).ne_missing(value) for name, value in values.items())
