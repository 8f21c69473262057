"""Training on generated households with a planted cause of need."""

from __future__ import annotations

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
from tests.helpers.visits import DATES, TODAY, Made, panel
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
    perfect = kept.with_columns(rule_points=pl.col("label").cast(pl.Float32))
    entry = train(perfect, tmp_path, TODAY, capacity=12)
    assert entry.kind == "rule_points"
    assert load(entry).estimator is None
    _, households, persons, signals, _ = panel(DATES[-1], 50)
    points = household_features(households, persons, signals, []).select("household_id", "rule_points")
    scores = score_households(load(entry), households, persons, signals)
    assert scores["score"].to_list() == points["rule_points"].to_list()


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
def test_a_saved_model_scores_exactly_as_before(kind: str, made: Made, tmp_path: Path) -> None:

    rows = known_labels(made[3], TODAY)
    model = fit(kind, rows, seed=0)
    _, households, persons, signals, _ = panel(DATES[-1])
    metrics: dict[str, Any] = {"as_of": "2026-02-05", "kind": kind, "cut": "2026-01-05", "settings": {}}
    metrics |= dict.fromkeys(("train_rows", "holdout_rows", "fitted_rows", "fitted_verified"), 1)
    metrics |= dict.fromkeys(("arms", "comparison", "groups"), []) | {
        "train_lists": ["a"],
        "holdout_lists": ["b"],
    }
    entry = save(model, metrics, tmp_path)
    features = household_features(households, persons, signals, ["I01", "I02", "I03"])
    scores = score_households(load(entry.folder), households, persons, signals)
    assert scores["score"].to_list() == predict(model, features).tolist()
    assert scores["score"].n_unique() > 100 and scores["score"].is_between(0, 1).all()


def test_same_data_same_bytes(made: Made, entry: ModelEntry, tmp_path: Path) -> None:
    shuffled = made[3].sample(fraction=1, shuffle=True, seed=5)
    again = train(shuffled, tmp_path, TODAY, capacity=12)
    assert again.model_id == entry.model_id
    for name in ("model.skops", "features.json", "metrics.json", "card.md"):
        assert (again.folder / name).read_bytes() == (entry.folder / name).read_bytes(), name


def test_another_set_of_outcomes_is_another_model(made: Made, entry: ModelEntry, tmp_path: Path) -> None:
    frame = made[3].filter(pl.col("household_id") != made[3]["household_id"][0])
    assert train(frame, tmp_path, TODAY, capacity=12).model_id != entry.model_id


def test_too_few_outcomes_are_refused_in_words(made: Made, tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError, match="too few outcomes") as few:
        train(made[3], tmp_path, TODAY, 12, TrainingSettings(min_each_class=10_000))
    assert "rules rank" in few.value.todo
    with pytest.raises(ZhaorenError, match=r"only 1 list"):
        train(made[3], tmp_path, date(2025, 10, 10), 12)
    one_sided = made[3].with_columns(label=pl.lit(True))
    with pytest.raises(ZhaorenError, match="0 not"):
        train(one_sided, tmp_path, TODAY, 12)
    assert list_models(tmp_path) == ()
