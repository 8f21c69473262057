"""Training on generated households with a planted cause of need."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.features.household_features import feature_columns, household_features
from models.features.labels import known_labels
from models.ranking.fitting import fit, predict
from models.ranking.registry import ModelEntry, list_models, load, save
from models.ranking.scoring import score_households
from models.ranking.training import TrainingSettings, train
from tests.helpers.visits import DATES, OWED, SETTINGS, TODAY, Made, panel
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow


def share_of(entry: ModelEntry, kind: str) -> float:
    rows = [r for r in entry.metrics["comparison"] if r["ranking"] == kind]
    return rows[0]["share_in_hardship"]


def test_a_planted_cause_raises_the_yield_above_the_rules(entry: ModelEntry) -> None:
    assert entry.kind in ("logistic", "boosting")
    assert share_of(entry, entry.kind) > share_of(entry, "rule_points") + 0.1
    assert share_of(entry, "rule_points") > share_of(entry, "random") - 0.05


def test_the_rules_win_a_tie(made: Made, tmp_path: Path) -> None:
    frame = made[3]
    kept = frame.drop(c for c in feature_columns(frame) if c != "rule_points")
    entry = train(kept, tmp_path, TODAY, 12, OWED, settings=SETTINGS)
    assert entry.kind == "rule_points" and not entry.metrics["promotable"]
    assert "did not find more than rule points" in entry.metrics["reasons"]["logistic"][0]
    assert load(entry).learner is None
    _, households, persons, signals, _ = panel(DATES[-1], 50)
    points = household_features(households, persons, signals, []).select("household_id", "rule_points")
    scores = score_households(load(entry), households, persons, signals)
    assert scores["score"].to_list() == points["rule_points"].to_list()


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
def test_a_saved_model_scores_exactly_as_before(kind: str, made: Made, tmp_path: Path) -> None:

    rows = known_labels(made[3], TODAY)
    model = fit(kind, rows, seed=0, gap_days=21)
    _, households, persons, signals, _ = panel(DATES[-1])
    metrics: dict[str, Any] = {"as_of": "2026-02-05", "kind": kind, "cut": "2026-01-05", "settings": {}}
    metrics |= dict.fromkeys(("train_rows", "holdout_rows", "fitted_rows", "fitted_verified"), 1)
    metrics |= dict.fromkeys(("arms", "comparison", "groups", "lists", "entry"), []) | {
        "train_lists": ["a"],
        "holdout_lists": ["b"],
        "reasons": {},
        "promotable": True,
    }
    entry = save(model, metrics, tmp_path)
    features = household_features(households, persons, signals, ["I01", "I02", "I03"])
    scores = score_households(load(entry.folder), households, persons, signals)
    assert scores["score"].to_list() == predict(model, features).tolist()
    assert scores["score"].n_unique() > 100 and scores["score"].is_between(0, 1).all()


def test_same_data_same_bytes(made: Made, entry: ModelEntry, tmp_path: Path) -> None:
    shuffled = made[3].sample(fraction=1, shuffle=True, seed=5)
    again = train(shuffled, tmp_path, TODAY, 12, OWED, settings=SETTINGS)
    assert again.model_id == entry.model_id
    for name in ("model.json", "features.json", "metrics.json", "card.md"):
        assert (again.folder / name).read_bytes() == (entry.folder / name).read_bytes(), name


def test_another_set_of_outcomes_is_another_model(made: Made, entry: ModelEntry, tmp_path: Path) -> None:
    frame = made[3].filter(pl.col("household_id") != made[3]["household_id"][0])
    assert train(frame, tmp_path, TODAY, 12, OWED, settings=SETTINGS).model_id != entry.model_id


def test_too_few_outcomes_are_refused_in_words(made: Made, tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError, match="too few outcomes") as few:
        train(made[3], tmp_path, TODAY, 12, OWED, settings=TrainingSettings(min_each_class=10_000))
    assert "rules rank" in few.value.todo
    with pytest.raises(ZhaorenError, match=r"only 1 list"):
        train(made[3], tmp_path, date(2025, 10, 10), 12, OWED, settings=SETTINGS)
    one_sided = made[3].with_columns(label=pl.lit(True))
    with pytest.raises(ZhaorenError, match="0 not"):
        train(one_sided, tmp_path, TODAY, 12, OWED, settings=SETTINGS)
    assert list_models(tmp_path) == ()


def test_a_feature_that_gives_the_answer_away_stops_the_training_by_name(made: Made, tmp_path: Path) -> None:
    told = made[3].with_columns(relief_12m_yuan=pl.col("label").cast(pl.Float32) * 100)
    with pytest.raises(ZhaorenError, match="relief_12m_yuan") as leak:
        train(told, tmp_path, TODAY, 12, OWED, settings=SETTINGS)
    assert leak.value.code == "feature_explains_label" and list_models(tmp_path) == ()


def test_trees_are_not_tried_on_few_outcomes_and_it_is_said(made: Made, tmp_path: Path) -> None:
    entry = train(made[3], tmp_path, TODAY, 12, OWED)
    assert entry.kind == "logistic"
    assert "trees need 3,000" in entry.metrics["reasons"]["boosting"][0]


def test_a_model_judged_on_too_few_lists_ranks_nothing(made: Made, tmp_path: Path) -> None:
    entry = train(made[3], tmp_path, date(2025, 11, 30), 12, OWED, settings=SETTINGS)
    assert entry.kind == "rule_points"
    assert entry.metrics["reasons"]["logistic"][0] == "judged on 2 list(s), 3 are needed"


def test_a_broken_group_gate_keeps_the_rules(made: Made, tmp_path: Path) -> None:
    twice = replace(OWED, gates=replace(OWED.gates, recall_ratio_min=2.0))  # more than any group can have
    entry = train(made[3], tmp_path, TODAY, 12, twice, settings=SETTINGS)
    assert entry.kind == "rule_points" and all(entry.metrics["breaches"].values())
    assert all("group gate: " in why[0] for why in entry.metrics["reasons"].values())


def test_who_was_known_in_need_before_is_told_from_who_was_not(made: Made, entry: ModelEntry) -> None:
    counts = {row["ranking"]: row for row in entry.metrics["entry"]}
    assert 0 < counts[entry.kind]["entry_hit_cnt"] < counts[entry.kind]["hit_cnt"]
