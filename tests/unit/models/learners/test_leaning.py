"""Trees that lean on the line: only as far as it helps, and never against what is held."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.learners.leaning import Leaning, line_share
from models.learners.learner import fit
from models.learners.sample import Sample
from tests.helpers.frames import survey


def rows(seed: int = 1, count: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    odds = rng.normal(size=count)
    return odds, (rng.random(count) < 1 / (1 + np.exp(-odds))).astype(float)


def test_a_line_that_knows_more_is_leaned_on() -> None:
    odds, label = rows()
    noise = np.random.default_rng(2).normal(size=len(odds))
    assert line_share(odds + 2 * noise, odds, label, np.ones(len(label))) == 1.0


def test_a_line_that_knows_nothing_is_left_out() -> None:
    odds, label = rows()
    noise = np.random.default_rng(3).normal(size=len(odds))
    assert line_share(odds, 3 * noise, label, np.ones(len(label))) == 0.0


def test_nothing_tested_out_of_fold_leaves_the_trees_alone() -> None:
    odds, label = rows()
    assert line_share(np.full(len(odds), np.nan), odds, label, np.ones(len(label))) == 0.0


def test_a_held_direction_holds_in_the_mixture() -> None:
    frame = survey(700).with_columns(label=pl.col("answer") == 1)
    sample = Sample(frame, "label", ("amount", "noise"), monotone={"amount": 1}, entity="id")
    learner = fit("boosting", sample, 0)
    assert isinstance(learner.engine, Leaning) and learner.sizes["line_share"] > 0
    steps = pl.DataFrame({"amount": np.linspace(-4, 4, 200), "noise": np.zeros(200)})
    assert (np.diff(learner.chance(steps)) >= -1e-12).all()
