"""Fit a learner by its kind; a learner gives each row of a frame its chance of a yes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.features.frame_checks import need_columns
from models.learners.boosting import Boosted, fit_boosting
from models.learners.calibration import Calibration, calibrate
from models.learners.cells import Column, columns_of, matrix
from models.learners.folds import ONE_SPLIT_ROWS, Fold, folds_of
from models.learners.leaning import Leaning, line_share, mixed
from models.learners.logistic import Line, fit_logistic
from models.learners.sample import Rows, Sample, rows_of
from models.learners.single import Lone, fit_single
from zhaoren.errors import ZhaorenError

Floats = NDArray[np.float64]
# From the plainer to the less plain: on a tie the plainer is chosen.
KINDS = ("logistic", "boosting")
SINGLE = "single:"
_SLICE = 200_000  # rows scored at a time, so that memory does not grow with the province


@dataclass(frozen=True)
class Learner:
    """A fitted learner: what it reads, what it is made of, and how its scores become chances.

    kind      of KINDS, or `single:<column>`
    columns   the features it reads, in order; those that told no rows apart are left out
    sizes     what was chosen inside the training rows (rounds, leaves, strength)
    """

    kind: str
    columns: tuple[Column, ...]
    engine: Boosted | Leaning | Line | Lone
    calibration: Calibration
    sizes: dict[str, float]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns it reads, in order."""
        return tuple(c.name for c in self.columns)

    @property
    def unknown_cells(self) -> dict[str, int]:
        """How many infinite or not-a-number cells each column was learned with, taken as unknown."""
        return {c.name: c.unknown_cnt for c in self.columns if c.unknown_cnt}

    def score(self, frame: pl.DataFrame) -> Floats:
        """One number per row, higher first: an order, not a chance."""
        need_columns(frame, self.features, "features")
        parts = frame.select(self.features).iter_slices(_SLICE)
        return np.concatenate([np.empty(0), *(self.engine.score(matrix(p, self.columns)) for p in parts)])

    def chance(self, frame: pl.DataFrame) -> Floats:
        """The calibrated chance of a yes (0 to 1), one per row, in the order of `score`."""
        return self.calibration.chance(self.score(frame))


def fit(kind: str, sample: Sample, seed: int) -> Learner:
    """Fit one kind of learner. The same rows in any order give the same learner.

    Raises ZhaorenError (code): kind_unknown, no_usable_feature, and those of `rows_of`. A leak is not looked
    for here: call `refuse_leaks` once before several kinds are fitted.
    """
    rows = rows_of(sample)
    if kind.startswith(SINGLE):
        return _single(kind, sample, rows)
    if kind not in KINDS:
        raise ZhaorenError(
            f"there is no kind of learner {kind!r}",
            "fit",
            f"the kinds are {', '.join(KINDS)} and {SINGLE}<column>",
            "name one of them",
            code="kind_unknown",
        )
    columns, folds = columns_of(sample, rows), folds_of(rows, sample.gap_days, seed)
    x = matrix(rows.frame, columns)
    engine: Boosted | Leaning | Line
    if kind == "logistic":
        engine, out, sizes = fit_logistic(x, rows.label, rows.weight, columns, folds)
    else:
        engine, out, sizes = _trees_with_line(x, rows, columns, folds, seed)
    return Learner(kind, columns, engine, _calibrated(out, rows.label, rows.weight), sizes)


def _trees_with_line(
    x: Floats, rows: Rows, columns: tuple[Column, ...], folds: list[Fold], seed: int
) -> tuple[Boosted | Leaning, Floats, dict[str, float]]:
    y, w = rows.label, rows.weight
    trees, out, sizes = fit_boosting(x, y, w, columns, folds=folds, seed=seed)
    if len(y) >= ONE_SPLIT_ROWS:
        return trees, out, sizes  # many answers need no line, and it would take as long as the trees do
    line, line_out, _ = fit_logistic(x, y, w, columns, folds)
    share = line_share(out, line_out, y, w)
    sizes = sizes | {"line_share": share}
    if not share:
        return trees, out, sizes
    return Leaning(trees, line, share), mixed(out, line_out, share), sizes


def _calibrated(out: Floats, y: Floats, w: Floats) -> Calibration:
    tested = ~np.isnan(out)
    return calibrate(out[tested], y[tested], w[tested]) if tested.any() else Calibration()


def _single(kind: str, sample: Sample, rows: Rows) -> Learner:
    name = kind.removeprefix(SINGLE)
    alone = Sample(sample.frame, sample.label, (name,), monotone=sample.monotone)
    (column,) = columns_of(alone, rows)
    x = matrix(rows.frame, (column,))
    engine = fit_single(x, rows.label, rows.weight, column)
    # two numbers learned from all rows: nothing to hold out
    calibration = calibrate(engine.score(x), rows.label, rows.weight)
    return Learner(kind, (column,), engine, calibration, {})
