"""The table of rankings, against counts done by hand and against brute-force simulation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.evaluation.compare_rankings import evaluate_rankings
from models.evaluation.listing import is_listed, with_truth
from tests.helpers.numbers import number
from tests.helpers.rankings import D2, hand_made, random_world, row
from zhaoren.errors import ZhaorenError


def test_the_table_counts_what_a_hand_counts() -> None:
    table = evaluate_rankings(*hand_made(), capacity=2)
    points, model, sent, blind = (row(table, r) for r in ("rule_points", "model", "as_delivered", "random"))
    # rule points: a and d in t1, only f in t2 (nothing else fired); d's truth is unknown
    assert (points["listed_cnt"], points["unknown_cnt"], points["hit_cnt"]) == (3, 1, 1)
    assert (points["share_in_hardship"], points["recall"], points["silent_recall"]) == (0.5, 0.5, 0)
    assert points["gap_found_yuan_month"] == Decimal("100.10")
    # model: a, d and e, h
    assert (model["listed_cnt"], model["hit_cnt"], model["recall"], model["silent_recall"]) == (4, 2, 1, 1)
    assert model["gap_found_yuan_month"] == Decimal("100.30")
    # the delivered list is taken as it was: b and e
    assert (sent["listed_cnt"], sent["hit_cnt"], sent["share_in_hardship"]) == (2, 1, 0.5)
    # blindly: half of each town, so one of the two in hardship, and 1.5 + 2 households of known truth
    assert (blind["listed_cnt"], blind["hit_cnt"], blind["unknown_cnt"]) == (4, 1, 0.5)
    assert blind["share_in_hardship"] == pytest.approx(1 / 3.5, abs=1e-6)
    assert model["lift"] == pytest.approx((2 / 3) / (1 / 3.5), abs=1e-5) and blind["lift"] == 1


def test_capacity_by_station_and_unknown_capacity() -> None:
    candidates, truth = hand_made()
    lines = pl.DataFrame({"town_code": ["t1", "t2"], "line_cnt": [1, 0]})
    assert row(evaluate_rankings(candidates, truth, lines), "model")["listed_cnt"] == 1
    with pytest.raises(ZhaorenError, match=r"1 station\(s\) have no capacity"):
        evaluate_rankings(candidates, truth, lines[:1])


def test_nothing_listed_has_no_share() -> None:
    candidates, truth = hand_made()
    table = evaluate_rankings(candidates.with_columns(rule_points=pl.lit(None, pl.Int64)), truth, 2)
    got = row(table, "rule_points")
    assert (got["listed_cnt"], got["share_in_hardship"], got["lift"], got["recall"]) == (0, None, None, 0)


def test_a_ranking_is_measured_on_the_dates_it_knew() -> None:
    candidates, truth = random_world()
    late = candidates.with_columns(model=pl.when(pl.col("as_of") == D2).then(pl.col("perfect")))
    table = evaluate_rankings(late, truth, 5, ["perfect", "model"])
    assert table.filter(ranking="model")["as_of"].to_list() == ["all", "2026-02-05"]
    whole, day, other = row(table, "model"), row(table, "model", "2026-02-05"), row(table, "perfect")
    assert whole | {"as_of": ""} == day | {"as_of": ""}
    assert whole["candidate_cnt"] * 2 == other["candidate_cnt"]


def test_a_household_counted_twice_is_refused() -> None:
    candidates, truth = hand_made()
    with pytest.raises(ZhaorenError, match="holds 1 duplicate key"):
        evaluate_rankings(pl.concat([candidates, candidates[:1]]), truth, 2)


def test_blind_expectation_and_interval_agree_with_drawn_lists() -> None:
    candidates, truth = random_world()
    table = evaluate_rankings(candidates, truth, 5, ["noise"])
    got = row(table, "random")
    base = candidates.join(truth, on=["as_of", "household_id"])
    drawn: list[Any] = []
    for seed in range(200):
        order = pl.Series("r", np.random.default_rng(seed).random(base.height))
        top = base.with_columns(order).with_columns(place=pl.col("r").rank().over("as_of", "town_code"))
        drawn.append(number(top.filter(pl.col("place") <= 5)["in_hardship"].mean()))
    assert got["share_in_hardship"] == pytest.approx(np.mean(drawn), abs=0.01)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (got["share_low"], got["share_high"]) == pytest.approx((low, high), abs=0.025)
    # an uninformative order is no better than blind, a perfect one finds nothing but hardship
    assert got["share_low"] <= row(table, "noise")["share_in_hardship"] <= got["share_high"]
    assert row(evaluate_rankings(candidates, truth, 5, ["perfect"]), "perfect")["share_in_hardship"] > 0.95


def test_equal_values_are_ordered_by_seed_and_not_by_id() -> None:
    candidates, truth = random_world()
    frames = [with_truth(candidates, truth, 5, seed) for seed in (0, 0, 1)]
    first, same, other = (f.filter(is_listed(f, "flat"))["household_id"].to_list() for f in frames)
    assert first == same != other
    assert len(first) == 2 * 12 * 5
    by_id = candidates.sort("household_id").group_by("as_of", "town_code").head(5)["household_id"].to_list()
    assert set(first) != set(by_id)


def test_the_same_question_gives_the_same_answer_in_any_row_order() -> None:
    candidates, truth = random_world()
    names = ["perfect", "noise", "flat"]
    one = evaluate_rankings(candidates, truth, 5, names, seed=7)
    two = evaluate_rankings(
        candidates.sample(fraction=1, shuffle=True, seed=2),
        truth.sample(fraction=1, shuffle=True, seed=3),
        5,
        names,
        seed=7,
    )
    assert one.equals(two)
    assert one["as_of"].unique(maintain_order=True).to_list() == ["all", "2026-01-05", "2026-02-05"]
    assert not one.equals(evaluate_rankings(candidates, truth, 5, names, seed=8))


def test_the_interval_holds_the_share_and_one_town_has_none() -> None:
    candidates, truth = random_world()
    got = row(evaluate_rankings(candidates, truth, 5, ["noise"]), "noise")
    assert got["share_low"] < got["share_in_hardship"] < got["share_high"]
    alone = candidates.filter(pl.col("town_code") == "t01")
    assert row(evaluate_rankings(alone, truth, 5, ["noise"]), "noise")["share_low"] is None


def test_equal_values_share_the_last_places_exactly() -> None:
    candidates, truth = hand_made()
    tied = candidates.with_columns(tied=pl.Series([2, 1, 1, 1, 5, 5, 5, 5]))
    got = row(evaluate_rankings(tied, truth, 2, ["tied"]), "tied")
    # t1: a, and one of b, c, d (d's truth is unknown); t2: two of four, e among them in hardship
    assert (got["listed_cnt"], got["hit_cnt"]) == (4, 1.5)
    assert got["unknown_cnt"] == pytest.approx(1 / 3, abs=1e-6)
    assert got["gap_found_yuan_month"] == Decimal("100.20")


def test_a_ranking_without_an_opinion_is_a_blind_draw_to_the_last_digit() -> None:
    candidates, truth = random_world()
    table = evaluate_rankings(candidates, truth, 5, ["flat"])
    flat, blind = row(table, "flat"), row(table, "random")
    assert flat["hit_cnt"] == pytest.approx(blind["hit_cnt"], abs=1e-5)
    assert flat["recall"] == pytest.approx(blind["recall"], abs=1e-5)
