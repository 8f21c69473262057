"""Step 6: the large tables of persons and households are without an index.

DuckDB keeps an index for every primary key, in memory and in the file: five times the table, and most of the
time of filling it. Loading looks each person and household up before it adds any, and that is what keeps them
single.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_contracts.contract.model import Contract
from data_contracts.registry.tables import shipped_tables
from warehouse.database.catalogue import database_of
from warehouse.database.connection import Connection
from warehouse.database.tables import comment
from warehouse.identity.vault import Vault

VAULT = ("person_alias", "household_alias")
CORE = ("_person", "household", "_identity")


def drop_indexes(con: Connection, vault: Vault, contracts: Mapping[str, Contract]) -> None:
    """Make each such table anew with the same rows, in the same order."""
    for database, where, tables in ((vault.con, "v.main", VAULT), (con, f"{database_of(con)}.core", CORE)):
        for table in tables:
            if _has_key(database, where, table):
                database.execute(f"CREATE OR REPLACE TABLE {where}.{table} AS FROM {where}.{table}")
    comment(con, (shipped_tables()[f"core.{table}"] for table in CORE), database_of(con))


def _has_key(con: Connection, where: str, table: str) -> bool:
    query = (
        "SELECT 1 FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' AND table_name = $1 "
        "AND database_name || '.' || schema_name = $2"
    )
    return con.execute(query, [table, where]).fetchone() is not None
