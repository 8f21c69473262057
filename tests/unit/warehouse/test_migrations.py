"""A home is brought from any former layout to today's, and a step that was cut off is done again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from data_contracts.contract.model import Contract
from tests.helpers.homes import KEY
from warehouse.database.connection import Connection, connect
from warehouse.database.schema import create
from warehouse.identity.vault import Vault
from warehouse.migrations.migrate import MIGRATIONS, Migration, migrate
from warehouse.wholeness.home_row import is_rewrite_due, rewritten


def _step(layout: int, done: list[int], *, fails: bool = False, old_text: bool = False) -> Migration:
    def work(con: Connection, vault: Vault, contracts: Mapping[str, Contract]) -> None:
        vault.con.execute("INSERT INTO v.identity (person_id) VALUES ('P1')")
        con.execute("INSERT INTO core._person (person_id) VALUES (?)", [f"P{layout}"])
        if fails:
            raise OSError("no room")
        done.append(layout)

    return Migration(layout, f"step {layout}", work, leaves_old_text=old_text)


def _home(folder: Path, *, is_old: bool) -> tuple[Connection, Vault]:
    con = connect(folder / "warehouse.duckdb")
    create(con, {}, ())
    if is_old:
        con.execute("INSERT INTO ops.delivery (delivery_id, known_date) VALUES ('d', ?)", [date(2026, 1, 5)])
    return con, Vault(folder / "vault.duckdb", KEY, make=True)


def test_the_steps_are_numbered_without_a_gap() -> None:
    assert [step.layout for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_a_new_home_is_todays_and_no_step_is_done(tmp_path: Path) -> None:
    con, vault = _home(tmp_path, is_old=False)
    done: list[int] = []
    assert migrate(con, vault, {}, [_step(1, done)]) == []
    assert con.execute("SELECT layout FROM ops.home").fetchall() == [(1,)]


def test_a_former_home_goes_through_every_step_once(tmp_path: Path) -> None:
    con, vault = _home(tmp_path, is_old=True)
    done: list[int] = []
    steps = [_step(1, done, old_text=True), _step(2, done)]
    assert migrate(con, vault, {}, steps[:1]) == ["step 1"]
    assert is_rewrite_due(con)
    assert migrate(con, vault, {}, steps) == ["step 2"]
    assert is_rewrite_due(con), "a later step must not forget it"
    rewritten(con)
    assert migrate(con, vault, {}, steps) == [] and not is_rewrite_due(con)
    assert done == [1, 2]


def test_a_step_that_fails_leaves_both_files_as_they_were(tmp_path: Path) -> None:
    con, vault = _home(tmp_path, is_old=True)
    done: list[int] = []
    with pytest.raises(OSError, match="no room"):
        migrate(con, vault, {}, [_step(1, done, fails=True)])
    assert con.execute("SELECT layout FROM ops.home").fetchall() == [(0,)]
    assert con.execute("SELECT count(*) FROM core._person").fetchall() == [(0,)]
    assert vault.con.execute("SELECT count(*) FROM v.identity").fetchall() == [(0,)]
