"""What `zhaoren doctor` reads in a home's databases; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from warehouse.database.catalogue import database_of, has_table
from warehouse.database.connection import OFFLINE, Connection, connect
from zhaoren.sql_text import quoted_name


@contextmanager
def looked_into(path: Path) -> Iterator[Connection]:
    """The warehouse, only read. Raises ZhaorenError when it is in use or damaged."""
    con = connect(path, read_only=True)
    try:
        yield con
    finally:
        con.close()


def unaccounted(con: Connection) -> list[str]:
    """Deliveries whose rows do not add up: rows_read <> loaded + quarantined + duplicate."""
    if not has_table(con, "ops.delivery"):
        return []
    query = (
        "SELECT delivery_id FROM ops.delivery "
        "WHERE rows_read IS DISTINCT FROM rows_loaded + rows_quarantined + rows_duplicate ORDER BY 1"
    )
    return [row[0] for row in con.execute(query).fetchall()]


def originals(con: Connection) -> list[tuple[str, str]]:
    """Hash and delivery of every original that must be in the archive, the newest first.

    A refused file may never have been kept: a link, a pipe and a folder are not opened. One that an erasure
    could not cut is gone for good.
    """
    if not has_table(con, "ops.delivery"):
        return []
    removed = "SELECT delivery_id FROM ops.erased_row WHERE method = 'removed'"
    but = f"AND delivery_id NOT IN ({removed}) " if has_table(con, "ops.erased_row") else ""
    query = (
        f"SELECT sha256, any_value(delivery_id) FROM ops.delivery WHERE status <> 'rejected' {but}"
        "GROUP BY sha256 ORDER BY max(known_date) DESC, 1"
    )
    return [(str(sha), str(delivery)) for sha, delivery in con.execute(query).fetchall()]


def unfinished_runs(con: Connection) -> list[date]:
    """Dates whose lists were begun, and never finished since."""
    if not has_table(con, "ops.run"):
        return []
    newest = "arg_max(status, started_at)"
    query = f"SELECT as_of FROM ops.run GROUP BY as_of HAVING {newest} = 'running' ORDER BY as_of"
    return [row[0] for row in con.execute(query).fetchall()]


def is_erasing(con: Connection) -> bool:
    """Whether a person's erasure was begun and is not finished."""
    if not has_table(con, "ops.erasure"):
        return False
    return bool(
        con.execute("SELECT count(*) > 0 FROM ops.erasure WHERE finished_at IS NULL").fetchall()[0][0]
    )


def newest_lists(con: Connection) -> date | None:
    """The newest date whose run was finished with lists."""
    if not has_table(con, "ops.run"):
        return None
    return con.execute("SELECT max(as_of) FROM ops.run WHERE status = 'finished'").fetchall()[0][0]


def read_through(con: Connection, database: str) -> int:
    """Read every block of every table; how many tables. Raises DuckDB's error for damaged bytes."""
    tables = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL", [database]
    ).fetchall()
    for names in tables:
        table = ".".join(map(quoted_name, (database, *names)))
        con.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {table}").fetchall()
    return len(tables)


def published_date(path: Path) -> date | None:
    """The newest date that the published file speaks of. Raises duckdb.Error when it cannot be read."""
    with duckdb.connect(str(path), read_only=True, config=OFFLINE) as con:
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_columns() WHERE column_name = 'as_of' "
            "AND data_type = 'DATE' ORDER BY ALL"
        ).fetchall()
        newest = [
            con.execute(f"SELECT max(as_of) FROM {quoted_name(schema)}.{quoted_name(table)}").fetchall()[0][0]
            for schema, table in tables
        ]
    return max((day for day in newest if day), default=None)


def is_readable(path: Path) -> bool:
    """Whether the published file can be opened and read through."""
    try:
        with duckdb.connect(str(path), read_only=True, config=OFFLINE) as con:
            read_through(con, database_of(con))
    except duckdb.Error:
        return False
    return True
