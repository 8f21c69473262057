"""How well scores order and foretell: AUC, average precision, calibration, Brier, what a short list finds.

Every row may carry a weight. Rows of one entity are no independent answers: intervals count an entity's rows
as one (Kish's effective size of the entities' summed weights): rather too wide than too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.evaluation.intervals import effective_size, wilson


@dataclass(frozen=True)
class Judged:
    """Tested rows of one split: answers (True: to be found), scores, weights, entity numbers."""

    label: np.ndarray
    score: np.ndarray
    weight: np.ndarray
    entity: np.ndarray


@dataclass(frozen=True)
class Capacity:
    """How much is listed: a share of all weight (0 to 1), a number of rows, or all from a score on."""

    name: str
    share: float | None = None
    rows: int | None = None
    at_least: float | None = None


def auc(rows: Judged) -> float:
    """The chance that a row with the answer stands before one without; equal scores count half."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(rows.label, rows.score, sample_weight=rows.weight))


def average_precision(rows: Judged) -> float:
    """Precision averaged over the ranks of all rows with the answer."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(rows.label, rows.score, sample_weight=rows.weight))


def brier(rows: Judged) -> float:
    """The mean squared distance of the chance from the answer (0 is perfect)."""
    return float(np.average((rows.score - rows.label) ** 2, weights=rows.weight))


def calibration_line(rows: Judged) -> tuple[float, float]:
    """Slope and intercept of the answers' log odds on the chances' log odds.

    The slope is 1 where chances are neither too bold (below 1) nor too timid (above 1). The intercept is
    taken with the slope held at 1 (in the large): above 0 the answers are more frequent than foretold.
    """
    chance = np.clip(rows.score, 1e-6, 1 - 1e-6)
    odds = np.log(chance / (1 - chance))
    weight = rows.weight / rows.weight.mean()
    both = _logistic(np.column_stack([odds, np.ones_like(odds)]), rows.label, weight, np.zeros_like(odds))
    alone = _logistic(np.ones((len(odds), 1)), rows.label, weight, odds)
    return float(both[0]), float(alone[0])


def at_capacity(rows: Judged, taken: np.ndarray) -> dict[str, float | None]:
    """What a list finds; `taken` is the part of each row that is on it (`listed_part`).

    listed (weight), listed_rows, hits (weight), precision, recall, each share with its 95 % interval
    (Wilson's, of the effective number of entities).
    """
    listed, need = rows.weight * taken, rows.weight * rows.label
    hits = listed * rows.label
    found = {"listed": listed.sum(), "listed_rows": taken.sum(), "hits": hits.sum()}
    parts = {"precision": (hits, listed), "recall": (need * taken, need)}
    for name, (part, whole) in parts.items():
        size = effective_size(whole, rows.entity)
        share = float(part.sum() / whole.sum()) if whole.sum() > 0 else None
        low, high = wilson(share, size)
        found |= {name: share, f"{name}_low": low, f"{name}_high": high}
    return {name: None if value is None else float(value) for name, value in found.items()}


def listed_part(rows: Judged, capacity: Capacity) -> np.ndarray:
    """The part of each row that is listed: 1 above the last score that fits, 0 below it, else its share."""
    if capacity.at_least is not None:
        return (rows.score >= capacity.at_least).astype(np.float64)
    unit = rows.weight if capacity.rows is None else np.ones_like(rows.weight)
    room = (
        float(capacity.rows) if capacity.rows is not None else float(capacity.share or 0) * float(unit.sum())
    )
    _, place = np.unique(-rows.score, return_inverse=True)
    size = np.bincount(place, weights=unit)
    before = np.cumsum(size) - size
    part = np.clip((room - before) / np.where(size > 0, size, 1.0), 0.0, 1.0)
    return part[place]


def _logistic(x: np.ndarray, label: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Newton's steps to the likeliest coefficients; a little ridge keeps a perfect split finite."""
    beta = np.zeros(x.shape[1])
    ridge = 1e-6 * np.eye(x.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(x @ beta + offset, -30, 30)))
        slope = x.T @ (weight * (label - chance)) - ridge @ beta
        bend = (x * (weight * chance * (1 - chance))[:, None]).T @ x + ridge
        step = np.linalg.solve(bend, slope)
        beta = beta + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-8:
            break
    return np.clip(beta, -100, 100)
