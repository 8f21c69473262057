"""Calibration from lines of known chances is that of all households, not that of the listed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from models.evaluation.random_calibration import calibration_from_lines
from tests.helpers.numbers import number


def world(seed: int = 3) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Households in need as often as their score says, and the lines of lists: high scores more often."""
    rng = np.random.default_rng(seed)
    score = rng.beta(1, 6, 60_000)
    need = rng.random(score.size) < score
    chance = np.where(score > 0.5, 1.0, np.where(score > 0.3, 0.2, 0.02))
    whole = pl.DataFrame({"score": score, "draw_chance": chance, "label": need})
    return whole, whole.filter(pl.Series(rng.random(score.size) < chance))


def test_each_part_is_in_need_as_often_as_its_score_says_and_its_interval_holds() -> None:
    whole, lines = world()
    got = calibration_from_lines(lines)
    assert got["bin"].to_list() == [1, 2, 3, 4, 5]
    off = (got["mean_score"] - got["need_share"]).abs()
    assert number(off.max()) < 0.06
    assert got.select(pl.col("mean_score").is_between("need_low", "need_high")).to_series().sum() >= 4
    flat = calibration_from_lines(lines.with_columns(draw_chance=pl.lit(1.0)))
    true = whole["score"].sort()[-12_000:].mean()
    assert (
        got["mean_score"][4] == pytest.approx(true, abs=0.03)
        and number(flat["mean_score"][4]) > number(true) + 0.2
    )


def test_few_lines_and_none_tell_nothing() -> None:
    _, lines = world()
    few = calibration_from_lines(lines.head(40))
    assert few.filter(pl.col("line_cnt") < 30)["need_share"].null_count() == 4 and few["line_cnt"].sum() == 40
    assert calibration_from_lines(lines.clear()).is_empty()
    unanswered = lines.with_columns(label=pl.lit(None, pl.Boolean))
    assert calibration_from_lines(unanswered).is_empty()
