"""Homes made once: the demo, with feedback and learning, and a thin one of two months and of the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from flows.context.home import Home
from flows.context.site import open_site
from province.make import make_province
from tests.helpers.homes import KEY, THIN, Made, copy_home, once, run_dates, thin_inbox

DEMO = ("--persons", "3000", "--months", "3", "--seed", "3", "--dirt", "0.05")


@pytest.fixture(scope="session")
def demo(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A 3,000-person demo over three months, run plainly by the command line; look, do not change."""
    made = once(shared, "demo", _make_demo)
    home = copy_home(Home(made / "home"), tmp_path_factory.mktemp("demo") / "home")
    return Made(home, made / "home" / "province", (made / "printed.txt").read_text())


def _make_demo(folder: Path) -> None:
    ran = CliRunner().invoke(app, ["demo", *DEMO, "--plain", "--home", str(folder / "home")])
    assert ran.exit_code == 0, ran.output
    (folder / "printed.txt").write_text(ran.output)


@pytest.fixture(scope="session")
def thin(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """600 persons, six extracts, two months, run without a break; its key is KEY. Look, do not change."""
    made = once(shared, "thin", _make_thin)
    return Made(copy_home(Home(made / "home"), tmp_path_factory.mktemp("thin") / "home"), made, "")


@pytest.fixture(scope="session")
def thin_first(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The thin home as it was after its first month, with the inbox of both. Look, do not change."""
    place = tmp_path_factory.mktemp("thin_first") / "home"
    return Made(copy_home(Home(thin.province / "first"), place), thin.province, "")


def new_home_made(shared: Path) -> Callable[[Path], Home]:
    """See tests/conftest.py: making the tables of a new home takes thrice as long as opening it again."""

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ZHAOREN_VAULT_KEY", KEY)
            with open_site(Home(folder / "home")):
                pass

    made = Home(once(shared, "new_home", make) / "home")
    return lambda target: copy_home(made, target)


def _make_thin(folder: Path) -> None:
    make_province(600, 2, 5, folder / "whole", 0.05)
    inbox = thin_inbox(folder / "whole" / "inbox", folder / "inbox", THIN)
    home = Home(folder / "home").prepare()
    key = home.root / "vault.key"
    key.write_text(KEY)
    key.chmod(0o600)
    first, *later = sorted(date.fromisoformat(p.name) for p in inbox.iterdir())
    run_dates(home, inbox, [first])
    copy_home(home, folder / "first")
    run_dates(home, inbox, later)
