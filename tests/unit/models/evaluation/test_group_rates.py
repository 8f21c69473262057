"""Rates by group against counts by hand; small groups withheld; gates."""

from __future__ import annotations

import polars as pl
import pytest

from models.evaluation.group_gates import GroupRules, group_gates
from models.evaluation.group_rates import RATES, LeastCounts, group_rates
from models.evaluation.intervals import effective_size, wilson
from tests.helpers.frames import COMPAS, compas

LEAST = LeastCounts(group=30, base=10)
RULES = GroupRules(
    recall_ratio_min=0.8, line_ratio_min=0.8, false_positive_ratio_max=1.25, score_excess_max=0.05
)


def judged(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(label=pl.col("again") == 1, flagged=pl.col("score") >= 5)


def of(rates: pl.DataFrame, value: str, group: str = "race") -> dict:
    return rates.filter((pl.col("group") == group) & (pl.col("value") == value)).row(0, named=True)


def test_the_published_table_of_compas() -> None:
    """False-positive and false-negative rates of ProPublica's article, to four digits."""
    rates = group_rates(judged(compas()), ["race"], LEAST)
    black, white = of(rates, "African-American"), of(rates, "Caucasian")
    assert [round(one["false_positive_rate"], 4) for one in (black, white)] == [0.4485, 0.2345]
    assert [round(one["false_negative_rate"], 4) for one in (black, white)] == [0.2799, 0.4772]


def test_every_rate_is_the_one_counted_by_hand() -> None:
    rates = group_rates(judged(compas()), ["race"], LEAST)
    for race in ("African-American", "Caucasian"):
        hit, false, missed, rest = COMPAS[race]
        whole = hit + false + missed + rest
        by_hand = {
            "selection_rate": (hit + false) / whole,
            "recall": hit / (hit + missed),
            "false_negative_rate": missed / (hit + missed),
            "false_positive_rate": false / (false + rest),
            "precision": hit / (hit + false),
            "label_rate": (hit + missed) / whole,
        }
        found = of(rates, race)
        assert {n: found[n] for n in RATES} == pytest.approx(by_hand, abs=1e-6)
        assert (found["row_cnt"], found["label_cnt"], found["flagged_cnt"]) == (
            whole,
            hit + missed,
            hit + false,
        )
        assert all(found[f"{n}_low"] <= found[n] <= found[f"{n}_high"] for n in RATES)


def test_a_small_group_is_named_and_its_rates_are_withheld() -> None:
    found = of(group_rates(judged(compas()), ["race"], LEAST), "Native American")
    assert found["row_cnt"] == 18
    assert [found[n] for n in RATES] == [None] * len(RATES)
    assert found["withheld"] == "18 in the group, fewer than 30: no rates"


def test_a_rate_of_few_is_withheld_alone() -> None:
    frame = judged(compas()).filter((pl.col("race") == "Caucasian") & (pl.col("again") == 0)).head(200)
    few = judged(compas()).filter((pl.col("race") == "Caucasian") & (pl.col("again") == 1)).head(9)
    found = of(group_rates(pl.concat([frame, few]), ["race"], LEAST), "Caucasian")
    assert found["recall"] is None and found["selection_rate"] is not None
    assert found["withheld"] == "9 in need, fewer than 10: no rates of these"


def test_rows_of_one_entity_are_one_answer() -> None:
    once = judged(compas()).with_columns(person=pl.col("id"))
    thrice = pl.concat([once] * 3)
    one = of(group_rates(once, ["race"], LEAST, entity="person"), "Caucasian")
    three = of(group_rates(thrice, ["race"], LEAST, entity="person"), "Caucasian")
    assert three["row_cnt"] == 3 * one["row_cnt"] and three["entity_cnt"] == one["entity_cnt"]
    assert three["recall_low"] == pytest.approx(one["recall_low"], abs=1e-6)


def test_weights_count_and_cost_certainty() -> None:
    frame = judged(compas()).with_columns(w=pl.when(pl.col("again") == 1).then(4.0).otherwise(1.0))
    plain = of(group_rates(frame, ["race"], LEAST), "Caucasian")
    heavy = of(group_rates(frame, ["race"], LEAST, weight="w"), "Caucasian")
    assert heavy["label_rate"] == pytest.approx(4 * 966 / (4 * 966 + 1488), abs=1e-6)
    assert heavy["recall"] == plain["recall"]
    assert (
        heavy["label_rate_high"] - heavy["label_rate_low"]
        > plain["label_rate_high"] - plain["label_rate_low"]
    )


def test_the_order_of_rows_moves_nothing() -> None:
    frame = judged(compas()).with_columns(w=pl.col("id") / 7 + 0.1, s=pl.col("score") / 10.3)
    first = group_rates(frame, ["race"], LEAST, weight="w", score="s")
    again = group_rates(
        frame.sample(fraction=1, shuffle=True, seed=3), ["race"], LEAST, weight="w", score="s"
    )
    assert first.equals(again)


def test_calibration_of_a_group() -> None:
    frame = judged(compas()).with_columns(s=pl.lit(0.5))
    found = of(group_rates(frame, ["race"], LEAST, score="s"), "Caucasian")
    assert found["score_excess"] == pytest.approx(0.5 - 966 / 2454, abs=1e-6)
    assert found["score_excess_low"] < found["score_excess"] < found["score_excess_high"]


def test_the_gates_name_who_is_served_worse() -> None:
    breaches = group_gates(group_rates(judged(compas()), ["race"], LEAST), RULES)
    assert [(b.value, b.measure) for b in breaches] == [
        ("Caucasian", "recall_ratio"),
        ("African-American", "false_positive_ratio"),
    ]
    assert str(breaches[0]) == "race Caucasian: recall_ratio 0.725, limit 0.8"


def test_chance_alone_and_withheld_groups_breach_nothing() -> None:
    few = judged(compas()).filter(pl.col("race") == "Native American").with_columns(flagged=pl.lit(False))
    frame = pl.concat([judged(compas()).filter(pl.col("race") == "Caucasian"), few])
    assert group_gates(group_rates(frame, ["race"], LEAST), RULES) == []
    even = judged(compas()).with_columns(
        race=pl.when(pl.col("id") % 40 == 0).then(pl.lit("x")).otherwise(pl.lit("y"))
    )
    assert group_gates(group_rates(even, ["race"], LEAST), RULES) == []


def test_wilsons_interval_and_kishs_size() -> None:
    # Newcombe 1998, table I: 81 of 263
    low, high = wilson(81 / 263, 263)
    assert (round(low or 0, 4), round(high or 0, 4)) == (0.2553, 0.3662)
    assert wilson(0.0, 20)[0] == 0.0 and wilson(None, 20) == (None, None) and wilson(0.4, 0) == (None, None)
    rows = pl.Series([1.0, 1.0, 2.0]).to_numpy()
    assert effective_size(rows) == pytest.approx(16 / 6)
    assert effective_size(rows, pl.Series([0, 0, 1]).to_numpy()) == pytest.approx(2.0)
