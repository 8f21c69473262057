"""Tables with a row set per date: read one date's, note what was done (written by dated_rows.py)."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import polars as pl

from data_contracts.registry.tables import shipped_tables
from transforms.sharding import Sharding
from warehouse.database.connection import fetch
from zhaoren.errors import ZhaorenError


def partition(con: duckdb.DuckDBPyConnection, table: str, as_of: date, *columns: str) -> pl.DataFrame:
    """The rows of one date of a dated table, in a fixed order; only `columns` where some are named."""
    order = "ALL" if columns else _order(table)
    listed = ", ".join(columns) or "*"
    return fetch(con, f"SELECT {listed} FROM {at(table)} ORDER BY {order}", [as_of])


def at(table: str, day: str = "$1") -> str:
    """The rows of one date of a dated table, for FROM. day: an expression, a parameter unless told otherwise.

    Of a thin table by its macro, which reads no other date's rows.
    """
    declared = shipped_tables().get(table)
    is_thin = declared is not None and declared.thin
    return f"{table}_at({day})" if is_thin else f"(SELECT * FROM {table} WHERE as_of = {day})"


def _order(table: str) -> str:
    """By what makes a row unique: sorting a wide table by all its columns takes most of the reading time."""
    declared = shipped_tables().get(table)
    return ", ".join(declared.key) if declared and declared.key else "ALL"


def rows_of_listed(con: duckdb.DuckDBPyConnection, table: str, as_of: date) -> pl.DataFrame:
    """The date's rows of a panel table of the households that were on a list: those a visit can report on."""
    return fetch(
        con,
        f"SELECT * FROM {at(table)} WHERE household_id IN (SELECT household_id FROM mart.alert "
        f"WHERE as_of = $1 AND is_listed) ORDER BY {_order(table)}",
        [as_of],
    )


def rows_of_households(
    con: duckdb.DuckDBPyConnection, table: str, as_of: date, households: pl.DataFrame, *columns: str
) -> pl.DataFrame:
    """The columns of the date's rows of these households (`household_id`) alone, in the table's own order."""
    return fetch(
        con,
        f"SELECT {', '.join(columns)} FROM {at(table)} "
        f"WHERE household_id IN (SELECT household_id FROM households) ORDER BY {_order(table)}",
        [as_of],
        households=households.select("household_id"),
    )


def shard_of(sharding: Sharding, case: str) -> str:
    """transforms.sharding.Sharding.of, for DuckDB. case: a household's or person's id."""
    number = f"coalesce(TRY_CAST(substr({case}, 2) AS BIGINT), 0)"
    return f"(({number} // {sharding.block}) % {sharding.count})"


def rows_of_shard(
    con: duckdb.DuckDBPyConnection, table: str, as_of: date, shard: tuple[Sharding, int], *columns: str
) -> pl.DataFrame:
    """The columns of the date's rows about the shard's households, those of no household by their person."""
    sharding, number = shard
    key = "coalesce(household_id, person_id)" if "person_id" in columns else "household_id"
    return fetch(
        con,
        f"SELECT {', '.join(columns)} FROM {at(table)} "
        f"WHERE {shard_of(sharding, key)} = {number} ORDER BY {_order(table)}",
        [as_of],
    )


def row_count(con: duckdb.DuckDBPyConnection, table: str, as_of: date) -> int:
    """How many rows a dated table has of one date."""
    found = con.execute(f"SELECT count(*) FROM {at(table)}", [as_of]).fetchone()
    return int(found[0]) if found else 0


def as_of_dates(con: duckdb.DuckDBPyConnection) -> list[date]:
    """The dates scored so far, oldest first."""
    rows = con.execute("SELECT DISTINCT as_of FROM ops.step WHERE step = 'score' ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def newest_date(con: duckdb.DuckDBPyConnection) -> date:
    """The newest date scored. Raises ZhaorenError when there is none."""
    dates = as_of_dates(con)
    if not dates:
        raise ZhaorenError(
            "No date was run yet.",
            "",
            "There is nothing to measure.",
            "Run `zhaoren run --inbox INBOX --all`.",
        )
    return dates[-1]


class StepDone:
    """One row of `ops.step`: what was done for a date, and from what (the fingerprint of its inputs)."""

    def __init__(self, as_of: date, step: str, fingerprint: str, at: datetime, detail: str = "") -> None:
        self.row = [as_of, step, fingerprint, at, detail]

    def record(self, con: duckdb.DuckDBPyConnection) -> None:
        """Insert or replace the row; the caller holds the transaction."""
        con.execute(
            "INSERT OR REPLACE INTO ops.step (as_of, step, fingerprint, finished_at, detail) "
            "VALUES (?, ?, ?, ?, ?)",
            self.row,
        )


def step_fingerprint(con: duckdb.DuckDBPyConnection, as_of: date, step: str) -> str | None:
    """The inputs' fingerprint of the step as last done for the date, or None."""
    row = con.execute(
        "SELECT fingerprint FROM ops.step WHERE as_of = ? AND step = ?", [as_of, step]
    ).fetchone()
    return None if row is None else str(row[0])
