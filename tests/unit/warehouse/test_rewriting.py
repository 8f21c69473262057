"""A database file written anew holds all it held and none of what was deleted, and is never half there."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.helpers.homes import KEY
from tests.helpers.warehouses import empty_warehouse
from warehouse.database import rewriting
from warehouse.database.connection import Connection, connect
from warehouse.database.rewriting import rewrite
from warehouse.identity.vault import Vault
from zhaoren.errors import ZhaorenError

MARK = "MARK-OF-A-DELETED-ROW"
NEW_KEY = "another key of the tests"


def _catalogue(con: Connection) -> list[list[tuple[object, ...]]]:
    name = con.execute("SELECT current_database()").fetchall()[0][0]
    return rewriting._content(con, name)


def _deleted_and_kept(con: Connection) -> None:
    con.execute(f"CREATE TABLE t AS SELECT i, '{MARK}' || i AS x FROM range(20000) r(i)")
    con.execute("COMMENT ON TABLE t IS 'what it holds'")
    con.execute("CREATE VIEW a AS SELECT i FROM t; CREATE MACRO m(d) AS TABLE SELECT * FROM a WHERE i < d")
    con.execute("CHECKPOINT")
    con.execute("DELETE FROM t WHERE i < 19990; UPDATE t SET x = 'kept'; CHECKPOINT")


def test_nothing_of_what_was_deleted_is_left(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    con = connect(path)
    con.execute("PRAGMA force_compression = 'uncompressed'")
    _deleted_and_kept(con)
    con.close()
    assert MARK.encode() in path.read_bytes(), "the test is in vain: DuckDB left no old bytes"
    rewrite(path)
    assert MARK.encode() not in path.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o077 == 0
    con = connect(path)
    assert con.execute("SELECT min(i), count(*) FROM m(1000000)").fetchall() == [(19990, 10)]
    con.close()


def test_a_whole_warehouse_keeps_every_table_view_macro_key_and_comment(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    con = empty_warehouse(path)
    con.execute("INSERT INTO core._person (person_id) SELECT 'P' || i FROM range(500, 0, -1) r(i)")
    before = _catalogue(con), con.execute("FROM core._person").fetchall()
    con.close()
    rewrite(path)
    con = connect(path)
    assert (_catalogue(con), con.execute("FROM core._person").fetchall()) == before
    with pytest.raises(duckdb.ConstraintException):
        con.execute("INSERT INTO ops.step SELECT '2026-01-01', 's', '', now(), '' FROM range(2)")
    con.close()


def test_the_vault_takes_another_key_and_its_log_goes_along(tmp_path: Path) -> None:
    path = tmp_path / "vault.duckdb"
    with Vault(path, KEY, make=True) as vault:
        vault.con.execute("INSERT INTO v.identity_reason VALUES ('a', 'b', 'c', NULL)")
        vault.con.execute("PRAGMA disable_checkpoint_on_shutdown")  # as a kill leaves it
    rewrite(path, KEY, NEW_KEY)
    with pytest.raises(ZhaorenError):
        Vault(path, KEY)
    with Vault(path, NEW_KEY) as vault:
        assert vault.con.execute("SELECT count(*) FROM v.identity_reason").fetchall() == [(1,)]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("moment", ["_attach", "_content", "sync"])
def test_cut_off_at_any_moment_the_old_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = tmp_path / "vault.duckdb"
    Vault(path, KEY, make=True).con.close()

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rewriting, moment, cut)
        with pytest.raises(KeyboardInterrupt):
            rewrite(path, KEY, NEW_KEY)
    Vault(path, KEY).con.close()
    rewrite(path, KEY, NEW_KEY)
    Vault(path, NEW_KEY).con.close()


def test_a_copy_that_is_not_the_equal_never_takes_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.duckdb"
    empty_warehouse(path).close()
    before = path.read_bytes()
    monkeypatch.setattr(rewriting, "_content", lambda con, database: [[(database,)]])
    with pytest.raises(ZhaorenError, match="could not be written anew"):
        rewrite(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_wrong_key_changes_nothing_and_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "vault.duckdb"
    Vault(path, KEY, make=True).con.close()
    with pytest.raises(ZhaorenError) as raised:
        rewrite(path, "a wrong key of the tests", NEW_KEY)
    assert "of the tests" not in str(raised.value)
    Vault(path, KEY).con.close()
