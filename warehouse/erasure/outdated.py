"""Rows, texts and originals from before a day, and the record of what was deleted for its age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from fnmatch import fnmatchcase

import polars as pl

from data_contracts.registry.tables import shipped_tables
from warehouse.database.connection import Connection, fetch, run, transaction
from warehouse.identity.vault import Vault
from warehouse.thin_rows import forget_before

Dated = Sequence[tuple[str, str]]  # table, and the column that dates its rows


def tables_of(con: Connection, place: str) -> list[tuple[str, str]]:
    """The tables that a place means: schema.table.column, or schema.*.column for all that have the column."""
    schema, table, column = place.split(".")
    rows = con.execute(
        "SELECT t.schema_name || '.' || t.table_name FROM duckdb_tables() t JOIN duckdb_columns() c "
        "USING (database_name, schema_name, table_name) WHERE t.database_name = current_database() "
        "AND c.data_type IN ('DATE', 'TIMESTAMP') AND t.schema_name = ? AND c.column_name = ? "
        "AND (? = '*' OR t.table_name = ?) ORDER BY 1",
        [schema, column, table, table],
    ).fetchall()
    thin = [name for name in _thin() if column == "as_of" and fnmatchcase(name, f"{schema}.{table}")]
    return [(name, column) for name in sorted({*thin, *(str(row[0]) for row in rows)})]


def _thin() -> list[str]:
    return [table.name for table in shipped_tables().values() if table.thin]


def count_older(con: Connection, tables: Dated, before: date) -> int:
    """How many rows of the tables are from before the day."""
    return sum(
        int(con.execute(f"SELECT count(*) FROM {table} WHERE {column} < ?", [before]).fetchall()[0][0])
        for table, column in tables
    )


def delete_older(con: Connection, tables: Dated, before: date) -> None:
    """Delete the rows from before the day, of all the tables or of none."""
    with transaction(con):
        for table, column in tables:
            if table in _thin():
                forget_before(con, table, before)
            else:
                con.execute(f"DELETE FROM {table} WHERE {column} < ?", [before])


def _deliveries_before(con: Connection, before: date) -> pl.DataFrame:
    return fetch(con, "SELECT delivery_id FROM ops.delivery WHERE known_date < ?", [before])


def texts_of(con: Connection, vault: Vault, before: date) -> int:
    """How many cells of refused rows are kept from deliveries before the day."""
    old = _deliveries_before(con, before)
    found = fetch(
        vault.con,
        "SELECT count(*) AS cnt FROM v.quarantine_value SEMI JOIN old USING (delivery_id)",
        old=old,
    )
    return int(found.item(0, "cnt"))


def delete_texts(con: Connection, vault: Vault, before: date) -> None:
    """Delete them; the caller holds the transaction."""
    run(
        vault.con,
        "DELETE FROM v.quarantine_value WHERE delivery_id IN (SELECT delivery_id FROM old)",
        old=_deliveries_before(con, before),
    )


def outdated_originals(con: Connection, before: date) -> list[str]:
    """Hashes of files that came before the day, and never again after it."""
    rows = con.execute(
        "SELECT sha256 FROM ops.delivery GROUP BY 1 HAVING max(known_date) < ? ORDER BY 1", [before]
    ).fetchall()
    return [str(row[0]) for row in rows]


def note_retained(con: Connection, kind: str, *, before: date, at: datetime, by: str, cnt: int) -> None:
    """Put on record that what was older than the day is gone."""
    con.execute(
        "INSERT INTO ops.retention (kind, before_date, deleted_at, deleted_by, deleted_cnt) "
        "VALUES (?, ?, ?, ?, ?)",
        [kind, before, at, by, cnt],
    )
