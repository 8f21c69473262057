"""Splits in time: training looks only back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from models.features.labels import known_labels
from models.features.splits import rolling_splits
from models.features.training_frame import training_frame
from models.ranking.training import train
from tests.helpers.visits import CODES, DATES, OWED, SETTINGS, TODAY, Made, panel

pytestmark = pytest.mark.slow


def test_the_split_looks_only_back(made: Made) -> None:
    frame = made[3]
    splits = rolling_splits(frame, TODAY, 28, 3)
    assert [split.cut for split in splits] == DATES[-3:]
    for split in splits:
        assert (split.holdout["as_of"] == split.cut).all()
        assert (split.train["known_date"] <= split.cut).all()
        # no span of a label reaches over either side of the cut, nor beyond today
        assert (split.train["as_of"] + timedelta(days=28) <= split.cut).all()
        assert (split.holdout["as_of"] + timedelta(days=28) <= TODAY).all()
    assert [split.cut for split in rolling_splits(frame, TODAY, 28, 9)] == DATES[1:], "none before the first"


def test_later_outcomes_change_no_earlier_training_set_nor_its_model(made: Made, tmp_path: Path) -> None:
    panels, alerts, outcomes, frame = made
    turned = outcomes.with_columns(
        result_code=pl.when(pl.col("result_code") == "20").then(pl.lit("40")).otherwise(pl.lit("20")),
        known_date=pl.lit(TODAY + timedelta(days=1)),
    )
    new_day = date(2026, 3, 5)
    _, households, persons, signals, _ = panel(new_day)
    later = (new_day, households, persons, signals)
    planted = training_frame([*panels, later], alerts, pl.concat([outcomes, turned]), CODES)
    assert planted.height > frame.height
    before, after = known_labels(frame, TODAY), known_labels(planted, TODAY)
    assert before.equals(after.select(before.columns))
    ids = [
        train(f, tmp_path / name, TODAY, 12, OWED, settings=SETTINGS).model_id
        for f, name in ((frame, "a"), (planted, "b"))
    ]
    assert ids[0] == ids[1]
