"""The analysts' file: whole or not at all, readable while it is replaced, nobody in it to be recognised."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from data_contracts.loading.contracts import load_contracts
from flows.actions.publishing import publish_home
from flows.context.site import open_site
from tests.helpers.homes import Made, clean_env, copy_home, reading, tables, zhaoren_command
from warehouse.database.schema import core_name

# Opens the file, says so, waits for a line, and counts again on the same connection.
READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
ask = "SELECT count(*) FROM mart.alert"
print(con.execute(ask).fetchone()[0], flush=True)
sys.stdin.readline()
print(con.execute(ask).fetchone()[0], con.execute("SELECT count(reason_zh) FROM mart.alert").fetchone()[0])
"""


@pytest.fixture(scope="module")
def analysts(demo: Made) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(demo.home.published), read_only=True)


def test_any_client_reads_the_marts(analysts: duckdb.DuckDBPyConnection, demo: Made) -> None:
    there = set(tables(analysts))
    assert {"mart.alert", "mart.entitlement", "mart.outcome", "mart.staleness", "ops.delivery"} <= there
    assert {"panel.person", "panel.household", "mart.signal", "ops.check_result"} <= there
    with reading(demo.home) as con:
        for table in ("mart.alert", "mart.entitlement", "mart.outcome", "mart.evaluation", "panel.household"):
            count = f"SELECT count(*) FROM {table}"
            assert analysts.execute(count).fetchall() == con.execute(count).fetchall()
            assert analysts.execute(count).fetchall()[0][0] > 0
    with pytest.raises(duckdb.Error):
        analysts.execute("DELETE FROM mart.alert")


def test_no_column_of_the_vault_and_no_free_text_of_a_worker(analysts: duckdb.DuckDBPyConnection) -> None:
    names = {
        name
        for (name,) in analysts.execute(
            "SELECT column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    }
    hidden = {c.name for k in load_contracts().values() for c in k.columns if core_name(c) != c.name}
    assert len(hidden) > 5
    assert names & hidden == set()
    assert names & {"birth_date", "note_zh", "worker", "sentence_zh"} == set()
    assert not any(t.startswith(("v.", "raw.")) or "vault" in t for t in tables(analysts))


def test_columns_say_what_they_mean(analysts: duckdb.DuckDBPyConnection) -> None:
    comments = {
        (table, column): comment
        for table, column, comment in analysts.execute(
            "SELECT schema_name || '.' || table_name, column_name, comment FROM duckdb_columns() "
            "WHERE NOT internal"
        ).fetchall()
    }
    place = {"as_of", "person_id", "household_id", "town_code", "village_code"}
    for (table, column), comment in comments.items():
        if table.startswith("panel.") and column not in place:
            assert comment, (table, column)
    for column in ("level", "status", "reason_zh", "queue"):
        assert comments["mart.alert", column]


def test_a_reader_keeps_reading_while_the_file_is_replaced(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    command = [sys.executable, "-c", READER, str(home.published)]
    with subprocess.Popen(
        command,
        env=clean_env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout
        before = int(reader.stdout.readline())
        inode = home.published.stat().st_ino
        with open_site(home) as site:
            site.con.execute("DELETE FROM mart.alert WHERE as_of = ?", [demo.dates[-1]])
            rows = publish_home(site)
        assert home.published.stat().st_ino != inode
        told, complained = reader.communicate("\n", timeout=60)
    assert told.split() == [str(before), str(before)], complained
    with duckdb.connect(str(home.published), read_only=True) as fresh:
        assert fresh.execute("SELECT count(*) FROM mart.alert").fetchall() == [(rows["mart.alert"],)]
    assert 0 < rows["mart.alert"] < before
    assert sorted(p.name for p in home.published.parent.iterdir()) == ["analytics.duckdb"]


def test_a_broken_publishing_leaves_the_old_file(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    before = home.published.read_bytes()
    with open_site(home) as site:
        site.con.execute("DROP TABLE ops.quarantine")
        with pytest.raises(duckdb.Error):
            publish_home(site)
        assert home.published.read_bytes() == before
    done = zhaoren_command(
        "publish", "--home", home.root
    )  # makes the table again, and clears the half-made file
    assert done.returncode == 0, done.stderr
    assert "mart.alert" in done.stdout
    assert sorted(p.name for p in home.published.parent.iterdir()) == ["analytics.duckdb"]


def test_the_same_warehouse_publishes_the_same_rows(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    with open_site(home) as site:
        assert publish_home(site) == publish_home(site)
