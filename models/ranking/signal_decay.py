"""How fast a sign loses its worth: half-life of the chance of need over the days since what it speaks of.

The chance is taken to fall by the same part each day: chance = start * 2^(-days / half-life), fitted by the
greatest likelihood; the interval is that of the likelihood ratio. It is the chance of the whole line: need
that other signs of it tell does not fade, so the sign by itself fades no slower than what is told here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

# A sign that halves within a day, or doubles, is not told more exactly than that.
_FASTEST = float(np.log(2))
_FALL = float(chi2.ppf(0.95, df=1)) / 2  # of the log-likelihood, at the limits of the 95 % interval
_STEPS = 80  # halvings of the start's bracket: to the last digit
_DEEPEST = 60.0  # e^-60 is no chance


@dataclass(frozen=True)
class Decay:
    """Half-life in days with its 95 % interval; none where no decay is seen: the daily loss may be zero."""

    half_life_days: float | None
    low: float | None
    high: float | None


def half_life(days: np.ndarray, need: np.ndarray) -> Decay | None:
    """days: since the fact, at each visit; need: whether it was verified. None where the visits cannot tell.

    They cannot where none or all found need, or all were at one age.
    """
    ages, place = np.unique(days.astype(np.float64), return_inverse=True)
    yes = np.bincount(place, weights=need.astype(np.float64), minlength=ages.size)
    no = np.bincount(place, minlength=ages.size) - yes
    if ages.size < 2 or not yes.any() or not no.any():
        return None

    def worse(loss: float) -> float:
        return -_likelihood(loss, ages, yes, no)

    best = float(minimize_scalar(worse, bounds=(-_FASTEST, _FASTEST), options={"xatol": 1e-10}).x)
    level = worse(best) + _FALL
    slow, fast = (_limit(worse, best, end, level) for end in (-_FASTEST, _FASTEST))
    if slow <= 0 <= fast or best <= 0:
        return Decay(None, None, None)
    return Decay(*(float(np.log(2) / loss) for loss in (best, fast, slow)))


def _limit(worse: Callable[[float], float], best: float, end: float, level: float) -> float:
    """Where the likelihood has fallen to the level, between the best and the end."""
    return end if worse(end) <= level else float(brentq(lambda loss: worse(loss) - level, best, end))


def _likelihood(loss: float, ages: np.ndarray, yes: np.ndarray, no: np.ndarray) -> float:
    """The log-likelihood of a daily loss, at the best start for it: no chance may exceed one."""
    fallen = -loss * ages
    highest = -float(fallen.max())
    low, high = highest - _DEEPEST, highest
    for _ in range(_STEPS):
        start = (low + high) / 2
        chance = np.minimum(np.exp(start + fallen), 1 - 1e-15)
        # the slope falls with the start: one root
        low, high = (start, high) if yes.sum() > (no * chance / (1 - chance)).sum() else (low, start)
    logs = np.minimum(low + fallen, -1e-15)
    return float((yes * logs).sum() + (no * np.log(-np.expm1(logs))).sum())
