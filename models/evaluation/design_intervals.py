"""Intervals of shares seen in weighted lines, and of a ratio of two totals; arrays in, arrays out.

A weighted share is taken for one seen in so many equal lines as would leave it as uncertain: Kish's
effective sample size for unequal weights (1965), Korn and Graubard's for a whole design (Survey
Methodology 24, 1998), whose interval is Clopper and Pearson's at that size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import beta

Array = np.ndarray
LEVEL = 0.95


class Range(NamedTuple):
    """An estimate with its limits; nan where there is none."""

    value: Array
    low: Array
    high: Array

    def map(self, change: Callable[[Array], Array]) -> Range:
        """The same after a change that keeps the order, such as a factor above 0."""
        return Range(*(change(part) for part in self))


def share_range(share: Array, count: Array) -> Range:
    """The interval of a share seen in `count` (effective) lines; one of nothing seen is nan."""
    tail = (1 - LEVEL) / 2
    hits = share * count
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(hits > 0, beta.ppf(tail, hits, count - hits + 1), 0.0)
        high = np.where(hits < count, beta.ppf(1 - tail, hits + 1, count - hits), 1.0)
    none = ~(count > 0)
    return Range(*(np.where(none, np.nan, part) for part in (share, low, high)))


def ratio_range(above: Range, below: Range) -> Range:
    """above over below, both of 0 or more and independent: limits from the limits of both.

    Donner and Zou, Stat. Methods Med. Res. 21 (2012), MOVER-R; with no hit above, the lower limit is 0.
    """
    a, la, ua = above
    b, lb, ub = below
    with np.errstate(invalid="ignore", divide="ignore"):
        down = (a * b) ** 2 - la * ub * (2 * a - la) * (2 * b - ub)
        up = (a * b) ** 2 - ua * lb * (2 * a - ua) * (2 * b - lb)
        low = (a * b - np.sqrt(np.maximum(down, 0))) / (ub * (2 * b - ub))
        high = (a * b + np.sqrt(np.maximum(up, 0))) / (lb * (2 * b - lb))
        value = a / b
    # below is too uncertain for any limit: it could be nothing at all
    shaky = ~((2 * b - ub > 0) & (lb > 0))
    return Range(value, np.where(shaky, 0.0, np.maximum(low, 0)), np.where(shaky, np.inf, high))
