"""The evaluation table and the audits, against counts done by hand and against brute-force simulation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from models.evaluation.audits import audit_recall, calibration, group_audit
from models.evaluation.compare_rankings import evaluate_rankings
from models.evaluation.listing import is_listed, with_truth
from models.features.groups import household_groups
from models.ranking.scoring import ranking_candidates, tongling_order
from zhaoren.errors import ZhaorenError

D1, D2 = date(2026, 1, 5), date(2026, 2, 5)


def hand_made() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two towns of four households on one date; a and e are in hardship, e silently; d's truth is unknown."""
    candidates = pl.DataFrame(
        {
            "as_of": [D1] * 8,
            "household_id": list("abcdefgh"),
            "town_code": ["t1"] * 4 + ["t2"] * 4,
            "rule_points": [9, 5, None, 7, None, 2, None, None],
            "model": [0.9, 0.1, 0.2, 0.3, 0.8, 0.1, 0.2, 0.3],
            "as_delivered": [False, True, False, False, True, None, False, False],
        }
    )
    truth = pl.DataFrame(
        {
            "as_of": [D1] * 7,
            "household_id": list("abcefgh"),
            "in_hardship": [True, False, False, True, False, False, False],
            "is_silent": [False, False, False, True, False, False, False],
            "gap_yuan_month": pl.Series(["100.10", "5", None, "0.20", None, None, "3"], dtype=pl.String).cast(
                pl.Decimal(18, 2)
            ),
        }
    )
    return candidates, truth


def row(table: pl.DataFrame, ranking: str, as_of: str = "all") -> dict:
    return table.filter((pl.col("ranking") == ranking) & (pl.col("as_of") == as_of)).row(0, named=True)


