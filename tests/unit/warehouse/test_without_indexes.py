"""A former home's large tables lose their index and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.helpers.homes import KEY
from warehouse.database.connection import Connection, connect
from warehouse.database.schema import create
from warehouse.identity.vault import Vault
from warehouse.migrations.without_indexes import drop_indexes

DAY = date(2025, 9, 5)
KEYS = "SELECT table_name FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' ORDER BY 1"
COMMENTS = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = '_person' ORDER BY 1"


def _keyed(con: Connection, table: str, key: str) -> None:
    """As a former version made it."""
    con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {table}")
    con.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({key})")


def test_rows_and_comments_stay_and_the_index_goes_also_when_done_twice(tmp_path: Path) -> None:
    con = connect(tmp_path / "warehouse.duckdb")
    create(con, {}, ())
    comments = con.execute(COMMENTS).fetchall()
    others = con.execute(KEYS).fetchall()
    _keyed(con, "core._person", "person_id")
    con.execute("INSERT INTO core._person VALUES ('P2', ?, 'population'), ('P1', ?, 'custody')", [DAY, DAY])
    with Vault(tmp_path / "vault.duckdb", KEY, make=True) as vault:
        kept = vault.con.execute(KEYS).fetchall()
        _keyed(vault.con, "v.household_alias", "kind, household_no, household_id")
        vault.con.execute("INSERT INTO v.household_alias VALUES ('hukou', 'n', 'H1', ?, ?)", [DAY, DAY])
        for _ in range(2):
            drop_indexes(con, vault, {})
            assert con.execute(KEYS).fetchall() == others
            assert vault.con.execute(KEYS).fetchall() == kept
            assert vault.con.execute("FROM v.household_alias").fetchall() == [("hukou", "n", "H1", DAY, DAY)]
            assert con.execute("SELECT person_id FROM core._person").fetchall() == [("P2",), ("P1",)]
            assert con.execute("SELECT count(*) FROM core.person").fetchall() == [(2,)]
            assert con.execute(COMMENTS).fetchall() == comments
