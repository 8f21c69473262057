"""The common mark of vault and warehouse: which files belong together, which must not be opened."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.context.home import Home
from tests.helpers.homes import KEY
from warehouse.database.connection import Connection, connect, transaction
from warehouse.database.schema import create
from warehouse.identity.marks import marked_step, vault_marks, warehouse_marks, write_mark
from warehouse.identity.vault import Vault
from warehouse.migrations.migrate import migrate
from warehouse.wholeness.compare import has_marks, never_repeated
from warehouse.wholeness.opening import open_both, remember_key
from warehouse.wholeness.vault_key import GivenKey
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow

DAY = date(2026, 1, 5)


@contextmanager
def opened(home: Home, key: str = KEY) -> Iterator[tuple[Connection, Vault, list[str]]]:
    """Warehouse and vault as open_site opens them, without all that an installation has besides."""
    con = connect(home.warehouse)
    try:
        vault, value, notices = open_both(con, home, GivenKey(key, "ZHAOREN_VAULT_KEY"))
        with vault:
            if not has_marks(con):
                create(con, {}, ())
                migrate(con, vault, {}, steps=())
                remember_key(con, value)
            yield con, vault, notices
    finally:
        con.close()


def load(home: Home, name: str, *numbers: str) -> None:
    """One step that brings these persons."""
    with opened(home) as (con, vault, _):
        load_into(con, vault, name, *numbers)


def load_into(con: Connection, vault: Vault, name: str, *numbers: str) -> None:
    with marked_step(con, vault, f"accepted {name}"):
        ids = vault.mint_persons(pl.Series(numbers), "population", DAY)
        con.execute(
            "INSERT INTO ops.delivery (delivery_id, status, known_date) VALUES (?, 'rejected', ?)",
            [name, DAY],
        )
        for person in ids.filter("is_new")["person_id"]:
            con.execute("INSERT INTO core._person (person_id) VALUES (?)", [person])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two steps: deliveries a and b with two persons each."""
    home = Home(tmp_path_factory.mktemp("made") / "home").prepare()
    with opened(home) as (con, vault, _):
        load_into(con, vault, "a", "1", "2")
        load_into(con, vault, "b", "3", "4")
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    """A copy of it to spoil."""
    return copy_of(made, tmp_path / "home")


def copy_of(home: Home, target: Path) -> Home:
    shutil.copytree(home.root, target)
    return Home(target)


def refusal(home: Home, key: str = KEY) -> ZhaorenError:
    """Why the home is refused; vault and warehouse must be as before."""
    before = (home.vault.read_bytes(), home.warehouse.read_bytes())
    with pytest.raises(ZhaorenError) as raised, opened(home, key):
        pass
    assert (home.vault.read_bytes(), home.warehouse.read_bytes()) == before
    return raised.value


def test_both_logs_say_the_same(home: Home) -> None:
    with opened(home) as (con, vault, notices):
        assert notices == []
        assert vault_marks(vault) == warehouse_marks(con)
        steps = [(mark.no, mark.step, mark.last[0]) for mark in vault_marks(vault)]
        assert steps == [(1, "home taken on", 0), (2, "accepted a", 2), (3, "accepted b", 4)]


def test_a_step_cut_off_between_its_commits_keeps_its_mark(home: Home) -> None:
    with opened(home) as (con, vault, _):
        with pytest.raises(KeyboardInterrupt), transaction(con):
            with transaction(vault.con):
                vault.mint_persons(pl.Series(["5"]), "population", DAY)
                write_mark(con, vault, "accepted c")
            raise KeyboardInterrupt
        assert len(vault_marks(vault)) == 4 and len(warehouse_marks(con)) == 3
    with opened(home) as (con, vault, notices):
        assert "lacks the later step 4 (accepted c)" in notices[0]
        load_into(con, vault, "c", "5")
        assert vault_marks(vault) == warehouse_marks(con) and len(vault_marks(vault)) == 4


def test_no_number_is_given_twice_though_rows_are_gone(home: Home) -> None:
    with opened(home) as (con, vault, _):
        with marked_step(con, vault, "erased"):
            vault.con.execute("DELETE FROM v.person_alias WHERE person_id = 'P000000004'")
        assert vault.mint_persons(pl.Series(["9"]), "population", DAY)["person_id"].to_list() == [
            "P000000005"
        ]


def test_an_older_vault_is_refused(home: Home, tmp_path: Path) -> None:
    former = copy_of(home, tmp_path / "former")
    load(home, "c", "5")
    shutil.copy(former.vault, home.vault)
    error = refusal(home)
    assert error.code == "vault_older" and "holds step 4 (accepted c)" in error.todo
    assert "only through step 3 (accepted b)" in error.why and "older backup" in error.why


@pytest.mark.parametrize("share", [0, 0.5])
def test_a_log_that_was_cut_is_refused_and_kept(home: Home, share: float) -> None:
    """DuckDB reads as much of a log as it can, and removes it: what could be saved would be lost."""
    with opened(home) as (con, vault, _):
        vault.con.execute("PRAGMA disable_checkpoint_on_shutdown")  # as a kill leaves it
        load_into(con, vault, "c", *(str(number) for number in range(100, 400)))
    log = home.vault.with_name("vault.duckdb.wal")
    os.truncate(log, int(log.stat().st_size * share))
    kept = log.read_bytes()
    error = refusal(home)
    assert error.code == "vault_older" and "cut off or damaged" in error.why
    assert log.read_bytes() == kept


