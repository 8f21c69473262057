"""Histogram gradient boosting whose number of rounds is chosen on rows it did not learn from.

Settings as tried on thirteen public household tasks: small trees, slow steps, at least 60 rows a leaf, a
strong penalty and a third of the columns a split won on twelve of them against one fixed size.
No weights by class: they ruin the chances.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.learners.cells import Column
from models.learners.folds import ONE_SPLIT_ROWS, Fold

Floats = NDArray[np.float64]
_SMALL = 50_000  # rows below which more threads cost more than they bring


@dataclass(frozen=True)
class Sizes:
    """What the sizes are: leaves a tree, rows a leaf, the step, and the most rounds that are tried."""

    leaves: int
    leaf_rows: int
    step: float
    most_rounds: int


@dataclass(frozen=True)
class Boosted:
    """The fitted trees."""

    estimator: Any

    def score(self, x: Floats) -> Floats:
        """The log odds of each row."""
        with threads(len(x)):
            return np.asarray(self.estimator.decision_function(x), dtype=np.float64)


def sizes_for(effective: float, rarer: float) -> Sizes:
    """Sizes by the effective number of rows and of the rarer answer: few answers carry only small trees."""
    carried = min(effective, 6 * rarer)
    leaves = 4 if carried < 600 else 8 if carried < 3_000 else 16
    leaf_rows = int(min(60, max(20, carried // 40)))
    return Sizes(leaves, leaf_rows, 0.05, 1_500) if effective < ONE_SPLIT_ROWS else Sizes(16, 60, 0.1, 300)


def fit_boosting(
    x: Floats, y: Floats, w: Floats, columns: tuple[Column, ...], *, folds: list[Fold], seed: int
) -> tuple[Boosted, Floats, dict[str, float]]:
    """The trees, their scores out of fold (NaN where no fold tested a row), and the sizes chosen."""
    effective = w.sum() ** 2 / (w**2).sum()
    mean = np.average(y, weights=w)
    sizes = sizes_for(effective, effective * min(mean, 1 - mean))
    with threads(len(y)):
        tried = [_stopped(x, y, w, columns, fold=fold, sizes=sizes, seed=seed) for fold in folds]
        rounds = _best_rounds(tried, [w[tested].sum() for _, tested in folds])
        out = np.full(len(y), np.nan)
        for estimator, (_, tested) in zip(tried, folds, strict=True):
            out[tested] = _score_after(estimator, x[tested], rounds)
        whole = _trees(sizes, columns, seed, rounds).fit(x, y, sample_weight=w)
    chosen = {"rounds": rounds, "leaves": sizes.leaves, "leaf_rows": sizes.leaf_rows, "step": sizes.step}
    return Boosted(whole), out, chosen


def threads(row_cnt: int) -> Any:
    """One thread for small work: on a busy machine boosting's threads wait for each other at every node."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1 if row_cnt < _SMALL else None)


def _stopped(
    x: Floats, y: Floats, w: Floats, columns: tuple[Column, ...], *, fold: Fold, sizes: Sizes, seed: int
) -> Any:
    learned, tested = fold
    estimator = _trees(sizes, columns, seed, sizes.most_rounds, stop=True)
    return estimator.fit(
        x[learned], y[learned], sample_weight=w[learned],
        X_val=x[tested], y_val=y[tested], sample_weight_val=w[tested],
    )  # fmt: skip


def _best_rounds(tried: list[Any], sizes: list[float]) -> int:
    """The rounds with the least loss over all folds; a fold that stopped early keeps its last loss."""
    if not tried:
        return 60
    longest = max(len(e.validation_score_) for e in tried)
    curves = [
        np.pad(-np.asarray(e.validation_score_), (0, longest - len(e.validation_score_)), "edge")
        for e in tried
    ]
    return max(1, int(np.argmin(np.average(curves, axis=0, weights=sizes))))


def _score_after(estimator: Any, x: Floats, rounds: int) -> Floats:
    last = np.zeros(len(x))
    for staged in islice(estimator.staged_decision_function(x), rounds):
        last = np.asarray(staged, dtype=np.float64).ravel()
    return last


def _trees(sizes: Sizes, columns: tuple[Column, ...], seed: int, rounds: int, stop: bool = False) -> Any:
    # scikit-learn takes two seconds to import: only when a model is really fitted
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=sizes.step,
        max_iter=rounds,
        max_leaf_nodes=sizes.leaves,
        min_samples_leaf=sizes.leaf_rows,
        l2_regularization=10.0,
        max_features=1 / 3 if len(columns) > 6 else 1.0,
        categorical_features=[c.levels is not None for c in columns],
        monotonic_cst=[c.direction for c in columns],
        early_stopping=stop,
        scoring="loss",
        n_iter_no_change=40,
        random_state=seed,
    )
