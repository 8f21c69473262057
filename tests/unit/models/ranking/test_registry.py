"""Models on disk: which one a date had, and what is not loaded."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from models.learners.boosting import Boosted
from models.learners.calibration import Calibration
from models.learners.cells import Column
from models.learners.learner import Learner
from models.ranking.fitting import Model
from models.ranking.registry import ModelEntry, list_models, load, read_entry, save
from models.ranking.training import train
from tests.helpers.visits import OWED, SETTINGS, TODAY, Made
from zhaoren.errors import ZhaorenError


def test_the_registry_lists_whole_models_only(made: Made, tmp_path: Path) -> None:
    early = train(made[3], tmp_path, date(2025, 12, 20), 12, OWED, settings=SETTINGS)
    late = train(made[3], tmp_path, TODAY, 12, OWED, settings=SETTINGS)
    (tmp_path / "_half").mkdir()
    assert [e.model_id for e in list_models(tmp_path)] == [early.model_id, late.model_id]
    (late.folder / "metrics.json").write_text("{", encoding="utf-8")
    assert [e.model_id for e in list_models(tmp_path)] == [early.model_id]
    with pytest.raises(ZhaorenError, match="damaged"):
        read_entry(late.folder)


def test_a_changed_model_file_is_not_loaded(made: Made, tmp_path: Path) -> None:
    entry = train(made[3], tmp_path, TODAY, 12, OWED, settings=SETTINGS)
    path = entry.folder / "metrics.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    with pytest.raises(ZhaorenError, match="not the ones that were registered"):
        load(entry)


def test_a_type_nobody_trusts_is_not_loaded(made: Made, tmp_path: Path) -> None:

    class Strange:
        pass

    good = train(made[3], tmp_path / "good", TODAY, 12, OWED, settings=SETTINGS)
    strange = Learner("boosting", (Column("member_cnt"),), Boosted(Strange()), Calibration(), {})
    bad = save(Model("boosting", ("member_cnt",), strange), good.metrics, tmp_path / "bad")
    with pytest.raises(ZhaorenError, match="types we do not load"):
        load(bad)


def test_the_card_says_what_it_must(entry: ModelEntry) -> None:
    card = (entry.folder / "card.md").read_text(encoding="utf-8")
    for text in (
        entry.model_id,
        "中文摘要",
        "Selection effects",
        "never shown to a social worker",
        "head_sex",
        "may rank",
        "List by list",
    ):
        assert text in card
    listed = json.loads((entry.folder / "features.json").read_text(encoding="utf-8"))["features"]
    assert all(f["zh"] for f in listed) and {"rigid_spend_12m_yuan"} <= {f["name"] for f in listed}
    assert "{" not in card
