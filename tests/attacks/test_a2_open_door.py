"""tried §8 A2: the Prefect API of `serve` listened without a secret and with CORS open; home and inbox were
parameters of the flow, and the vault's key stood in the environment of the server. On b97b271 another account
ran forged deliveries into the home, and had an inbox it may not read turned into receipts that it could."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.helpers.attacks import argv, command, environment
from tests.helpers.homes import KEY, Made, thin_inbox
from tests.helpers.other_account import answer, as_nobody, family, listening, readable, seen_of, status

pytestmark = [
    pytest.mark.long,  # servers take seconds to start
    pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another account"),
]
SECRET = "PREFECT_API_AUTH_STRING"
NEVER = "0 3 30 12 *"
EVERYTHING = {"limit": 5}
ASKED = ("flows", "flow_runs", "task_runs", "deployments", "logs", "artifacts")


@dataclass(frozen=True)
class Served:
    """`zhaoren serve` at work: its process, where its API answers, its home and where it was started."""

    process: subprocess.Popen[str]
    url: str
    home: Path
    folder: Path


@pytest.fixture(scope="module")
def place(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that others may enter, with an inbox of one file."""
    place = tmp_path_factory.mktemp("door")
    for folder in (place, *place.parents[:3]):
        folder.chmod(0o755)
    thin_inbox(thin.inbox, place / "inbox", ("population",), dates=1)
    return place


