"""What DuckDB's memory cannot hold goes into the home's scratch, and of the vault nothing readable."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.helpers.homes import KEY
from warehouse.database.connection import Connection, connect
from warehouse.identity.vault import Vault

MARK = "张三丰"


def spilled(con: Connection, table: str, folder: Path) -> bytes:
    """What lies in the folder while a result is fetched that the memory given cannot hold."""
    con.execute("SET memory_limit = '40MB'; SET threads = 1")
    con.execute(
        f"CREATE TABLE {table} AS SELECT '{MARK}' || hash(i) || repeat('x', 60) AS n FROM range(400000) r(i)"
    )
    open_result = con.execute(f"SELECT n FROM {table} ORDER BY n")
    assert open_result.fetchone()
    found = sorted(folder.glob("*"))
    assert found, "the memory given was enough"
    return b"".join(path.read_bytes() for path in found)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, while one works in another folder, where nothing may be left."""
    (tmp_path / "home" / "scratch").mkdir(parents=True)
    (tmp_path / "working folder").mkdir()
    monkeypatch.chdir(tmp_path / "working folder")
    return tmp_path / "home"


def assert_nothing_beside(home: Path) -> None:
    assert list(Path.cwd().iterdir()) == [] and list(home.glob("*.tmp")) == []


def test_the_warehouses_spill_lies_in_scratch(home: Path) -> None:
    con = connect(home / "warehouse.duckdb")
    assert spilled(con, "t", home / "scratch" / "spill-warehouse")
    assert_nothing_beside(home)
    con.close()


def test_the_vaults_spill_lies_there_and_cannot_be_read(home: Path) -> None:
    with Vault(home / "vault.duckdb", KEY, make=True) as vault:
        assert MARK.encode() not in spilled(vault.con, "v.t", home / "scratch" / "spill-vault")
        assert_nothing_beside(home)
    con = duckdb.connect(":memory:", config={"temp_directory": str(home / "open")})
    assert MARK.encode() in spilled(con, "t", home / "open")  # what would be seen otherwise
    con.close()
