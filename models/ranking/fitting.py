"""The candidate rankings of households, and how each is fitted on what visits found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.features.frame_checks import need_columns
from models.features.household_features import feature_columns
from models.learners.learner import SINGLE, Learner
from models.learners.learner import fit as learn
from models.learners.sample import Sample

# From the plainest to the least plain: on a tie the plainer one is chosen.
KINDS = ("rule_points", "logistic", "boosting")
# What a model has to beat beside the rules: one fact alone, whichever way it points.
LONE_FACTS = ("spend_income_share", "burden_12m_yuan", "income_yuan_month")
# Where sense demands a direction: more cost or loss never makes a visit less urgent, more income never more.
# Without it a few odd visits would let one yuan more of a bill lower a family's place.
DIRECTIONS = {
    "rule_points": 1,
    "burden_12m_yuan": 1,
    "burden_member_yuan": 1,
    "burden_person_max_yuan": 1,
    "rigid_spend_12m_yuan": 1,
    "spend_income_share": 1,
    "education_cost_yuan_year": 1,
    "rent_arrears_month_cnt": 1,
    "disaster_loss_yuan": 1,
    "worker_lost_cnt": 1,
    "income_yuan_month": -1,
}


@dataclass(frozen=True)
class Model:
    """A fitted ranking: its kind, the columns it reads in order, and the learner (None: rule points)."""

    kind: str
    features: tuple[str, ...]
    learner: Learner | None


def sample_of(rows: pl.DataFrame, gap_days: int) -> Sample:
    """What a ranking learns from: labelled rows (`label`, `as_of`, `household_id` and the feature columns).

    Sizes are chosen by time, `gap_days` (the span of a label) apart.
    """
    features = useful_features(rows)
    return Sample(
        rows,
        "label",
        features,
        monotone={name: way for name, way in DIRECTIONS.items() if name in features},
        entity="household_id",
        time="as_of",
        gap_days=gap_days,
    )


def fit(kind: str, rows: pl.DataFrame, seed: int, gap_days: int = 0) -> Model:
    """Fit one candidate on labelled rows: of KINDS, or `single:<feature>`. ZhaorenError as of learners."""
    if kind == "rule_points":
        return Model(kind, ("rule_points",), None)
    learner = learn(kind, sample_of(rows, gap_days), seed)
    return Model(kind, learner.features, learner)


def predict(model: Model, rows: pl.DataFrame) -> np.ndarray:
    """The score of every row: rule points, or the calibrated chance that a visit verifies a need (0 to 1)."""
    need_columns(rows, model.features, "features")
    if model.learner is None:
        return rows["rule_points"].cast(pl.Float64).to_numpy()
    return model.learner.chance(rows)


def lone_kinds(rows: pl.DataFrame) -> tuple[str, ...]:
    """The one-feature rankers that these rows can have."""
    useful = useful_features(rows)
    return tuple(f"{SINGLE}{name}" for name in LONE_FACTS if name in useful)


def useful_features(rows: pl.DataFrame) -> tuple[str, ...]:
    """The features that differ between households of at least one list.

    One that is the same for a whole list cannot order it; across lists it would only give away the date.
    """
    columns = feature_columns(rows)
    differs = rows.group_by("as_of").agg(pl.col(columns).drop_nulls().n_unique() > 1)
    some_null = rows.group_by("as_of").agg(pl.col(columns).is_null().n_unique() > 1)
    known = rows.select(pl.col(columns).is_not_null().any()).row(0, named=True)
    either = {c: differs[c].any() or (some_null[c].any() and known[c]) for c in columns}
    return tuple(c for c in columns if either[c])
