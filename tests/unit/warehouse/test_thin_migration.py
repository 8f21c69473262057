"""A home that kept every date's answers whole shows the same answers once they are stored as spans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from data_contracts.registry.tables import now_name, past_name, shipped_tables
from tests.helpers.homes import KEY
from warehouse.database.connection import connect
from warehouse.database.partitions import partition
from warehouse.database.schema import create
from warehouse.database.tables import ddl
from warehouse.identity.vault import Vault
from warehouse.migrations.thin_tables import thin_tables

DATES = [date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5)]
ROWS = "(as_of, household_id, benefit_id, eligible)"
NAME = "mart.entitlement"


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse of a former version: the table itself has the rows of three dates."""
    con = connect(tmp_path / "warehouse.duckdb")
    con.execute("CREATE SCHEMA mart")
    con.execute(ddl(shipped_tables()[NAME]))
    for number, day in enumerate(DATES):
        con.execute(f"INSERT INTO {NAME} {ROWS} VALUES (?, 'H1', 'dibao', 'unknown')", [day])
        con.execute(f"INSERT INTO {NAME} {ROWS} VALUES (?, 'H2', 'dibao', ?)", [day, f"answer {number}"])
    create(con, {}, ())
    yield con
    con.close()


def test_answers_are_shown_as_before_and_stored_once(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    every = f"SELECT * FROM {NAME} ORDER BY ALL"
    before, columns = con.execute(every).fetchall(), con.execute(f"DESCRIBE {NAME}").fetchall()
    thin_tables(con, Vault(tmp_path / "vault.duckdb", KEY, make=True), {})
    assert con.execute(every).fetchall() == before and len(before) == 6
    assert con.execute(f"DESCRIBE {NAME}").fetchall() == columns
    assert partition(con, NAME, DATES[1], "eligible").rows() == [("answer 1",), ("unknown",)]
    stored = [con.execute(f"SELECT count(*) FROM {name(NAME)}").fetchall() for name in (now_name, past_name)]
    assert stored == [[(2,)], [(2,)]]
