"""What is published, as one snapshot of a lake: for analysts and engines on other machines.

A lake (DuckLake) has its catalogue in PostgreSQL, or in a file, and its rows as Parquet below one folder. It
gets the tables of the published file and nothing else, all in one commit: a reader sees the publication
before or after it, never half of one, and none waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.database.connection import OFFLINE, Connection, configured, load_extension
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name, quoted_text

# Tables of the catalogue are kept apart from whatever else the database holds.
SCHEMA = "zhaoren"
POSTGRES = "postgres:"
# A reader that began before the newest publication may finish; nobody reads for longer than a day.
KEPT = "1 day"


@dataclass(frozen=True)
class Lake:
    """catalogue: postgres:<how libpq connects, without a password>, or a file; data: the rows' folder."""

    catalogue: str
    data: str


def publish_to_lake(published: Path, lake: Lake) -> int:
    """Make the lake's newest snapshot the published file. Returns the snapshot's number.

    ZhaorenError, with the former snapshot in force, where the lake cannot be reached or written.
    """
    try:
        with _attached(published, lake) as con:
            _replace(con)
            _forget(con)
            return int(
                con.execute("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')").fetchall()[0][0]
            )
    except duckdb.Error as error:
        raise _unreachable(lake) from error


@contextmanager
def _attached(published: Path, lake: Lake) -> Iterator[Connection]:
    con = configured(duckdb.connect(":memory:", config=OFFLINE))
    try:
        for name in ("ducklake", *(["postgres_scanner"] if lake.catalogue.startswith(POSTGRES) else [])):
            load_extension(con, name)
        options = f"DATA_PATH {quoted_text(lake.data)}"
        if lake.catalogue.startswith(POSTGRES):
            options += f", METADATA_SCHEMA '{SCHEMA}'"
        con.execute(f"ATTACH {quoted_text('ducklake:' + lake.catalogue)} AS lake ({options})")
        con.execute(f"ATTACH {quoted_text(published)} AS new (READ_ONLY)")
        yield con
    finally:
        con.close()


def _tables(con: Connection, database: str) -> list[str]:
    query = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL"
    return [".".join(map(quoted_name, row)) for row in con.execute(query, [database]).fetchall()]


def _replace(con: Connection) -> None:
    """Every table anew, and none that is published no more, in one commit."""
    con.execute("BEGIN")
    tables = _tables(con, "new")
    for name in _tables(con, "lake"):
        con.execute(f"DROP TABLE lake.{name}")
    for schema in dict.fromkeys(name.partition(".")[0] for name in tables):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{schema}")
    for name in tables:
        con.execute(f"CREATE TABLE lake.{name} AS FROM new.{name}")
    con.execute("COMMIT")


def _forget(con: Connection) -> None:
    """Former publications and their files: who compares two of them learns more than either says."""
    con.execute(f"CALL ducklake_expire_snapshots('lake', older_than => now() - INTERVAL '{KEPT}')")
    con.execute(f"CALL ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL '{KEPT}')")


def _unreachable(lake: Lake) -> ZhaorenError:
    is_postgres = lake.catalogue.startswith(POSTGRES)
    where = "PostgreSQL that settings.yaml names" if is_postgres else lake.catalogue
    return ZhaorenError(
        "The lake was not written; its former snapshot is in force, and the published file is new.",
        "publish: lake:",
        f"The catalogue ({where}) or its folder of rows cannot be reached or written.",
        "See that both are there and may be written, then type zhaoren publish.",
        code="lake_unreachable",
    )
