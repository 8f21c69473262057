"""The candidates of one date: thresholds, groups, and what goes into the table."""

from __future__ import annotations

import polars as pl

from models.evaluation.compare_rankings import evaluate_rankings
from models.features.groups import household_groups
from models.ranking.scoring import ranking_candidates, tongling_order
from tests.helpers.rankings import D1, D2


def test_tongling_thresholds_go_by_tier_and_unknown_is_not_listed() -> None:
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
            "member_cnt": [2, 1, 4],
            "adult_cnt": [0, 0, None],
            "child_cnt": [0, 1, 2],
            "elder_cnt": [2, 0, 1],
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
            "registration_status_code": ["active", None, "moved_out", "active"],
            "age_years": [80, 79, 17, 50],
            "is_alive": [True, True, None, False],
        }
    )
    return households, persons


def test_groups_of_the_living_head_and_unknown_where_none_is_known() -> None:
    got = household_groups(*people())
    assert got.drop("household_id").rows() == [
        ("female", "80 and over", "yes", "rural", "some here", "elders only"),
        ("male", "under 18", "no", "urban", "none here", "one person"),
        ("unknown", "unknown", "unknown", "unknown", "unknown", "unknown"),
    ]


def test_candidates_of_one_date_stand_ready_for_the_table() -> None:
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
