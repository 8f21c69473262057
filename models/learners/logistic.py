"""Logistic regression on ranks: the plain line that a model of trees has to beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.learners.calibration import log_loss, sigmoid
from models.learners.cells import Column
from models.learners.folds import ONE_SPLIT_ROWS, Fold

Floats = NDArray[np.float64]
_STEPS = 51
_STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True)
class Line:
    """Per column: the values at even ranks (a number) or the number of levels; then the terms' weights."""

    knots: tuple[tuple[float, ...], ...]
    ranks: tuple[tuple[float, ...], ...]
    levels: tuple[int, ...]
    has_unknown: tuple[bool, ...]
    weights: tuple[float, ...]
    intercept: float

    def score(self, x: Floats) -> Floats:
        """The log odds of each row."""
        return self.terms(x) @ np.array(self.weights) + self.intercept

    def terms(self, x: Floats) -> Floats:
        """The columns of the line: ranks around zero, then whether unknown; or one per category."""
        parts = [part for j in range(x.shape[1]) for part in self._terms(j, x[:, j])]
        return np.column_stack(parts)

    def _terms(self, j: int, cells: Floats) -> Iterator[Floats]:
        if self.levels[j]:
            for level in range(self.levels[j]):
                yield (cells == level).astype(np.float64)
            return
        unknown = np.isnan(cells)
        # ranks instead of yuan: one very large bill must not pull the whole line; unknown is the middle
        rank = np.interp(np.where(unknown, 0.0, cells), self.knots[j], self.ranks[j]) - 0.5
        yield np.where(unknown, 0.0, rank)
        if self.has_unknown[j]:
            yield unknown.astype(np.float64)


def fit_logistic(
    x: Floats, y: Floats, w: Floats, columns: tuple[Column, ...], folds: list[Fold]
) -> tuple[Line, Floats, dict[str, float]]:
    """The line, its scores out of fold (NaN where no fold tested a row), and the strength chosen.

    Monotone columns keep the sign of their weight by a bound.
    """
    # with very many rows any strength gives the same line
    strengths = _STRENGTHS if len(y) < ONE_SPLIT_ROWS else (1.0,)
    tried = {c: _out_of_fold(x, y, w, columns, folds=folds, strength=c) for c in strengths} if folds else {}
    tested = {c: ~np.isnan(z) for c, z in tried.items()}
    losses = {c: log_loss(z[tested[c]], y[tested[c]], w[tested[c]]) for c, z in tried.items()}
    best = min(losses, key=lambda c: (losses[c], c)) if losses else 0.3
    out = tried[best] if tried else np.full(len(y), np.nan)
    return fit_line(x, y, w, columns, best), out, {"strength": best}


def fit_line(x: Floats, y: Floats, w: Floats, columns: tuple[Column, ...], strength: float) -> Line:
    """The weights with the least log loss plus their squares over twice the strength."""
    from scipy.optimize import minimize

    shape = shape_of(x, columns)
    terms, total = shape.terms(x), w.sum()

    def loss(beta: Floats) -> tuple[float, Floats]:
        z = terms @ beta[1:] + beta[0]
        miss = w * (sigmoid(z) - y) / total
        pull = beta[1:] / (strength * total)
        value = log_loss(z, y, w) + float(beta[1:] @ pull) / 2
        return value, np.concatenate([[miss.sum()], terms.T @ miss + pull])

    start = np.zeros(terms.shape[1] + 1)
    mean = float(np.average(y, weights=w))
    start[0] = np.log(mean / (1 - mean))
    bounds = [(None, None), *_bounds(shape, columns)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300})
    beta = found.x.round(9)
    return replace(shape, weights=tuple(beta[1:].tolist()), intercept=float(beta[0]))


def shape_of(x: Floats, columns: tuple[Column, ...]) -> Line:
    """A line without weights: the ranks of each column's values, as they were learned with."""
    knots, ranks = [], []
    for j, column in enumerate(columns):
        known = x[~np.isnan(x[:, j]), j]
        at, rank = _ranks(known) if column.levels is None and len(known) else ((0.0,), (0.5,))
        knots.append(at)
        ranks.append(rank)
    levels = tuple(len(c.levels or ()) for c in columns)
    unknown = tuple(bool(np.isnan(x[:, j]).any()) for j in range(x.shape[1]))
    return Line(
        knots=tuple(knots),
        ranks=tuple(ranks),
        levels=levels,
        has_unknown=unknown,
        weights=(),
        intercept=0.0,
    )


def _ranks(known: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    even = np.linspace(0, 1, _STEPS)
    # a value that many rows share stands at the middle of its ranks
    at, place = np.unique(np.quantile(known, even), return_inverse=True)
    rank = np.bincount(place, even) / np.bincount(place)
    return tuple(at.tolist()), tuple(rank.round(9).tolist())


def _bounds(shape: Line, columns: tuple[Column, ...]) -> Iterator[tuple[float | None, float | None]]:
    for j, column in enumerate(columns):
        if shape.levels[j]:
            yield from [(None, None)] * shape.levels[j]
            continue
        yield (0.0 if column.direction > 0 else None, 0.0 if column.direction < 0 else None)
        if shape.has_unknown[j]:
            yield (None, None)


def _out_of_fold(
    x: Floats, y: Floats, w: Floats, columns: tuple[Column, ...], *, folds: list[Fold], strength: float
) -> Floats:
    out = np.full(len(y), np.nan)
    for learned, tested in folds:
        line = fit_line(x[learned], y[learned], w[learned], columns, strength)
        out[tested] = line.score(x[tested])
    return out
