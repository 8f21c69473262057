"""tried §8 B6: a kill during `release` left the original in the clear in scratch, and the repeated command
could not finish what was begun: it said that the delivery is not held, and the receipt was never written."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.context.home import Home
from tests.helpers.attacks import OTHER_VERSION, command, environment
from tests.helpers.homes import (
    LISTS,
    Made,
    copy_home,
    file_hashes,
    reading,
    send,
    sent,
    table_hashes,
    thin_inbox,
)  # fmt: skip

# Kills itself when the n-th call of the function begins, or ends.
KILLED = """
import importlib, os, signal, sys
from importlib.util import find_spec
module, name, moment, *args = sys.argv[1:]
within = "zhaoren." if find_spec("zhaoren.flows") else ""  # of an early version
place = importlib.import_module(within + module)
whole = getattr(place, name)
def deadly(*given, **named):
    if moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    whole(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(place, name, deadly)
sys.argv = ["zhaoren", *args]
importlib.import_module(within + "flows.cli.app").main()
"""
# What happens in a release, in this order: the original is restored, loaded, published, and told.
MOMENTS = [
    ("flows.actions.decisions", "Loader", "before"),  # the original is restored
    ("flows.actions.decisions", "publish_home", "before"),
    ("flows.actions.decisions", "publish_home", "after"),
    ("flows.delivery.receipts", "write_receipt", "before"),
    ("flows.delivery.receipts", "write_receipt", "after"),
    ("flows.ingest.loader", "load_delivery", "before"),
    ("flows.ingest.loader", "load_delivery", "after"),
]


def killed_at(moment: tuple[str, str, str], *args: object) -> int:
    python = Path(OTHER_VERSION).with_name("python") if OTHER_VERSION else Path(sys.executable)
    done = subprocess.run(
        [str(python), "-c", KILLED, *moment, *map(str, args)], env=environment(), capture_output=True
    )
    return done.returncode


@pytest.fixture(scope="module")
def held(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str]:
    """A home in which the second benefit roll has the bytes of the first, and waits for a person."""
    place = tmp_path_factory.mktemp("held")
    inbox = thin_inbox(thin.inbox, place / "inbox", ("population", "benefit_roll"))
    first, second = thin.dates
    shutil.rmtree(inbox / str(second) / "civil_affairs")
    send(sent(thin.inbox, first, "benefit_roll"), inbox, second, "benefit_roll.csv")
    done = command("run", "--plain", "--all", "--inbox", inbox, "--home", place / "home", process=True)
    assert done.returncode == 0, done.said
    with reading(Home(place / "home")) as con:
        ((number,),) = con.execute("SELECT delivery_id FROM ops.delivery WHERE status = 'held'").fetchall()
    return Home(place / "home"), number


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS, ids="-".join)
def test_a_release_killed_at_any_step_is_completed_by_the_same_command(
    held: tuple[Home, str], tmp_path: Path, moment: tuple[str, str, str]
) -> None:
    home, unbroken = (copy_home(held[0], tmp_path / name) for name in ("home", "unbroken"))
    (home.root / "vault.key").unlink(missing_ok=True)
    args = ("release", held[1], "--reason", "nothing changed", "--by", "a tester", "--home")
    assert killed_at(moment, *args, home.root) == -signal.SIGKILL
    for one in (home, unbroken):
        done = command(*args, one.root, process=True)
        assert done.returncode == 0, done.said
    assert file_hashes(home.root, *LISTS) == file_hashes(unbroken.root, *LISTS)
    assert list(home.scratch.iterdir()) == []
    assert not [path for path in home.root.rglob("*") if path.suffix in (".part", ".partial")]
    with reading(home) as killed, reading(unbroken) as whole:
        for table in ("core.benefit_roll", "core.person", "panel.household", "mart.alert"):
            assert table_hashes(killed, table) == table_hashes(whole, table)
    again = command(*args, home.root, process=True)
    assert again.returncode == 1 and "It is accepted" in again.stderr


@pytest.mark.long
def test_a_killed_release_leaves_nothing_readable_behind(held: tuple[Home, str], tmp_path: Path) -> None:
    home = copy_home(held[0], tmp_path / "home")
    args = ("release", held[1], "--reason", "nothing changed", "--home", home.root)
    assert killed_at(("flows.actions.decisions", "Loader", "before"), *args) == -signal.SIGKILL
    assert list(home.scratch.iterdir()) == []
