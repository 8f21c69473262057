"""A ranking by one feature: what any model has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.learners.cells import Column
from models.learners.leaks import area
from models.learners.logistic import shape_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lone:
    """The ranks of one column's values; `direction` -1 where the lower value is the likelier yes."""

    knots: tuple[float, ...]
    ranks: tuple[float, ...]
    direction: int

    def score(self, x: Floats) -> Floats:
        """From -0.5 to 0.5 by rank; the unknown stand below all others."""
        cells = x[:, 0]
        unknown = np.isnan(cells)
        rank = np.interp(np.where(unknown, 0.0, cells), self.knots, self.ranks) - 0.5
        return np.where(unknown, -0.6, self.direction * rank)


def fit_single(x: Floats, y: Floats, w: Floats, column: Column) -> Lone:
    """The direction is the one that law or sense demands, else the one that the answers show."""
    shape = shape_of(x, (column,))
    known = ~np.isnan(x[:, 0])
    seen = 1 if area(x[known, 0], y[known], w[known]) >= 0.5 else -1
    return Lone(shape.knots[0], shape.ranks[0], column.direction or seen)