def serving(place: Path, home: str, cron: str) -> Iterator[Served]:
    (place / "user").mkdir(exist_ok=True)
    args = argv("serve", "--home", place / home, "--inbox", place / "inbox", "--cron", cron)
    env = environment({"HOME": str(place / "user")})
    # A file mask as accounts have it: the product must not rely on a careful one.
    process = subprocess.Popen(
        args,
        env=env,
        cwd=place / "user",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=0o022,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    try:
        url = said.split(" at ")[1].split(". Stop")[0]
        yield Served(process, url, place / home, place / "user")
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[Served]:
    yield from serving(place, "home", NEVER)


def with_secret(served: Served) -> dict[str, str]:
    """What our own account can send: the secret of this start, as the server's environment has it."""
    (server, *_) = psutil.Process(served.process.pid).children()
    word = base64.b64encode(server.environ()[SECRET].encode()).decode()
    return {"Authorization": f"Basic {word}"}


def test_another_account_gets_no_answer(served: Served) -> None:
    def ask() -> list[int]:
        forged: dict[str, object] = {"home": "/tmp/forged", "inbox": "/tmp/forged"}
        return [
            *(status(f"{served.url}/{kind}/filter", EVERYTHING) for kind in ASKED),
            status(f"{served.url}/deployments/name/main-job/main-job"),
            status(f"{served.url}/flow_runs/", {"flow_id": "0" * 32, "parameters": forged}),
            status(f"{served.url}/admin/settings"),
            status(f"{served.url}/flows/filter", EVERYTHING, Authorization="Basic emhhb3Jlbjo="),
        ]

    assert set(as_nobody(ask)) == {401}


def test_no_page_of_a_browser_gets_one(served: Served) -> None:
    request = urllib.request.Request(f"{served.url}/health", headers={"Origin": "https://evil.example"})
    with urllib.request.urlopen(request, timeout=20) as given:
        assert "access-control-allow-origin" not in {name.lower() for name in given.headers}
    assert status(served.url.removesuffix("/api")) == 404  # there is no page at all


def test_it_listens_on_the_loopback_alone(served: Served) -> None:
    assert {address for address, _ in listening(family(served.process.pid))} == {"127.0.0.1"}


def test_a_run_with_forged_paths_does_nothing(served: Served, place: Path) -> None:
    """Even who knows the secret cannot say what is read nor where it goes."""
    secret = with_secret(served)
    name = f"{served.url}/deployments/name/main-job/main-job"
    while status(name, **secret) == 404:  # the address is said before there is anything to run
        time.sleep(0.5)
    deployment = answer(name, **secret)
    assert deployment["parameters"] == {} and deployment["path"] in (None, "", ".")
    assert str(place) not in json.dumps(deployment)
    away = str(place / "forged")
    forged: dict[str, object] = {
        "parameters": {"home": away, "inbox": str(place / "inbox")},
        "state": {"type": "SCHEDULED"},
        "job_variables": {"env": {"ZHAOREN_HOME": away}},
    }
    made = f"{served.url}/deployments/{deployment['id']}/create_flow_run"
    if status(made, forged, **secret) == 201:  # it may be accepted, and must fail
        until = time.monotonic() + 120
        while time.monotonic() < until:
            runs = answer(f"{served.url}/flow_runs/filter", EVERYTHING, **secret)
            if any(run["state_type"] in ("FAILED", "CRASHED", "COMPLETED") for run in runs):
                break
            time.sleep(1)
        assert {run["state_type"] for run in runs} <= {"FAILED", "CRASHED", "SCHEDULED", "PENDING"}
    assert not (place / "forged").exists() and not (served.home / "warehouse.duckdb").exists()


def test_the_key_is_with_no_child_and_with_nobody_else(served: Served) -> None:
    processes = family(served.process.pid)
    assert len(processes) >= 2
    for process in processes:
        assert KEY not in seen_of(process.pid)  # as our own account, even
    secret = psutil.Process(processes[1].pid).environ()[SECRET]
    assert as_nobody(lambda: [secret in seen_of(process.pid) for process in processes]) == [False] * len(
        processes
    )


def test_another_account_reads_nothing_of_the_home(served: Served) -> None:
    assert as_nobody(lambda: readable(served.home)) == []
    assert as_nobody(lambda: readable(served.folder)) == []
    with_modes = [path for path in served.home.rglob("*") if path.stat().st_mode & 0o077]
    assert with_modes == []


def test_a_scheduled_run_has_the_key_from_nowhere_that_can_be_seen(place: Path) -> None:
    """It is looked at while it works; Ctrl-C ends it all, and so does a kill of the command alone."""
    for end in (signal.SIGINT, signal.SIGKILL):
        work = serving(place, f"home-{end.name}", "* * * * *")
        served, met = next(work), set()
        until = time.monotonic() + 180
        while not (served.home / "published").exists() and time.monotonic() < until:
            for process in family(served.process.pid):
                met.add(process.pid)
                assert KEY not in seen_of(process.pid)
            time.sleep(0.2)
        assert len(met) >= 3 and (served.home / "worklists").exists()
        assert as_nobody(partial(readable, served.home)) == []
        last = family(served.process.pid)
        served.process.send_signal(end)
        served.process.wait(60)
        assert psutil.wait_procs(last, 30)[1] == []
        work.close()  # type: ignore[attr-defined]
        if end is signal.SIGINT:
            assert (served.home / "prefect" / "prefect.db").stat().st_size


def test_the_server_of_a_run_is_as_closed(place: Path) -> None:
    home = place / "run"
    args = argv("run", "--home", home, "--inbox", place / "inbox")
    with subprocess.Popen(
        args, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, umask=0o022
    ) as process:
        ports: set[tuple[str, int]] = set()
        while process.poll() is None and not ports:
            processes = family(process.pid)
            ports = listening(processes)
            time.sleep(0.1)
        ((address, port),) = ports
        assert address == "127.0.0.1"
        url = f"http://127.0.0.1:{port}/api"
        found = as_nobody(lambda: [status(f"{url}/{kind}/filter", EVERYTHING) for kind in ASKED])
        assert set(found) == {401}
        assert all(KEY not in seen_of(one.pid) for one in processes)
        assert process.wait(240) == 0
    assert as_nobody(lambda: readable(home)) == []


def test_a_server_of_ones_own_needs_a_secret_and_a_closed_line(place: Path) -> None:
    run = ("run", "--home", place / "other", "--inbox", place / "inbox")
    done = command(*run, env={"PREFECT_API_URL": "http://127.0.0.1:4200/api"}, process=True)
    assert done.returncode == 1 and "The Prefect server has no secret." in done.stderr
    far = {"PREFECT_API_URL": "http://prefect.example/api", SECRET: "us:a long secret of ours"}
    done = command(*run, env=dict(far), process=True)
    assert done.returncode == 1 and "over an open line" in done.stderr
