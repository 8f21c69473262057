"""What all tests share: the counts of generated examples, and a folder that every test worker sees."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.helpers", "tests.generative.mutants")

from flows.context.home import Home  # noqa: E402
from flows.process.privacy import PRIVATE_UMASK  # noqa: E402
from tests.helpers import examples  # noqa: E402  their assertions are to say what they compared

examples.register()
os.umask(PRIVATE_UMASK)  # as in every command


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test workers of this session see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def new_home(shared: Path) -> Callable[[Path], Home]:
    """Gives a home of one's own at a path, as its first opening leaves it; its key is that of the tests."""
    from tests.helpers.made_homes import new_home_made

    return new_home_made(shared)


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later search for garbage, and search more seldom.

    Five thousand tests and all that they import stay to the end; going through them again and again took a
    tenth of the processor's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
