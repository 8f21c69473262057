"""A run killed with `kill -9` at any moment, and run again, ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from flows.context.home import Home
from tests.helpers.homes import (
    COMMAND,
    KEY,
    LISTS,
    Made,
    as_delivered,
    assert_same_lists,
    clean_env,
    file_hashes,
    killed_at,
    reading,
    table_hashes,
    thin_inbox,
    zhaoren_command,
)


def killed_after(home: Home, inbox: Path, seconds: float) -> int | None:
    """The command itself, killed from outside; returns how it ended."""
    command = [*COMMAND, "run", "--plain", "--home", str(home.root), "--inbox", str(inbox), "--all"]
    env = clean_env({"ZHAOREN_VAULT_KEY": KEY})
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
        return child.wait(30)


def run_to_the_end(home: Home, inbox: Path) -> None:
    done = zhaoren_command(
        *("run", "--plain", "--home", home.root, "--inbox", inbox, "--all"), env={"ZHAOREN_VAULT_KEY": KEY}
    )
    assert done.returncode == 0, done.stderr


def assert_nothing_half_visible(home: Home, unbroken: Home) -> None:
    """Right after a kill: every paper there is whole, and every file taken in is wholly taken in."""
    whole = file_hashes(unbroken.root, *LISTS)
    there = file_hashes(home.root, *LISTS)
    assert there.items() <= whole.items()
    for folder in {Path(name).parent for name in there if not name.startswith("receipts")}:
        assert {n for n in whole if Path(n).parent == folder} == {
            n for n in there if Path(n).parent == folder
        }
    with reading(home) as con:
        accounted = "rows_loaded + rows_quarantined + rows_duplicate"
        lost = f"SELECT count(*) FROM ops.delivery WHERE rows_read <> {accounted}"
        assert con.execute(lost).fetchall() == [(0,)]
        for delivery, extract, loaded in con.execute(
            "SELECT delivery_id, extract, rows_loaded FROM ops.delivery"
        ).fetchall():
            sql = f"SELECT count(*) FROM {as_delivered(f'core.{extract}')} WHERE delivery_id = ?"
            assert con.execute(sql, [delivery]).fetchall() == [(loaded,)]


def assert_whole(home: Home, unbroken: Home) -> None:
    """Ended like the unbroken run: papers, tables, originals; no scrap left."""
    assert_same_lists(unbroken, home)
    wanted = (
        "ops.delivery",
        "ops.quarantine",
        "ops.repair",
        "ops.duplicate",
        "ops.check_result",
        "panel.household",
        "core.household_member",
        "core.person",
    )
    with reading(unbroken) as left, reading(home) as right:
        assert table_hashes(right, *wanted) == table_hashes(left, *wanted)
    originals = {n for n in file_hashes(unbroken.root, "archive") if n.endswith(".fernet")}
    assert {n for n in file_hashes(home.root, "archive") if n.endswith(".fernet")} == originals
    assert not list(home.published.parent.glob("*.partial"))


# In the middle of loading the population, of the scoring, and of the publishing.
MOMENTS = [("population", 1, 0.25), ("alerts", 1, 0.02), ("publishing", 1, 0.05)]
MORE_MOMENTS = [
    ("benefit_roll", 1, 0.0), ("disability_card", 1, 0.2), ("settlement", 2, 0.1), ("custody", 1, 0.15),
    ("population", 2, 0.3), ("panel", 1, 0.0), ("signals", 1, 0.0), ("entitlements", 2, 0.1),
    ("scored", 1, 0.0), ("worklists", 1, 0.05), ("worklists", 2, 0.2), ("publishing", 2, 0.05),
]  # fmt: skip


def killed_again_and_again(
    home: Home, inbox: Path, unbroken: Home, moments: list[tuple[str, int, float]]
) -> int:
    """One home, killed at each moment in turn; returns how many of the kills came to pass."""
    kills = 0
    for words, nth, delay in moments:
        how = killed_at(home, inbox, words, nth, delay)
        kills += how == -signal.SIGKILL
        assert_nothing_half_visible(home, unbroken)
    return kills


def test_killed_in_every_step_and_run_again(thin_first: Made, tmp_path: Path) -> None:
    home, inbox = Home(tmp_path / "home"), thin_inbox(thin_first.inbox, tmp_path / "inbox", dates=1)
    assert killed_again_and_again(home, inbox, thin_first.home, MOMENTS) == 3
    run_to_the_end(home, inbox)
    assert_whole(home, thin_first.home)


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS + MORE_MOMENTS, ids=lambda m: f"{m[0]}-{m[1]}")
def test_killed_once_at_each_moment_and_run_again(
    thin: Made, tmp_path: Path, moment: tuple[str, int, float]
) -> None:
    home = Home(tmp_path / "home")
    assert killed_at(home, thin.inbox, *moment) == -signal.SIGKILL
    assert_nothing_half_visible(home, thin.home)
    run_to_the_end(home, thin.inbox)
    assert_whole(home, thin.home)


@pytest.mark.long
def test_the_command_killed_at_random_moments(thin: Made, tmp_path: Path) -> None:
    home, draw = Home(tmp_path / "home"), random.Random(11)
    started = time.monotonic()
    run_to_the_end(Home(tmp_path / "measured"), thin.inbox)
    whole = time.monotonic() - started
    kills = sum(
        killed_after(home, thin.inbox, draw.uniform(0.3, 0.9) * whole) == -signal.SIGKILL for _ in range(15)
    )
    assert kills >= 2  # every restart goes on where the last stopped, so that later ones end in time
    run_to_the_end(home, thin.inbox)
    assert_whole(home, thin.home)
