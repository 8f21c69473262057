"""What all tests share: the counts of generated examples, and a folder that every test worker sees."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers import examples

examples.register()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test workers of this session see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