def random_world(households: int = 600, towns: int = 12, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    frames = []
    for day in (D1, D2):
        need = rng.random(households) < 0.15
        frames.append(
            pl.DataFrame(
                {
                    "as_of": [day] * households,
                    "household_id": [f"h{i:05d}" for i in range(households)],
                    "town_code": [f"t{i % towns:02d}" for i in range(households)],
                    "perfect": need.astype(float),
                    "noise": rng.random(households),
                    "flat": np.zeros(households),
                    "chance": np.where(need, 0.15, 0.15),
                    "head_sex": rng.choice(["male", "female"], households),
                    "in_hardship": need,
                    "is_silent": need & (rng.random(households) < 0.5),
                }
            )
        )
    whole = pl.concat(frames)
    return whole.drop("in_hardship", "is_silent"), whole.select(
        "as_of", "household_id", "in_hardship", "is_silent"
    )


# --- the table ----------------------------------------------------------------------------------------


def test_the_table_counts_what_a_hand_counts():
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


def test_capacity_by_station_and_unknown_capacity():
    candidates, truth = hand_made()
    lines = pl.DataFrame({"town_code": ["t1", "t2"], "line_cnt": [1, 0]})
    assert row(evaluate_rankings(candidates, truth, lines), "model")["listed_cnt"] == 1
    with pytest.raises(ZhaorenError, match=r"1 station\(s\) have no capacity"):
        evaluate_rankings(candidates, truth, lines[:1])


def test_nothing_listed_has_no_share():
    candidates, truth = hand_made()
    table = evaluate_rankings(candidates.with_columns(rule_points=pl.lit(None, pl.Int64)), truth, 2)
    got = row(table, "rule_points")
    assert (got["listed_cnt"], got["share_in_hardship"], got["lift"], got["recall"]) == (0, None, None, 0)


def test_a_ranking_is_measured_on_the_dates_it_knew():
    candidates, truth = random_world()
    late = candidates.with_columns(model=pl.when(pl.col("as_of") == D2).then(pl.col("perfect")))
    table = evaluate_rankings(late, truth, 5, ["perfect", "model"])
    assert table.filter(ranking="model")["as_of"].to_list() == ["all", "2026-02-05"]
    whole, day, other = row(table, "model"), row(table, "model", "2026-02-05"), row(table, "perfect")
    assert whole | {"as_of": ""} == day | {"as_of": ""}
    assert whole["candidate_cnt"] * 2 == other["candidate_cnt"]


def test_a_household_counted_twice_is_refused():
    candidates, truth = hand_made()
    with pytest.raises(ZhaorenError, match="holds 1 duplicate key"):
        evaluate_rankings(pl.concat([candidates, candidates[:1]]), truth, 2)


def test_blind_expectation_and_interval_agree_with_drawn_lists():
    candidates, truth = random_world()
    table = evaluate_rankings(candidates, truth, 5, ["noise"])
    got = row(table, "random")
    base = candidates.join(truth, on=["as_of", "household_id"])
    drawn = []
    for seed in range(200):
        order = pl.Series("r", np.random.default_rng(seed).random(base.height))
        top = base.with_columns(order).with_columns(place=pl.col("r").rank().over("as_of", "town_code"))
        drawn.append(top.filter(pl.col("place") <= 5)["in_hardship"].mean())
    assert got["share_in_hardship"] == pytest.approx(np.mean(drawn), abs=0.01)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (got["share_low"], got["share_high"]) == pytest.approx((low, high), abs=0.025)
    # an uninformative order is no better than blind, a perfect one finds nothing but hardship
    assert got["share_low"] <= row(table, "noise")["share_in_hardship"] <= got["share_high"]
    assert row(evaluate_rankings(candidates, truth, 5, ["perfect"]), "perfect")["share_in_hardship"] > 0.95


def test_equal_values_are_ordered_by_seed_and_not_by_id():
    candidates, truth = random_world()
    frames = [with_truth(candidates, truth, 5, seed) for seed in (0, 0, 1)]
    first, same, other = (f.filter(is_listed(f, "flat"))["household_id"].to_list() for f in frames)
    assert first == same != other
    assert len(first) == 2 * 12 * 5
    by_id = candidates.sort("household_id").group_by("as_of", "town_code").head(5)["household_id"].to_list()
    assert set(first) != set(by_id)


def test_the_same_question_gives_the_same_answer_in_any_row_order():
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


def test_the_interval_holds_the_share_and_one_town_has_none():
    candidates, truth = random_world()
    got = row(evaluate_rankings(candidates, truth, 5, ["noise"]), "noise")
    assert got["share_low"] < got["share_in_hardship"] < got["share_high"]
    alone = candidates.filter(pl.col("town_code") == "t01")
    assert row(evaluate_rankings(alone, truth, 5, ["noise"]), "noise")["share_low"] is None


# --- rankings -----------------------------------------------------------------------------------------


def test_tongling_thresholds_go_by_tier_and_unknown_is_not_listed():
    households = pl.DataFrame(
        {
            "household_id": list("abcdef"),
            "tier_code": ["none", "none", "tekun", "dibao", None, "none"],
            "burden_12m_yuan": pl.Series(["15000.00", "15000.01", "3000", "4000", "90000", None]).cast(
                pl.Decimal(18, 2)
            ),
        }
    )
    got = tongling_order(households, {"tekun": 1000, "dibao": 5000, "none": 15000})
    assert got["tongling"].is_not_null().to_list() == [False, True, True, False, False, False]
    assert got["tongling"][2] == 3.0


def people() -> tuple[pl.DataFrame, pl.DataFrame]:
    households = pl.DataFrame(
        {
            "household_id": ["a", "b", "c"],
            "town_code": ["t1", "t1", "t2"],
            "disabled_cnt": [1, 0, None],
            "is_rural": [True, False, None],
            "tier_code": ["none", "none", "dibao"],
            "burden_12m_yuan": pl.Series([20000, 0, 6000]).cast(pl.Decimal(18, 2)),
        }
    )
    persons = pl.DataFrame(
        {
            "person_id": ["1", "2", "3", "4"],
            "household_id": ["a", "a", "b", "c"],
            "relation_code": ["head", "spouse", "head", "head"],
            "sex_code": ["2", "1", "1", "1"],
            "age_years": [80, 79, 17, 50],
            "is_alive": [True, True, None, False],
        }
    )
    return households, persons


def test_groups_of_the_living_head_and_unknown_where_none_is_known():
    got = household_groups(*people())
    assert got.drop("household_id").rows() == [
        ("female", "80 and over", "yes", "rural"),
        ("male", "under 18", "no", "urban"),
        ("unknown", "unknown", "unknown", "unknown"),
    ]


def test_candidates_of_one_date_stand_ready_for_the_table():
    households, persons = people()
    signals = pl.DataFrame(
        {
            "signal_id": ["I01", "I02"],
            "household_id": ["a", "b"],
            "queue": ["need", "need"],
            "state": ["yes", "unknown"],
            "points": [3, 2],
            "level": ["red", "blue"],
            "is_event": [False, False],
        }
    )
    alerts = pl.DataFrame(
        {"as_of": [D1, D2], "household_id": ["c", "b"], "queue": ["need"] * 2, "is_listed": [True] * 2}
    )
    scores = pl.DataFrame({"household_id": ["a", "b", "c"], "score": [0.1, 0.2, 0.3]})
    thresholds = {"none": 15000, "dibao": 5000}
    got = ranking_candidates(
        D1, households, persons, signals, thresholds=thresholds, alerts=alerts, scores=scores
    )
    assert got["tongling"].is_not_null().to_list() == [True, False, True]
    assert got["rule_points"].to_list() == [3, None, None]
    assert got["as_delivered"].to_list() == [False, False, True]
    truth = pl.DataFrame(
        {
            "as_of": [D1] * 3,
            "household_id": ["a", "b", "c"],
            "in_hardship": [True, False, True],
            "is_silent": [False] * 3,
        }
    )
    table = evaluate_rankings(got, truth, 1)
    assert table["ranking"].unique(maintain_order=True).to_list() == [
        "random", "tongling", "rule_points", "model", "as_delivered",
    ]  # fmt: skip
    assert group_audit(got, truth, 1, "model").filter(group="town_code")["hit_cnt"].to_list() == [0, 1]


# --- audits -------------------------------------------------------------------------------------------


def test_group_audit_shows_a_group_that_is_passed_over():
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
    assert got["score_excess"].abs().max() < 0.05


def test_calibration_compares_the_promise_with_the_truth():
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
    assert (got["mean_score"] - got["share_in_hardship"]).abs().max() < 0.07


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
    found = frame.filter(pl.col("place") <= 10)["in_hardship"].sum()
    return listed.drop("in_hardship"), labelled, found / frame["in_hardship"].sum()


def test_audit_recall_is_unbiased_and_its_interval_covers():
    worlds = [audit_world(seed) for seed in range(80)]
    got = [(row_all(audit_recall(*w[:2])), w[2]) for w in worlds]
    errors = [g["recall"] - true for g, true in got]
    assert abs(np.mean(errors)) < 0.02
    covered = sum(g["recall_low"] <= true <= g["recall_high"] for g, true in got)
    assert covered >= 72


def row_all(table: pl.DataFrame) -> dict:
    return table.filter(pl.col("as_of") == "all").row(0, named=True)


def test_without_answered_audit_lines_recall_is_unknown_and_with_few_it_is_wide():
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
