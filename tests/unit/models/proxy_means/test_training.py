"""The proxy means test learns who is found, is set by visits, and is refused when it fails."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.evaluation.group_rates import LeastCounts
from models.proxy_means.door import Door, at_the_door, shifted
from models.proxy_means.expected import expected_missing
from models.proxy_means.fitting import DIRECTIONS, FEATURES, chosen, fit_means
from models.proxy_means.judging import Judged, judged_lists
from models.proxy_means.training import Learned, objections, train_means
from models.ranking.fitting import predict
from models.ranking.registry import MEANS, list_models, load, target_of
from zhaoren.errors import ZhaorenError

DAYS = [date(2025, 5 + n, 5) for n in range(6)]
TODAY = date(2025, 11, 1)
LEAST = LeastCounts(30, 10)
# What is true of the made-up families: low incomes are common where nobody works and somebody is disabled.
TRUE_ODDS = {"worker_cnt": -1.2, "disabled_cnt": 1.1, "child_cnt": 0.5}
FOUND_SHARE = 0.4  # of those below the line, so many are found in the span


def families(seed: int, count: int = 4_000, signal: float = 1.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows as `found_incomes` gives them, with features, and visits, one in four of them drawn at random."""
    rng = np.random.default_rng(seed)
    cells = {name: rng.poisson(1.0, count).astype(np.float32) for name in TRUE_ODDS}
    odds = -2.0 + signal * sum(weight * cells[name] for name, weight in TRUE_ODDS.items())
    below = rng.random(count) < 1 / (1 + np.exp(-odds))
    found = below & (rng.random(count) < FOUND_SHARE)
    day = rng.integers(0, len(DAYS), count)
    rows = pl.DataFrame(
        {
            "as_of": [DAYS[n] for n in day],
            "household_id": [f"H{n:05}" for n in range(count)],
            "label": found,
            "found_on": [
                DAYS[n] + timedelta(days=30) if f else None for n, f in zip(day, found, strict=True)
            ],
            "income_share": np.where(found, 0.6, np.nan),
            **cells,
            **{name: rng.random(count).astype(np.float32) for name in ("burden_12m_yuan", "member_cnt")},
            "below": below,
        }
    ).with_columns(pl.col("income_share").fill_nan(None))
    visits = rows.head(400).with_columns(
        draw_chance=pl.Series(rng.random(400) < 0.25).replace_strict({True: 0.02, False: 1.0})
    )
    return chosen(rows.slice(400).drop("below")), visits


def test_the_level_comes_from_visits_and_is_near_the_truth() -> None:
    off, naive = [], []
    for seed in range(5):
        rows, visits = families(seed)
        model = fit_means(rows, 0)
        door = at_the_door(model, visits)
        assert door.shift is not None and not door.contradicts
        fresh, _ = families(seed + 100)
        truth = families(seed + 100)[1]
        naive.append(predict(model, truth).mean() - truth["below"].mean())
        off.append(predict(shifted(model, door.shift), truth).mean() - truth["below"].mean())
        assert fresh.height
    assert abs(np.mean(off)) < 0.03 < abs(np.mean(naive))


def test_it_is_registered_loads_and_gives_the_same_bytes_for_shuffled_rows(tmp_path: Path) -> None:
    rows, visits = families(1)
    first = train_means(Learned(rows, visits), tmp_path / "a", TODAY, least=LEAST)
    mixed = Learned(
        rows.sample(fraction=1, shuffle=True, seed=3), visits.sample(fraction=1, shuffle=True, seed=4)
    )
    again = train_means(mixed, tmp_path / "b", TODAY, least=LEAST)
    assert first.model_id == again.model_id and target_of(first.model_id) == MEANS
    assert first.metrics["promotable"], first.metrics["reasons"]
    assert [one.model_id for one in list_models(tmp_path / "a", MEANS)] == [first.model_id]
    assert not list_models(tmp_path / "a", "need")
    kept = predict(load(first), visits)
    assert np.array_equal(kept, predict(load(again), visits)) and 0 < kept.min() < kept.max() < 1
    card = (first.folder / "card.md").read_text(encoding="utf-8")
    assert "请核实收入" in card and "A person decides" in card


