"""Write one date's rows of several tables, in one commit; of a thin table only what is new of them.

replace_partitions(con, as_of, {"mart.alert": frame, "mart.entitlement": Selected("SELECT …")}, step)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from data_contracts.registry.tables import shipped_tables
from warehouse.database.catalogue import columns_of
from warehouse.database.connection import Connection, transaction, visible
from warehouse.database.partitions import StepDone
from warehouse.thin_rows import write_thin


@dataclass(frozen=True)
class Selected:
    """A table's rows as a query gives them, where they are no frame: rows of files, or of a table made aside.

    query: a SELECT without parameters, over what the connection sees, such as
    `SELECT * FROM read_parquet(['shards/0.parquet', 'shards/1.parquet'])`. It is read more than once.
    """

    query: str


Rows = pl.DataFrame | Selected  # with the column as_of, or without it


def replace_partitions(con: Connection, as_of: date, tables: Mapping[str, Rows], step: StepDone) -> None:
    """Write one date's rows of several tables, and that the step is done, in one commit."""
    with transaction(con):
        for table, rows in tables.items():
            write_date(con, table, as_of, rows)
        step.record(con)


def write_date(con: Connection, table: str, as_of: date, rows: Rows) -> None:
    """Write one date's rows of one table in place of those it had; the caller holds the transaction."""
    query = rows.query if isinstance(rows, Selected) else "SELECT * FROM given_rows"
    declared = shipped_tables().get(table)
    with visible(con, {} if isinstance(rows, Selected) else {"given_rows": rows}):
        if declared is not None and declared.thin:
            write_thin(con, declared, as_of, query)
        else:
            _write_whole(con, table, as_of, query)


def _write_whole(con: Connection, table: str, as_of: date, query: str) -> None:
    # A date scored again, after a late file, leaves no row of its former answer.
    con.execute(f"DELETE FROM {table} WHERE as_of = ?", [as_of])
    day = "" if "as_of" in columns_of(con, query) else f", DATE '{as_of}' AS as_of"
    con.execute(f"INSERT INTO {table} BY NAME SELECT *{day} FROM ({query})")
