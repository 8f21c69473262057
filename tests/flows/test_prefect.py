"""The main job under Prefect: the same lists, a summary as an artifact, retries, a schedule that fires.

Each Prefect process is one of its own, since its settings are read once, when it is first imported.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from flows.context.home import Home
from tests.helpers.homes import KEY, Made, assert_same_lists, clean_env, thin_inbox

# One date through the real runner, then a step that fails at first, in one process and on one server.
RUN = """
import sys
from datetime import date
from pathlib import Path
from flows.cli.run import run_date_of
from flows.context.home import Home
from flows.context.site import open_site
from flows.main_job import Step
home, inbox, day = Home(Path(sys.argv[1])), Path(sys.argv[2]), date.fromisoformat(sys.argv[3])
run_date = run_date_of(home, False)
with open_site(home) as site:
    print("fresh", run_date(site, inbox, day).made_lists)
from flows.orchestration.flows import run_as_flow
tries = []
def shaky():
    tries.append(1)
    if len(tries) < 2:
        raise OSError("the share is not there yet")
    return "there"
print(run_as_flow("shaky", lambda runner: runner(Step("shaky", shaky, retries=1))), len(tries))
"""

# The command, but that a schedule may name the second: on a whole minute the test would wait for it.
SERVE = """
from flows.cli.app import main
from flows.orchestration import server
server.check_cron = lambda cron: None
main()
"""
SOON = 20  # seconds until the server is there; where it takes longer, the job runs a minute later


Ran = tuple[Home, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def ran(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    place = tmp_path_factory.mktemp("prefect")
    inbox = thin_inbox(thin.inbox, place / "inbox", dates=1)
    command = [sys.executable, "-c", RUN, str(place / "home"), str(inbox), str(thin.dates[0])]
    env = clean_env({"ZHAOREN_VAULT_KEY": KEY, "HOME": str(place / "user")})
    (place / "user").mkdir()
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240)
    return Home(place / "home"), done


def asked(home: Home, sql: str) -> list[tuple]:
    """A query on Prefect's own database, which lies in the home."""
    with closing(sqlite3.connect(home.root / "prefect" / "prefect.db")) as con:
        return con.execute(sql).fetchall()


def test_prefect_makes_the_same_lists(ran: Ran, thin: Made) -> None:
    home, done = ran
    assert done.returncode == 0, done.stderr
    assert "fresh True" in done.stdout
    assert_same_lists(thin.home, home, thin.dates[0])


def test_the_users_screen_and_profile_stay_clean(ran: Ran) -> None:
    home, done = ran
    assert "Traceback" not in done.stderr and "cancelled" not in done.stderr.lower(), done.stderr
    assert not (home.root.parent / "user" / ".prefect").exists()


def test_the_summary_is_kept_as_an_artifact(ran: Ran, thin: Made) -> None:
    (artifact,) = asked(ran[0], "SELECT key, data FROM artifact")
    assert artifact[0] == f"summary-{thin.dates[0]}"
    assert "rows read = " in artifact[1] and "| station | listed |" in artifact[1]


def test_steps_are_tasks_and_are_tried_again_where_set(ran: Ran) -> None:
    home, done = ran
    assert "there 2" in done.stdout
    tasks = dict(asked(home, "SELECT name, empirical_policy FROM task_run"))
    retries = {name.rsplit("-", 1)[0]: json.loads(policy)["retries"] for name, policy in tasks.items()}
    assert retries == {
        "ingest": 2,
        "resolve": 1,
        "score": 1,
        "cases": 1,
        "households": 1,
        "deliver": 1,
        "publish": 1,
        "shaky": 1,
    }
    assert {row[0] for row in asked(home, "SELECT state_type FROM flow_run")} == {"COMPLETED"}


def test_a_schedule_fires(thin: Made, tmp_path: Path) -> None:
    """`zhaoren serve` really runs the job when its minute comes, keeps its lines, and stops on Ctrl-C."""
    inbox = thin_inbox(thin.inbox, tmp_path / "inbox", ("population",), dates=1)
    home = Home(tmp_path / "home")
    cron = f"* * * * * {int(time.time() + SOON) % 60}"
    command = [sys.executable, "-c", SERVE, "serve", "--home", str(home.root), "--inbox", str(inbox)]
    command += ["--cron", cron]
    env = clean_env({"ZHAOREN_VAULT_KEY": KEY, "HOME": str(tmp_path)})
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path
    ) as served:
        until = time.monotonic() + 150
        while not home.published.exists() and time.monotonic() < until and served.poll() is None:
            time.sleep(0.5)
        served.send_signal(signal.SIGINT)
        told, _ = served.communicate(timeout=60)
    assert home.published.exists(), told
    assert list(home.dated("worklists", thin.dates[0]).glob("*.xlsx"))
    assert "Serving main-job" in told and "Traceback" not in told
    kept = [row[0] for row in asked(home, "SELECT message FROM log ORDER BY timestamp")]
    assert "score begins" in kept and f"{thin.dates[0]}: done" in kept, kept  # tried §4: no line in Prefect
