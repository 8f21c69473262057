"""What is published, as snapshots of a lake whose catalogue is a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.context.home import Home
from tests.helpers.homes import COMMAND, Made, clean_env, copy_home
from tests.helpers.postgres import Postgres, postgres

pytestmark = pytest.mark.long

# A reader on another machine: counts households and what is said to have been published, again and again.
READ = """
import sys, time, duckdb, duckdb_extensions
con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
for name in ("ducklake", "postgres_scanner"):
    duckdb_extensions.import_extension(name, con=con)
    con.execute(f"LOAD {name}")
con.execute(f"ATTACH 'ducklake:{sys.argv[1]}' AS lake (METADATA_SCHEMA 'zhaoren', READ_ONLY)")
until, seen = time.monotonic() + float(sys.argv[2]), set()
while True:
    con.execute("BEGIN")
    names = ("panel.household", "mart.alert")
    row = [con.execute(f"SELECT count(*) FROM lake.{name}").fetchone()[0] for name in names]
    con.execute("COMMIT")
    seen.add(tuple(row))
    if time.monotonic() > until:
        break
print(sorted(seen))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with postgres(tmp_path_factory.mktemp("lake") / "server") as server:
        yield server


@pytest.fixture
def home(demo: Made, server: Postgres, tmp_path: Path) -> Home:
    home = copy_home(demo.home, tmp_path / "home")
    settings = f'publish:\n  lake: "{server.catalogue}"\n  data: {tmp_path / "rows"}\n'
    (home.root / "settings.yaml").write_text(settings, encoding="utf-8")
    return home


def publish(home: Home) -> subprocess.CompletedProcess[str]:
    command, env = [*COMMAND, "publish", "--home", str(home.root)], clean_env()
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=200)


def reader(server: Postgres, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", READ, server.catalogue, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def counts(home: Home) -> tuple[int, ...]:
    with duckdb.connect(str(home.published), read_only=True) as con:
        return tuple(con.execute(f"SELECT count(*) FROM {t}").fetchall()[0][0]
                     for t in ("panel.household", "mart.alert"))  # fmt: skip


def test_readers_see_whole_publications_and_a_killed_server_leaves_the_former_one(
    home: Home, server: Postgres
) -> None:
    assert publish(home).returncode == 0
    readers = [reader(server, 6) for _ in range(4)]
    assert publish(home).returncode == 0
    for one in readers:
        said, wrong = one.communicate(timeout=120)
        assert said.strip() == str([counts(home)]), wrong
    server.kill()
    done = publish(home)
    assert done.returncode == 1 and "former snapshot is in force" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    (server.data / "postmaster.pid").unlink(missing_ok=True)
    time.sleep(1)
    server.start()
    again = reader(server, 0)
    assert again.communicate(timeout=60)[0].strip() == str([counts(home)])
    assert publish(home).returncode == 0
