"""Publishing for analysts: a pseudonymised DuckDB file, replaced whole so that no reader is ever disturbed.

A reader that holds the old file open keeps reading the old file; the next one to open sees the new.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from zhaoren.warehouse.connection import connect

# What analysts get. Ids are opaque; no table of the vault, no free text a worker wrote, no birth date.
TABLES: Mapping[str, str] = {
    "mart.alert": "SELECT * FROM w.mart.alert",
    "mart.signal": "SELECT * EXCLUDE (sentence_zh, questions_zh) FROM w.mart.signal",
    "mart.entitlement": "SELECT * FROM w.mart.entitlement",
    "mart.outcome": "SELECT * EXCLUDE (note_zh, worker, feedback_sha256) FROM w.mart.outcome",
    "mart.staleness": "SELECT * FROM w.mart.staleness",
    "mart.evaluation": "SELECT * FROM w.mart.evaluation",
    "panel.person": "SELECT * FROM w.panel.person WHERE as_of = (SELECT max(as_of) FROM w.panel.person)",
    "panel.household": "SELECT * FROM w.panel.household",
    "core.household_member": "SELECT * FROM w.core.household_member",
    "ops.delivery": "SELECT * EXCLUDE (file_name) FROM w.ops.delivery",
    "ops.check_result": "SELECT * FROM w.ops.check_result",
    "ops.quarantine": "SELECT * FROM w.ops.quarantine",
}


def publish(warehouse: Path, target: Path, comments: Mapping[tuple[str, str], str]) -> dict[str, int]:
    """Build the published file beside `target` and swap it in. Returns the rows of each table.

    `comments` maps (table, column) to the column's meaning; it is written as the column's comment.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    for left_over in (partial, partial.with_suffix(".partial.wal")):
        left_over.unlink(missing_ok=True)
    con = connect(partial)
    try:
        quoted = str(warehouse).replace("'", "''")
        con.execute(f"ATTACH '{quoted}' AS w (READ_ONLY)")
        rows = {table: _copy(con, table, query) for table, query in TABLES.items()}
        for (table, column), text in sorted(comments.items()):
            _comment(con, table, column, text)
        con.execute("DETACH w")
        con.execute("CHECKPOINT")
    finally:
        con.close()
    partial.replace(target)
    return rows


def _copy(con: duckdb.DuckDBPyConnection, table: str, query: str) -> int:
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {table.split('.')[0]}")
    con.execute(f"CREATE TABLE {table} AS {query} ORDER BY ALL")
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _comment(con: duckdb.DuckDBPyConnection, table: str, column: str, text: str) -> None:
    schema, name = table.split(".")
    has = con.execute(
        "SELECT 1 FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? AND column_name = ? "
        "AND database_name = current_database()",
        [schema, name, column],
    ).fetchone()
    if has:
        escaped = text.replace("'", "''")
        con.execute(f"COMMENT ON COLUMN {table}.\"{column}\" IS '{escaped}'")
