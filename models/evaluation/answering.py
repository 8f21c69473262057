"""Families who were not reached: how much more often may they be in need than those who were?

Among the unanswered, need is taken to have `odds` times the odds that it has among the answered of the
same kind. Where lines were tried twice, the odds are estimated: who is in need and seldom at home is
found late, so the second tries of those in need, over their first, tell how many were never found (Drew
and Fuller's callback model, 1980). Otherwise they are 1, and the interval reaches to HIGHEST.
"""

from __future__ import annotations

import numpy as np

from models.evaluation.design_intervals import Range

Array = np.ndarray

# A bound, not a finding: where six of ten families in need answer and eight of ten others, it is 2.7.
HIGHEST = 3.0
# Fewer found at a second try say nothing of those never found.
LEAST_SECOND = 30


def among_unanswered(share: Array, odds: Array | float) -> Array:
    """The share in need among the unanswered, of the share among the answered."""
    return share * odds / (1 - share + share * odds)


def odds_of_unanswered(first: Array, second: Array) -> Array:
    """The odds ratio of groups (rows); columns: not in need, in need; nan where too few were tried twice.

    first, second: lines answered at the first and at the second try. With q the chance of each try,
    second/first is 1 - q, and (1 - q)^2 were never found.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        missed = np.clip(second / first, 0.0, 0.95) ** 2
        never = missed / (1 - missed)  # unanswered for each one answered
        odds = never[:, 1] / never[:, 0]
    enough = (second >= LEAST_SECOND).all(axis=1)
    return np.where(enough & np.isfinite(odds), odds, np.nan)


def whole(answered: Range, unanswered: Array, odds: Array | float) -> Range:
    """The share among all, `unanswered` of whom (0 to 1) gave no answer."""
    return answered.map(lambda part: (1 - unanswered) * part + unanswered * among_unanswered(part, odds))
