"""The audits: groups, calibration, and recall from the random lines."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from models.evaluation.audits import audit_recall, calibration, group_audit
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


def audit_world(seed: int) -> tuple[pl.DataFrame, pl.DataFrame, float]:
    """Listed: the top 10 of each town by a decent order, and 4 random audit lines; and the true recall."""
    candidates, truth = random_world(2400, 24, seed)
    frame = candidates.join(truth, on=["as_of", "household_id"]).sort("as_of", "household_id")
    frame = frame.with_columns(order=pl.col("perfect") + 2 * pl.col("noise"))
    frame = frame.with_columns(
        place=pl.col("order").rank("ordinal", descending=True).over("as_of", "town_code")
    )
    rng = np.random.default_rng(seed + 1000)
    frame = frame.with_columns(draw=pl.Series(rng.random(frame.height)) + 10 * (pl.col("place") <= 10))
    frame = frame.with_columns(audit=pl.col("draw").rank("ordinal").over("as_of", "town_code") <= 4)
    listed = frame.filter((pl.col("place") <= 10) | pl.col("audit")).select(
        "as_of", "household_id", "town_code", "in_hardship",
        arm=pl.when("audit").then(pl.lit("audit")).otherwise(pl.lit("rule")),
        queue=pl.lit("need"), is_listed=pl.lit(True),
        audit_pool_cnt=pl.when("audit").then(pl.lit(100 - 10)),
    )  # fmt: skip
    labelled = listed.select("as_of", "household_id", label="in_hardship")
    found = number(frame.filter(pl.col("place") <= 10)["in_hardship"].sum())
    return listed.drop("in_hardship"), labelled, found / number(frame["in_hardship"].sum())


def test_audit_recall_is_unbiased_and_its_interval_covers() -> None:
    worlds = [audit_world(seed) for seed in range(80)]
    got = [(row_all(audit_recall(*w[:2])), w[2]) for w in worlds]
    errors = [g["recall"] - true for g, true in got]
    assert abs(np.mean(errors)) < 0.02
    covered = sum(g["recall_low"] <= true <= g["recall_high"] for g, true in got)
    assert covered >= 72


def row_all(table: pl.DataFrame) -> dict:
    return table.filter(pl.col("as_of") == "all").row(0, named=True)


def test_without_answered_audit_lines_recall_is_unknown_and_with_few_it_is_wide() -> None:
    alerts, labelled, _ = audit_world(1)
    unanswered = labelled.join(
        alerts.filter(pl.col("arm") == "rule"), on=["as_of", "household_id"], how="semi"
    )
    assert row_all(audit_recall(alerts, unanswered))["recall"] is None
    nothing_found = labelled.join(
        alerts.filter(pl.col("arm") == "audit"), on=["as_of", "household_id"], how="semi"
    )
    few = nothing_found.head(5).with_columns(label=pl.lit(False))
    rest = labelled.join(nothing_found, on=["as_of", "household_id"], how="anti")
    got = row_all(audit_recall(alerts, pl.concat([rest, few])))
    # five empty audit visits say "nothing seen missed", not "nothing missed"
    assert got["recall"] == got["recall_high"] == 1.0 and got["recall_low"] < 0.7
