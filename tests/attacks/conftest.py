"""What the attacks share: a small home to spoil, made once and copied for each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.attacks import OTHER_VERSION, command
from tests.helpers.homes import Made, copy_home, once
from tests.helpers.made_homes import demo, thin

__all__ = ["demo", "thin"]


@pytest.fixture
def small_home(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    """A home of one's own: 600 persons, six extracts, two months; its key is in `command`'s environment.

    Its inbox is shared: copy it before changing it.
    """
    made: Made = request.getfixturevalue("_made_by_the_other" if OTHER_VERSION else "thin")
    home = copy_home(made.home, tmp_path / "home")
    (home.root / "vault.key").unlink(missing_ok=True)
    return Made(home, made.province, "")


@pytest.fixture(scope="session")
def _made_by_the_other(thin: Made, shared: Path) -> Made:
    """The same deliveries, taken in by the version that ZHAOREN_COMMAND names."""

    def make(folder: Path) -> None:
        done = command("run", "--plain", "--all", "--inbox", thin.inbox, "--home", folder / "home")
        assert done.returncode == 0, done.stderr

    name = "thin-of-" + OTHER_VERSION.strip(os.sep).replace(os.sep, "-")
    return Made(type(thin.home)(once(shared, name, make) / "home"), thin.province, "")
