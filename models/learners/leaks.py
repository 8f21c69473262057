"""A feature that alone explains the label was known only with the answer: training stops, and names it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.learners.cells import Column, columns_of, matrix
from models.learners.sample import Sample, rows_of
from zhaoren.errors import ZhaorenError

Floats = NDArray[np.float64]
# Nothing that is known before a visit tells need from no need this well; what does was written after it.
LEAK_AREA = 0.995
# Below this many of each answer, a fair feature can part them by luck.
_LEAST_EACH = 20
_LOOKED_AT, _BINS = 50_000, 32


def refuse_leaks(sample: Sample, limit: float = LEAK_AREA) -> None:
    """Raise ZhaorenError (feature_explains_label) naming each feature whose area under the curve is >= limit.

    A feature is tried as it is, in both directions, by whether it is unknown, and in bins, so that a value
    in the middle that gives the answer away is found too.
    """
    rows = rows_of(sample)
    found = leaks(matrix(rows.frame, columns := columns_of(sample, rows)), rows.label, columns, limit)
    if found:
        raise ZhaorenError(
            f"feature(s) alone explain the label: {', '.join(found)}",
            f"sample to learn from, column {sample.label}",
            "what tells the answer by itself is the answer, or was written down after it",
            "leave it out, or use its value as it was known before",
            code="feature_explains_label",
        )


def leaks(x: Floats, y: Floats, columns: tuple[Column, ...], limit: float = LEAK_AREA) -> list[str]:
    """Names of the columns of a matrix that alone explain the label."""
    part = slice(None, None, max(1, len(y) // _LOOKED_AT))
    looked, label = x[part], y[part]
    if min(label.sum(), len(label) - label.sum()) < _LEAST_EACH:
        return []
    return [c.name for j, c in enumerate(columns) if explained(looked[:, j], label, c) >= limit]


def explained(cells: Floats, label: Floats, column: Column) -> float:
    """The largest area that one column reaches alone: by its order or by its bins."""
    bins = _binned(cells, column)
    hits, size = np.bincount(bins, label), np.bincount(bins)
    # half a hit and half a miss in each bin, so that a bin of one row says little
    by_bin = ((hits + 0.5) / (size + 1))[bins]
    filled = np.where(np.isnan(cells), -np.inf, cells)
    straight = area(filled, label) if column.levels is None else 0.5
    return max(straight, 1 - straight, area(by_bin, label))


def area(score: Floats, label: Floats, weight: Floats | None = None) -> float:
    """The area under the ROC curve; ties count half, rows weigh by `weight`."""
    weight = np.ones(len(label)) if weight is None else weight
    _, place = np.unique(score, return_inverse=True)
    yes = np.bincount(place, weight * label)
    no = np.bincount(place, weight * (1 - label))
    pairs = yes.sum() * no.sum()
    return float((yes * (np.cumsum(no) - no / 2)).sum() / pairs) if pairs else 0.5


def _binned(cells: Floats, column: Column) -> np.ndarray:
    known = ~np.isnan(cells)
    bins = np.zeros(len(cells), dtype=np.int64)
    if column.levels is not None:
        bins[known] = cells[known].astype(np.int64) + 1
    elif known.any():
        edges = np.unique(np.quantile(cells[known], np.linspace(0, 1, _BINS + 1)[1:-1]))
        # a value that sits on an edge has a bin of its own: codes and flags are told apart
        left = np.searchsorted(edges, cells[known], "left")
        right = np.searchsorted(edges, cells[known], "right")
        bins[known] = left + right + 1
    return bins
