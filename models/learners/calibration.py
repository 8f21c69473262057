"""Scores become chances, without moving anyone in the order.

Platt's line on the log odds where answers are few; where they are many, an isotonic curve leans on it, kept
strictly rising by a share of the line (Platt 1999; Zadrozny and Elkan 2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# An isotonic curve has as many steps as the answers allow: below this it follows chance.
_CURVE_ROWS, _CURVE_EACH = 5_000, 500
_LINE_SHARE = 0.1
# Scores that say nothing out of fold still keep their order; the chance then hardly moves with them.
_LEAST_SLOPE = 0.01


@dataclass(frozen=True)
class Calibration:
    """log odds = slope * score + intercept; `at` and `share`: points of the curve, if there is one."""

    slope: float = 1.0
    intercept: float = 0.0
    at: tuple[float, ...] = ()
    share: tuple[float, ...] = ()

    def chance(self, score: Floats) -> Floats:
        """The chance (0 to 1) of each score; a higher score never has a lower chance."""
        line = sigmoid(self.slope * score + self.intercept)
        if not self.at:
            return line
        curve = np.interp(score, self.at, self.share)
        return _LINE_SHARE * line + (1 - _LINE_SHARE) * curve


def sigmoid(value: Floats) -> Floats:
    """1 / (1 + exp(-value)), without an overflow at the ends."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(value, dtype=np.float64)))


def log_loss(score: Floats, label: Floats, weight: Floats) -> float:
    """The weighted mean log loss of log odds."""
    return float(np.average(np.logaddexp(0, score) - label * score, weights=weight))


def calibrate(score: Floats, label: Floats, weight: Floats) -> Calibration:
    """The calibration of scores whose answers were not learned from."""
    slope, intercept = _line(score, label, weight)
    yes = label.sum()
    if len(label) < _CURVE_ROWS or min(yes, len(label) - yes) < _CURVE_EACH:
        return Calibration(slope, intercept)
    at, share = _curve(score, label, weight)
    return Calibration(slope, intercept, at, share)


def _line(score: Floats, label: Floats, weight: Floats) -> tuple[float, float]:
    from scipy.optimize import minimize

    total = weight.sum()

    def loss(ab: Floats) -> tuple[float, Floats]:
        z = ab[0] * score + ab[1]
        miss = weight * (sigmoid(z) - label) / total
        return log_loss(z, label, weight), np.array([(miss * score).sum(), miss.sum()])

    bounds = [(_LEAST_SLOPE, 20.0), (None, None)]
    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds)
    return round(float(found.x[0]), 9), round(float(found.x[1]), 9)


def _curve(score: Floats, label: Floats, weight: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The middles of the isotonic steps, so that between two of them the chance rises evenly."""
    from sklearn.isotonic import isotonic_regression

    order = np.lexsort((label, score))
    s, y, w = score[order], label[order], weight[order]
    fitted = isotonic_regression(y, sample_weight=w)
    step = np.concatenate([[0], np.cumsum(np.diff(fitted) > 0)])
    size = np.bincount(step, w)
    at = np.bincount(step, w * s) / size
    share = np.bincount(step, w * fitted) / size
    return tuple(at.round(9).tolist()), tuple(share.round(9).tolist())
