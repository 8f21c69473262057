"""At the door: what visits found of unknown incomes sets the level of the test, and tests it.

The rolls find only a part of those below the line, so the chance to be found is far too low as a chance to be
below it. Visits of households with an unknown income tell how much: the log odds are shifted by one number,
fitted on the visits. One number, because the visited were chosen by other signs than the test's and are few:
they can say how many, not who. Weighing them by the chances of the lines drawn at random would be unbiased,
and rests on two dozen such lines in half a year: it said 0.003 where 0.09 was true. The random lines are a
test instead: what they found must not contradict what the test expected of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.evaluation.intervals import wilson
from models.features.frame_checks import need_columns
from models.learners.calibration import Calibration, log_loss, sigmoid
from models.learners.leaks import area
from models.ranking.fitting import Model, predict

Floats = NDArray[np.float64]
# Fewer visits, or fewer of either answer, cannot set a level.
LEAST_VISITS, LEAST_EACH = 40, 10
_EDGE = 1e-6


@dataclass(frozen=True)
class Door:
    """What visits say of the test. None: not estimable from so few.

    visit_cnt, below_cnt: visits of unknown incomes, and of them below the line; shift: added to the log odds;
    area: how well the test orders the visited (0.5: not at all). random_cnt, random_below_cnt: of them drawn
    at random; random_expected: the share that the shifted test expected there; random_low, random_high: what
    was found there, 95 %.
    """

    visit_cnt: int
    below_cnt: int
    shift: float | None = None
    area: float | None = None
    random_cnt: int = 0
    random_below_cnt: int = 0
    random_expected: float | None = None
    random_low: float | None = None
    random_high: float | None = None

    @property
    def contradicts(self) -> bool:
        """Whether the lines drawn at random found another share than the test expected."""
        if self.random_expected is None or self.random_low is None or self.random_high is None:
            return False
        return not self.random_low <= self.random_expected <= self.random_high


def at_the_door(model: Model, visits: pl.DataFrame) -> Door:
    """Hold the test against visits: the features of their list's date, `below` (Boolean), `draw_chance`."""
    need_columns(visits, ["below", "draw_chance"], "visits")
    below, count = int(visits["below"].sum()), visits.height
    if count < LEAST_VISITS or min(below, count - below) < LEAST_EACH:
        return Door(count, below)
    odds, answers = _odds(predict(model, visits)), visits["below"].cast(pl.Float64).to_numpy()
    shift = _shift(odds, answers)
    drawn = (visits["draw_chance"] < 1).fill_null(False).to_numpy()
    door = Door(count, below, shift, round(area(odds, answers), 4))
    if not drawn.any():
        return door
    found = int(answers[drawn].sum())
    size = int(drawn.sum())
    low, high = wilson(found / size, size)
    expected = float(sigmoid(odds[drawn] + shift).mean())
    return replace(
        door, random_cnt=size, random_below_cnt=found, random_expected=round(expected, 4),
        random_low=low, random_high=high,
    )  # fmt: skip


def shifted(model: Model, shift: float) -> Model:
    """The test with its chances moved by the shift; nobody's place changes."""
    assert model.learner is not None
    old = model.learner.calibration
    share = tuple(float(sigmoid(_odds(np.array([one])) + shift)[0]) for one in old.share)
    moved = Calibration(old.slope, old.intercept + shift, old.at, share)
    return replace(model, learner=replace(model.learner, calibration=moved))


def _odds(chance: Floats) -> Floats:
    kept = np.clip(chance, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(kept / (1 - kept)), dtype=np.float64)


def _shift(odds: Floats, answers: Floats) -> float:
    from scipy.optimize import minimize_scalar

    weight = np.ones(len(answers))
    found = minimize_scalar(
        lambda shift: log_loss(odds + shift, answers, weight), bounds=(-10, 10), method="bounded"
    )
    return round(float(found.x), 6)
