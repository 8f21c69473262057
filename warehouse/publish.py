"""Publishing for analysts: a pseudonymised DuckDB file, replaced whole so that no reader is ever disturbed.

A reader that holds the old file open keeps reading the old file; the next one to open sees the new. Ids are
opaque; which columns and rows go out, and why others do not, is declared with each table
(data_contracts/tables). Of the vault nothing does.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from data_contracts.registry.tables import Table
from warehouse.database.connection import transaction
from warehouse.database.tables import comment
from zhaoren.sql_text import quoted_name, quoted_text


def publish(con: duckdb.DuckDBPyConnection, target: Path, tables: Collection[Table]) -> dict[str, int]:
    """Build the published file beside `target` and swap it in. Returns the rows of each table.

    `con` is the open warehouse; `tables`: all of it (schema.all_tables); what they withhold stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    for left_over in (partial, Path(f"{partial}.wal")):
        left_over.unlink(missing_ok=True)
    con.execute(f"ATTACH {quoted_text(partial)} AS p")
    try:
        rows = {table.name: _copy(con, table) for table in tables if table.published}
        with transaction(con):
            comment(con, tables, "p")
        con.execute("CHECKPOINT p")  # what lay in the write-ahead log would not be renamed with the file
    finally:
        con.execute("DETACH p")
    partial.replace(target)
    return rows


def write_parquet(published: Path, folder: Path) -> list[str]:
    """Every table of the published file as a Parquet file, for tools that do not read DuckDB's."""
    with duckdb.connect(str(published), read_only=True) as con:
        named = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1"
        names = [str(name) for (name,) in con.execute(named).fetchall()]
        for name in names:
            con.execute(f"COPY {name} TO {quoted_text(folder / f'{name}.parquet')} (FORMAT parquet)")
    return [f"{name}.parquet" for name in names]


def _copy(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    columns = ", ".join(map(quoted_name, table.published))
    where = f" WHERE {table.rows}" if table.rows else ""
    con.execute(f"CREATE SCHEMA IF NOT EXISTS p.{table.name.split('.')[0]}")
    con.execute(f"CREATE TABLE p.{table.name} AS SELECT {columns} FROM {table.name}{where}")
    row = con.execute(f"SELECT count(*) FROM p.{table.name}").fetchone()
    return int(row[0]) if row else 0