def test_a_log_of_another_moment_is_refused(home: Home) -> None:
    log = home.vault.with_name("vault.duckdb.wal")
    with opened(home) as (con, vault, _):
        vault.con.execute("PRAGMA disable_checkpoint_on_shutdown")
        load_into(con, vault, "c", "5")
    stale = log.read_bytes()
    load(home, "d", "6")
    log.write_bytes(stale)
    error = refusal(home)
    assert error.code == "vault_log" and error.where == "vault.duckdb and vault.duckdb.wal"


def test_a_copy_that_went_on_by_itself_is_refused(home: Home, tmp_path: Path) -> None:
    other = copy_of(home, tmp_path / "other")
    load(home, "c", "5")
    with opened(other) as (con, vault, _):
        load_into(con, vault, "d", "6")
        load_into(con, vault, "e", "7")
    for longer, shorter in ((other, home), (home, other)):
        mixed = copy_of(longer, tmp_path / f"mixed-{longer.root.name}")
        shutil.copy(shorter.vault, mixed.vault)
        error = refusal(mixed)
        assert error.code == "vault_forked" and "Both went through step 3 (accepted b)" in error.why


def test_copies_that_did_the_same_have_not_parted(home: Home, tmp_path: Path) -> None:
    other = copy_of(home, tmp_path / "other")
    load(home, "c", "5")
    load(other, "c", "5")
    shutil.copy(other.vault, home.vault)
    with opened(home) as (_, _, notices):
        assert notices == []


def test_an_older_warehouse_goes_on_and_says_what_it_lacks(home: Home, tmp_path: Path) -> None:
    former = copy_of(home, tmp_path / "former")
    with opened(home) as (con, vault, _):
        load_into(con, vault, "c", "5")
        load_into(con, vault, "d", "6")
    shutil.copy(former.warehouse, home.warehouse)
    with opened(home) as (con, vault, notices):
        assert "lacks 2 later steps, from step 4 (accepted c) to step 5 (accepted d)" in notices[0]
        load_into(con, vault, "e", "7")
        assert con.execute("SELECT max(person_id) FROM core._person").fetchall() == [("P000000007",)]
        assert [mark.step for mark in never_repeated(con, vault)] == ["accepted c", "accepted d"]
        load_into(con, vault, "c", "5")
        assert [mark.step for mark in never_repeated(con, vault)] == ["accepted d"]
    with opened(home) as (_, _, notices):
        assert notices == []


def test_another_homes_vault_and_another_keys_are_told(home: Home, tmp_path: Path) -> None:
    other, mixed = copy_of(home, tmp_path / "other"), copy_of(home, tmp_path / "mixed")
    with Vault(other.vault, KEY) as vault:
        vault.con.execute("UPDATE v.home SET home_id = 'another'")
    shutil.copy(other.vault, mixed.vault)
    assert refusal(mixed).code == "other_home"
    with Vault(tmp_path / "strange.duckdb", "another key of the tests", make=True):
        pass
    shutil.copy(tmp_path / "strange.duckdb", mixed.vault)
    assert refusal(mixed).code == "vault_other_key"
    assert refusal(home, "another key of the tests").code == "vault_key"


def _as_former_version(home: Home) -> None:
    """Take out what a version without marks did not have."""
    con = connect(home.warehouse)
    con.execute("DROP TABLE ops.vault_mark; DROP TABLE ops.home")
    con.close()
    with Vault(home.vault, KEY) as vault:
        vault.con.execute("DROP TABLE v.mark; DROP TABLE v.home; DROP TABLE v.id_counter")


def test_a_home_of_a_former_version_is_taken_on_once(home: Home) -> None:
    _as_former_version(home)
    load(home, "c", "4", "5")
    with opened(home) as (con, vault, notices):
        assert notices == []
        steps = [(mark.step, mark.last[0]) for mark in vault_marks(vault)]
        assert steps[0] == ("home taken on", 4) and steps[-1] == ("accepted c", 5)
        assert con.execute("SELECT count(DISTINCT person_id) FROM core._person").fetchall() == [(5,)]


def test_a_former_versions_vault_that_lacks_people_is_refused(home: Home, tmp_path: Path) -> None:
    former = copy_of(home, tmp_path / "former")
    load(home, "c", "5")
    shutil.copy(former.vault, home.vault)
    _as_former_version(home)
    error = refusal(home)
    assert error.code == "vault_not_covering" and "1 persons and 0 households" in error.why


def test_a_former_versions_vault_of_other_people_is_refused(home: Home) -> None:
    """Ids are numbers in order: another home's vault that is as large knows them all."""
    with opened(home) as (con, vault, _):
        con.execute("CREATE TABLE core._roll (person_id VARCHAR, delivery_id VARCHAR, row_no BIGINT)")
        con.execute("INSERT INTO core._roll VALUES ('P000000001', 'a', 1), ('P000000002', 'a', 2)")
        for person in ("P000000003", "P000000004"):
            vault.con.execute("INSERT INTO v.identity (person_id, delivery_id) VALUES (?, 'a')", [person])
    _as_former_version(home)
    error = refusal(home)
    assert error.code == "vault_not_covering" and "100 %" in error.why
