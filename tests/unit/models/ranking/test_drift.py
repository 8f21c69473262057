"""Drift told from histograms, and what a model promised of the lines that were visited."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from models.ranking.drift import BASELINE, SCORE, UNKNOWN, baseline, counts, moves
from models.ranking.kept_promise import first_half, kept_promise


def households(cnt: int = 4_000, shift: float = 0.0, unknown: float = 0.1) -> pl.DataFrame:
    """Bills that move the score, noise that does not, and a constant."""
    random = np.random.default_rng(5)
    bills, noise = random.normal(shift, 1, cnt), random.normal(0, 1, cnt)
    known = pl.Series(random.random(cnt) >= unknown)
    frame = pl.DataFrame(
        {
            "household_id": [f"H{no:05}" for no in range(cnt)],
            "bills": bills.astype(np.float32),
            "noise": noise.astype(np.float32),
            "same": np.zeros(cnt, dtype=np.float32),
            "score": 1 / (1 + np.exp(-bills)),
        }
    )
    return frame.with_columns(bills=pl.when(known).then("bills"))


FEATURES = ("noise", "bills", "same")


def moved(now: pl.DataFrame) -> dict[str, dict[str, float]]:
    base = baseline(households(), FEATURES)
    return {row["column_name"]: row for row in moves(base, counts(now, base)).to_dicts()}


def test_the_baseline_holds_tenths_and_the_features_that_move_the_score_first() -> None:
    base = baseline(households(), FEATURES)
    assert base.schema == BASELINE
    assert base["column_name"].unique(maintain_order=True).to_list()[:2] == [SCORE, "bills"]
    score = base.filter(column_name=SCORE)
    assert score["cnt"].to_list() == [0, *[pytest.approx(400, abs=1)] * 10]
    for name in base["column_name"].unique():
        assert base.filter(column_name=name)["cnt"].sum() == 4_000


def test_the_same_households_moved_nowhere_and_others_did() -> None:
    same = moved(households())
    assert all(row["psi"] == 0 and row["unknown_now"] == row["unknown_before"] for row in same.values())
    richer = moved(households(shift=1.0))
    assert richer[SCORE]["psi"] > 0.25 and richer["bills"]["psi"] > 0.25
    assert richer["noise"]["psi"] < 0.05
    lost = moved(households(unknown=0.5))
    assert lost["bills"]["unknown_now"] == pytest.approx(0.5, abs=0.03)
    assert lost["bills"]["unknown_before"] == pytest.approx(0.1, abs=0.03)


def test_parts_add_up_and_order_is_nothing() -> None:
    base = baseline(households(), FEATURES)
    assert baseline(households().sample(fraction=1, shuffle=True, seed=2), FEATURES).equals(base)
    now = households(shift=0.3)
    parts = pl.concat([counts(part, base) for part in now.iter_slices(700)])
    assert moves(base, parts).equals(moves(base, counts(now, base)))


def test_a_feature_that_is_gone_is_unknown_and_nobody_at_all_is_not_estimable() -> None:
    gone = moved(households().drop("bills"))["bills"]
    assert gone["unknown_now"] == 1 and gone["psi"] > 1
    assert moved(households().head(0))[SCORE]["psi"] is None
    assert moves(
        pl.DataFrame(schema=BASELINE), counts(households(), pl.DataFrame(schema=BASELINE))
    ).is_empty()
    blank = baseline(households().with_columns(bills=pl.lit(None, pl.Float32)), ("bills",))
    assert set(blank["column_name"]) == {SCORE} and UNKNOWN in blank["bin_no"]


def visits(rows: list[tuple[float, int, bool]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["score", "points", "label"], orient="row")
    return frame.with_columns(household_id=pl.format("H{}", pl.int_range(pl.len())))


def test_what_was_promised_stands_beside_what_was_found() -> None:
    kept = kept_promise(visits([(0.9, 1, True), (0.7, 1, False), (0.8, 1, True), (0.8, 1, True)]))
    assert (kept.cnt, kept.found) == (4, 0.75) and kept.promised == pytest.approx(0.8)
    assert kept.low is not None and kept.high is not None and 0.3 < kept.low < 0.75 < kept.high < 1
    nothing = kept_promise(visits([]).cast({"score": pl.Float64, "label": pl.Boolean}))
    assert (nothing.cnt, nothing.found, nothing.promised) == (0, None, None)


def test_the_first_half_by_the_model_beside_that_by_rule_points() -> None:
    half, by_points = first_half(visits([(0.9, 1, True), (0.8, 2, True), (0.2, 9, False), (0.1, 8, False)]))
    assert (half.cnt, half.found, by_points) == (2, 1.0, 0.0)
