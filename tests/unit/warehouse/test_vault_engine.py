"""The engine that opened a vault waits for the next opening, with nothing of the vault in it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.database.connection import Connection
from warehouse.identity.vault import Vault

KEY = "a key of these tests"


def test_the_next_opening_takes_the_engine_that_the_last_one_left(tmp_path: Path) -> None:
    spare: list[Connection] = []
    with Vault(tmp_path / "vault.duckdb", KEY, make=True, spare=spare) as vault:
        first = vault.con
        vault.belongs_to("h1")
        assert spare == []
    assert spare == [first]
    names = [name for (name,) in first.execute("SELECT database_name FROM duckdb_databases()").fetchall()]
    assert "v" not in names
    with Vault(tmp_path / "vault.duckdb", KEY, spare=spare) as vault:
        assert vault.con is first and vault.home_id() == "h1" and spare == []


def test_what_was_written_is_in_the_file_when_the_vault_is_closed(tmp_path: Path) -> None:
    with Vault(tmp_path / "vault.duckdb", KEY, make=True, spare=[]) as vault:
        vault.belongs_to("h1")
    assert [path.name for path in tmp_path.iterdir()] == ["vault.duckdb"]  # no log is left beside it
    with Vault(tmp_path / "vault.duckdb", KEY) as again:
        assert again.home_id() == "h1"


def test_two_openings_at_once_have_an_engine_each(tmp_path: Path) -> None:
    spare: list[Connection] = []
    with Vault(tmp_path / "one.duckdb", KEY, make=True, spare=spare) as one:
        with Vault(tmp_path / "two.duckdb", KEY, make=True, spare=spare) as two:
            assert one.con is not two.con
        assert spare == [two.con]


@pytest.mark.parametrize("what", ["an error", "a table left in memory"])
def test_an_engine_that_may_hold_something_is_closed(what: str, tmp_path: Path) -> None:
    spare: list[Connection] = []
    with (
        pytest.raises(ValueError, match="in the middle"),
        Vault(tmp_path / "vault.duckdb", KEY, make=True, spare=spare) as vault,
    ):
        if what == "an error":
            raise ValueError("in the middle")
        vault.con.execute("CREATE TABLE memory.left AS SELECT value FROM v.identity")
        vault.__exit__(None, None, None)
        raise ValueError("in the middle")
    assert spare == []
    with pytest.raises(duckdb.ConnectionException):
        vault.con.execute("SELECT 1")


def test_an_opening_that_fails_lets_the_file_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the next opening in this process is told that the file is attached already, whatever is wrong."""
    path = tmp_path / "vault.duckdb"
    Vault(path, KEY, make=True).con.close()

    def damaged(*_: object) -> None:
        raise duckdb.IOException("a block cannot be read")

    with monkeypatch.context() as patch:
        patch.setattr("warehouse.identity.vault.make_secrets", damaged)
        with pytest.raises(duckdb.IOException) as kept:
            Vault(path, KEY)
    with Vault(path, KEY) as vault:
        assert vault.counters() and kept
