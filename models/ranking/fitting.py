"""The candidate rankings and how each is fitted. Model settings live here; policy numbers do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from models.features.frame_checks import need_columns
from models.features.household_features import feature_columns

# From the plainest to the least plain: on a tie the plainer one is chosen.
KINDS = ("rule_points", "logistic", "boosting")
_SLICE = 200_000  # rows scored at a time, so that memory does not grow with the province
_SMALL = 50_000  # rows below which more threads cost more than they bring


@dataclass(frozen=True)
class Model:
    """A fitted ranking: its kind, the columns it reads in order, and the estimator (None: rule points)."""

    kind: str
    features: tuple[str, ...]
    estimator: Any


def fit(kind: str, rows: pl.DataFrame, seed: int) -> Model:
    """Fit one candidate on labelled rows (`label`, Boolean, and the feature columns)."""
    if kind == "rule_points":
        return Model(kind, ("rule_points",), None)
    features = useful_features(rows)
    make = {"logistic": _logistic, "boosting": _boosting}[kind]
    with _threads(rows.height):
        estimator = make(seed).fit(_matrix(rows, features), rows["label"].to_numpy())
    return Model(kind, features, estimator)


def predict(model: Model, rows: pl.DataFrame) -> np.ndarray:
    """The score of every row: rule points, or the estimated chance that a visit verifies a need (0 to 1)."""
    need_columns(rows, model.features, "features")
    if model.estimator is None:
        return rows["rule_points"].cast(pl.Float64).to_numpy()
    with _threads(rows.height):
        parts = [_chance(model, part) for part in rows.select(model.features).iter_slices(_SLICE)]
    return np.concatenate(parts) if parts else np.empty(0)


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


def _threads(row_cnt: int) -> Any:
    """One thread for small work: on a busy machine boosting's threads wait for each other at every node."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1 if row_cnt < _SMALL else None)


def _chance(model: Model, rows: pl.DataFrame) -> np.ndarray:
    return model.estimator.predict_proba(_matrix(rows, model.features))[:, 1]


def _matrix(rows: pl.DataFrame, features: tuple[str, ...]) -> np.ndarray:
    return rows.select(pl.col(f).cast(pl.Float32) for f in features).to_numpy(order="c")


def _boosting(seed: int) -> Any:
    # scikit-learn takes two seconds to import: only when a model is really fitted
    from sklearn.ensemble import HistGradientBoostingClassifier

    # Labels are few (hundreds to a few thousand visits): trees of at most 8 leaves, each with at least 20
    # visits, in 100 small steps. No early stopping: it would hold out rows at random, across dates.
    return HistGradientBoostingClassifier(
        learning_rate=0.08,
        max_iter=100,
        max_leaf_nodes=8,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def _logistic(seed: int) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import QuantileTransformer

    # Ranks instead of yuan: one very large bill must not pull the whole line. An unknown value becomes the
    # median, and a column of its own says that it was unknown. C below 1, since columns are many for so few
    # labels.
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        QuantileTransformer(n_quantiles=50, random_state=seed),
        LogisticRegression(C=0.3, max_iter=1000),
    )