def test_without_anything_to_find_it_may_not_ask(tmp_path: Path) -> None:
    rows, visits = families(2, signal=0.0)
    entry = train_means(Learned(rows, visits), tmp_path, TODAY, least=LEAST)
    assert not entry.metrics["promotable"]
    assert any("beyond luck" in why for why in entry.metrics["reasons"])


def test_what_was_found_after_a_list_does_not_help_to_judge_it() -> None:
    rows, _ = families(3)
    before = judged_lists(rows, 1, 0)
    last = before[0].as_of
    # findings of earlier lists that came after the judged one: nobody knew of them on its day
    late = (pl.col("as_of") < last) & ~pl.col("label") & (pl.col("worker_cnt") == 0)
    told = rows.with_columns(
        label=pl.col("label") | late,
        found_on=pl.when(late).then(pl.lit(last + timedelta(days=1))).otherwise("found_on"),
    )
    assert judged_lists(told, 1, 0) == before


def test_a_leak_stops_the_training_by_name(tmp_path: Path) -> None:
    rows, visits = families(4)
    leaking = rows.with_columns(relief_12m_yuan=pl.col("label").cast(pl.Float32))
    with pytest.raises(ZhaorenError, match="relief_12m_yuan"):
        train_means(Learned(leaking, visits), tmp_path, TODAY, least=LEAST)


def test_too_few_found_or_visited_is_said(tmp_path: Path) -> None:
    rows, visits = families(5)
    with pytest.raises(ZhaorenError, match="too few incomes were found") as error:
        train_means(Learned(rows.filter(~pl.col("label")), visits), tmp_path, TODAY, least=LEAST)
    assert error.value.code == "too_few_found"
    entry = train_means(Learned(rows, visits.head(20)), tmp_path, TODAY, least=LEAST)
    assert any("too few visits" in why for why in entry.metrics["reasons"])


def test_random_lines_that_contradict_it_are_an_objection() -> None:
    judged = [Judged(day, 1000, 50, 0.7, 0.62, 0.78, 0.3) for day in DAYS[:3]]
    good = Door(200, 40, 2.0, 0.7, 60, 6, 0.11, 0.05, 0.2)
    assert objections(judged, good, 3) == []
    bad = Door(200, 40, 2.0, 0.7, 60, 0, 0.19, 0.0, 0.06)
    assert "contradict" in objections(judged, bad, 3)[0]
    assert "2 of 3 lists" in objections(judged[:2], good, 3)[0]


def test_all_that_were_found_are_learned_from_and_weights_make_up_for_the_rest() -> None:
    rows, _ = families(6, count=9_000)
    rare = ~pl.col("label") | pl.col("household_id").str.ends_with("0")
    many = rows.drop("weight").filter(rare)
    drawn = chosen(many)
    assert drawn["label"].sum() == many["label"].sum() and drawn.height < many.height
    assert drawn["weight"].sum() == pytest.approx(many.height)
    assert chosen(many.sample(fraction=1, shuffle=True, seed=5)).equals(drawn)


def test_expected_yuan_is_chance_times_what_is_lacking() -> None:
    rows, _ = families(7)
    model = fit_means(rows, 0)
    some = rows.head(3)
    lines = some.select("household_id", member_cnt=pl.Series([2, 3, None]), line_yuan_month=pl.lit(900.0))
    found = expected_missing(model, 0.4, some, lines)
    chance = found["chance_below_line"]
    wanted = [round(chance[0] * 900 * 2 * 0.4, 2), round(chance[1] * 900 * 3 * 0.4, 2), 0.0]
    assert [float(one) for one in found["expected_yuan_month"]] == pytest.approx(wanted, abs=0.006)


def test_it_reads_nothing_that_follows_from_a_roll_and_no_income() -> None:
    from_rolls = {
        *("income_yuan_month", "income_age_days", "tier_level", "unit_pay_yuan_month", "benefit_person_cnt"),
        *("benefit_months_max", "premium_subsidy_cnt", "living_subsidy_yuan_month", "watched_cnt"),
        *("spend_income_share", "missing_fact_share", "rule_points", "child_roll_cnt"),
    }
    assert not from_rolls & set(FEATURES) and set(DIRECTIONS) <= set(FEATURES)
