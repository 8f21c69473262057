"""However a date is cut into shards and whoever works on them, the answers and lists are the same."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
import pytest

from flows.context.home import Home
from flows.context.site import open_site
from flows.process.memory import Memory
from flows.scoring.score import compute
from tests.helpers.homes import COMMAND, KEY, Made, assert_same_lists, clean_env, copy_home, thin_inbox
from tests.helpers.ports import free_port

SHARD = 60  # households: a handful of shards of a made-up province


def test_the_answers_do_not_depend_on_how_the_households_are_cut(demo: Made, tmp_path: Path) -> None:
    """Movers, parents in other households, corrected keys: all are in the demo's dirt."""
    with open_site(copy_home(demo.home, tmp_path / "home")) as site:
        day = demo.dates[-1]
        found = []
        for shard in (10**9, 457):
            site.memory = Memory(4 << 30, shard)
            found.append(compute(site, day))
    whole, cut = found
    assert whole["panel.person"].height > 2_000
    for table, rows in whole.items():
        assert in_order(rows).equals(in_order(cut[table])), table


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort([name for name, kind in rows.schema.items() if not kind.is_nested()], nulls_last=True)


@contextmanager
def object_storage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real S3 server with one bucket; the credentials are the account's, in the environment."""
    (folder / "bucket").mkdir(parents=True)
    address = f"127.0.0.1:{free_port()}"
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    found = str(shutil.which("rclone", path=here))
    command = [found, "serve", "s3", "--addr", address, "--auth-key", "zhaoren,not-a-secret", str(folder)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "zhaoren", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{address}", "AWS_ALLOW_HTTP": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(address.split(":")):  # type: ignore[arg-type]
                break
            time.sleep(0.1)
        yield "s3://bucket/zhaoren"
    finally:
        server.kill()
        server.wait()


@pytest.mark.long
def test_shards_in_object_storage_give_the_same_and_are_gone_afterwards(
    demo: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, storage = demo.dates[-1], tmp_path / "storage"
    with (
        object_storage(storage, monkeypatch) as root,
        open_site(copy_home(demo.home, tmp_path / "home")) as site,
    ):
        site.memory = Memory(4 << 30, 457)
        near, site.shards = compute(site, day), root
        far = compute(site, day)
    for table, rows in near.items():
        assert in_order(rows).equals(in_order(far[table])), table
    assert not list(storage.rglob("*.parquet"))


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and its workers, each a process of its own; their address and the workers."""
    address = f"127.0.0.1:{free_port()}"
    host, port = address.split(":")
    base = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", host, "--port", port]
    started = [subprocess.Popen([*base, "--no-dashboard"], env=clean_env(), stderr=subprocess.DEVNULL)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", f"tcp://{address}", "--nthreads", "1"]
    worker += ["--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
    try:
        for _ in range(workers):
            started.append(subprocess.Popen(worker, env=clean_env(), stderr=subprocess.DEVNULL))
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def run(home: Path, inbox: Path, *more: str) -> subprocess.Popen[str]:
    home.mkdir()
    (home / "settings.yaml").write_text(f"work:\n  shard: {SHARD}\n", encoding="utf-8")
    command = [*COMMAND, "run", "--inbox", str(inbox), "--home", str(home), "--all", *more]
    env = clean_env({"ZHAOREN_VAULT_KEY": KEY})
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def inbox(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return thin_inbox(thin.inbox, tmp_path_factory.mktemp("runners") / "inbox", dates=2)


@pytest.fixture(scope="module")
def local(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = tmp_path_factory.mktemp("local") / "home"
    ran = run(home, inbox, "--plain", "--runner", "local")
    said = ran.communicate()[0]
    assert ran.returncode == 0, said
    assert re.search(r"parts", said), said
    return Home(home)


@pytest.mark.long
def test_several_processes_give_the_same_lists(local: Home, inbox: Path, tmp_path: Path) -> None:
    ran = run(tmp_path / "home", inbox, "--plain", "--runner", "processes:2")
    said = ran.communicate()[0]
    assert ran.returncode == 0, said
    assert_same_lists(local, Home(tmp_path / "home"))


@pytest.mark.long
def test_a_dask_cluster_gives_the_same_lists(local: Home, inbox: Path, tmp_path: Path) -> None:
    with cluster(tmp_path) as (address, _):
        ran = run(tmp_path / "home", inbox, "--runner", f"dask://{address}")
        said = ran.communicate(timeout=300)[0]
    assert ran.returncode == 0, said
    assert_same_lists(local, Home(tmp_path / "home"))


@pytest.mark.long
def test_a_worker_killed_in_the_middle_changes_nothing(local: Home, inbox: Path, tmp_path: Path) -> None:
    shards = tmp_path / "home" / "scratch"
    with cluster(tmp_path) as (address, workers):
        ran = run(tmp_path / "home", inbox, "--runner", f"dask://{address}")
        until = time.monotonic() + 200
        while not any(shards.glob("shards-*/out/panel.person/*.parquet")) and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(workers[0].pid, signal.SIGKILL)
        assert ran.poll() is None, "the run was over before the worker was killed"
        said = ran.communicate(timeout=300)[0]
    assert ran.returncode == 0, said
    assert_same_lists(local, Home(tmp_path / "home"))


@pytest.mark.long
def test_a_cluster_that_is_not_there_is_told_in_words(inbox: Path, tmp_path: Path) -> None:
    ran = run(tmp_path / "home", inbox, "--runner", "dask://127.0.0.1:9")
    said = ran.communicate(timeout=200)[0]
    assert ran.returncode == 1 and "does not answer" in said and "Traceback" not in said, said
