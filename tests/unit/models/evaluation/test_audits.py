"""The audits: groups and calibration."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from models.evaluation.audits import calibration, group_audit
from tests.helpers.numbers import number
from tests.helpers.rankings import D1, random_world

pytestmark = pytest.mark.slow


def test_group_audit_shows_a_group_that_is_passed_over() -> None:
    candidates, truth = random_world()
    unfair = candidates.with_columns(
        unfair=pl.when(pl.col("head_sex") == "male").then(pl.col("perfect") + 1).otherwise(pl.col("perfect"))
    )
    got = group_audit(unfair, truth, 5, "unfair", groups=["head_sex"], score="chance")
    female, male = got.sort("value").rows(named=True)
    assert female["line_ratio"] < 0.5 < 1.3 < male["line_ratio"]
    assert female["recall"] < male["recall"]
    assert got["listed_cnt"].sum() == 2 * 12 * 5 and got["line_share"].sum() == pytest.approx(1, abs=1e-5)
    # the score says 15 % for everybody, and about that many are in hardship
    assert got["mean_score"].to_list() == [0.15, 0.15]
    assert number(got["score_excess"].abs().max()) < 0.05


def test_calibration_compares_the_promise_with_the_truth() -> None:
    rng = np.random.default_rng(4)
    chance = rng.random(5000)
    ids = [str(i) for i in range(5000)]
    candidates = pl.DataFrame(
        {"as_of": [D1] * 5000, "household_id": ids, "town_code": ["t"] * 5000, "p": chance}
    )
    truth = candidates.select(
        "as_of", "household_id", in_hardship=pl.Series(rng.random(5000) < chance), is_silent=pl.lit(False)
    )
    got = calibration(candidates, truth, "p")
    assert got["candidate_cnt"].to_list() == [500] * 10
    assert number((got["mean_score"] - got["share_in_hardship"]).abs().max()) < 0.07
