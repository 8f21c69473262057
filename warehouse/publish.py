"""Publishing for analysts: a pseudonymised DuckDB file, replaced whole so that no reader is ever disturbed.

A reader that holds the old file open keeps reading the old file; the next one to open sees the new.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from zhaoren.sql_text import quoted_name, quoted_text

# What analysts get. Ids are opaque; no table of the vault, no free text a worker wrote, no birth date.
TABLES: Mapping[str, str] = {
    "mart.alert": "SELECT * FROM mart.alert",
    "mart.signal": "SELECT * EXCLUDE (sentence_zh, questions_zh) FROM mart.signal",
    "mart.entitlement": "SELECT * FROM mart.entitlement",
    "mart.policy_gap": "SELECT * FROM mart.policy_gap",
    "mart.outcome": "SELECT * EXCLUDE (note_zh, worker, feedback_sha256) FROM mart.outcome",
    "mart.staleness": "SELECT * FROM mart.staleness",
    "mart.evaluation": "SELECT * FROM mart.evaluation",
    # A village may hold few people, and custody comes from a restricted source: not published by person.
    "panel.person": (
        "SELECT * EXCLUDE (village_code, in_custody, custody_days, custody_total_days) FROM panel.person "
        "WHERE as_of = (SELECT max(as_of) FROM panel.person)"
    ),
    "panel.household": "SELECT * FROM panel.household",
    "core.household_member": "SELECT * FROM core.household_member",
    # Which ids turned out to be one person: earlier dates' rows still bear the former ones.
    "core.person_alias": "SELECT * FROM core.person_alias",
    "ops.identity_event": "SELECT * EXCLUDE (probability) FROM ops.identity_event",
    "panel.golden": (
        "SELECT * EXCLUDE (birth_date, village_code) FROM panel.golden "
        "WHERE as_of = (SELECT max(as_of) FROM panel.golden)"
    ),
    "panel.attribute_conflict": (
        "SELECT * FROM panel.attribute_conflict "
        "WHERE attribute NOT IN ('birth_date', 'village_code') AND source <> 'custody'"
    ),
    "ops.delivery": "SELECT * EXCLUDE (file_name, headers, error_code) FROM ops.delivery",
    "ops.check_result": "SELECT * FROM ops.check_result",
    "ops.quarantine": "SELECT * FROM ops.quarantine",
}


def publish(
    con: duckdb.DuckDBPyConnection, target: Path, comments: Mapping[tuple[str, str], str]
) -> dict[str, int]:
    """Build the published file beside `target` and swap it in. Returns the rows of each table.

    `con` is the open warehouse; `comments` maps (table, column) to its meaning, kept as the column's comment.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    for left_over in (partial, Path(f"{partial}.wal")):
        left_over.unlink(missing_ok=True)
    con.execute(f"ATTACH {quoted_text(partial)} AS p")
    try:
        rows = {table: _copy(con, table, query) for table, query in TABLES.items()}
        columns = _columns(con)
        for (table, column), text in sorted(comments.items()):
            if (table, column) in columns:
                _comment(con, table, column, text)
        con.execute("CHECKPOINT p")
    finally:
        con.execute("DETACH p")
    partial.replace(target)
    return rows


def _copy(con: duckdb.DuckDBPyConnection, table: str, query: str) -> int:
    con.execute(f"CREATE SCHEMA IF NOT EXISTS p.{table.split('.')[0]}")
    con.execute(f"CREATE TABLE p.{table} AS {query}")
    row = con.execute(f"SELECT count(*) FROM p.{table}").fetchone()
    return int(row[0]) if row else 0


def _columns(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """(table, column) of everything in the published file."""
    found = con.execute(
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() WHERE database_name = 'p'"
    )
    return set(found.fetchall())


def _comment(con: duckdb.DuckDBPyConnection, table: str, column: str, text: str) -> None:
    con.execute(f"COMMENT ON COLUMN p.{table}.{quoted_name(column)} IS {quoted_text(text)}")
