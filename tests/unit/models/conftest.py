"""What the tests of the ranking share: lists with their outcomes, and one trained model."""

from __future__ import annotations

import pytest

from models.features.training_frame import training_frame
from models.ranking.registry import ModelEntry
from models.ranking.training import train
from tests.helpers.visits import CODES, OWED, SETTINGS, TODAY, Made, world


@pytest.fixture(scope="session")
def made() -> Made:
    panels, alerts, outcomes = world()
    return panels, alerts, outcomes, training_frame(panels, alerts, outcomes, CODES)


@pytest.fixture(scope="session")
def entry(made: Made, tmp_path_factory: pytest.TempPathFactory) -> ModelEntry:
    return train(made[3], tmp_path_factory.mktemp("models"), TODAY, 12, OWED, settings=SETTINGS)
