"""What ran, for which dates answers are kept, and when the vault was opened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import duckdb
import polars as pl

from warehouse.database.connection import fetch


def panel_dates(con: duckdb.DuckDBPyConnection) -> list[date]:
    """The dates whose persons' facts are kept, oldest first; fewer than were scored (as_of_dates)."""
    rows = con.execute("SELECT DISTINCT as_of FROM panel.person ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def runs_by_date(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per delivery date, oldest first: what came on it and how its newest run ended.

    known_date, status (`intake` when no lists were made, `not run` when files came and nothing ran), files,
    rows_read, rows_loaded, rows_quarantined, rows_duplicate (sums over the date's files).
    """
    return fetch(
        con,
        "SELECT d.known_date, coalesce(any_value(r.status), 'not run') AS status, count(*) AS files, "
        "sum(rows_read)::BIGINT AS rows_read, sum(rows_loaded)::BIGINT AS rows_loaded, "
        "sum(rows_quarantined)::BIGINT AS rows_quarantined, sum(rows_duplicate)::BIGINT AS rows_duplicate "
        "FROM ops.delivery d LEFT JOIN (SELECT as_of, arg_max(status, started_at) AS status FROM ops.run "
        "GROUP BY as_of) r ON r.as_of = d.known_date GROUP BY 1 ORDER BY 1",
    )


def list_dates(con: duckdb.DuckDBPyConnection) -> list[date]:
    """The dates for which lists were made, or begun by a run that stopped; oldest first."""
    rows = con.execute("SELECT DISTINCT as_of FROM ops.run WHERE status <> 'intake' ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def is_run_finished(con: duckdb.DuckDBPyConnection, run_id: str, *statuses: str) -> bool:
    """Whether the run was recorded as finished, or as one of `statuses` where they are named."""
    found = con.execute(
        "SELECT list_contains(?, status) FROM ops.run WHERE run_id = ?", [statuses or ("finished",), run_id]
    ).fetchone()
    return found is not None and bool(found[0])


def record_run(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    as_of: date,
    fingerprint: str,
    *,
    started: datetime,
    finished: datetime | None = None,
    intake: bool = False,
) -> None:
    """Write the run's line of ops.run in place of an earlier one; without `finished` it is running.

    `intake`: the run took files in and made no lists.
    """
    status = "intake" if intake else "running" if finished is None else "finished"
    con.execute(
        "INSERT OR REPLACE INTO ops.run (run_id, as_of, fingerprint, started_at, finished_at, status) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [run_id, as_of, fingerprint, started, finished, status],
    )


def keep_inbox_notes(con: duckdb.DuckDBPyConnection, as_of: date, found: Iterable[tuple[str, str]]) -> None:
    """Write what was left out of the inbox (name, code) as the date was run, in place of earlier notes."""
    con.execute("DELETE FROM ops.inbox_note")
    for noted in found:
        con.execute("INSERT INTO ops.inbox_note (as_of, entry_name, code) VALUES (?, ?, ?)", [as_of, *noted])


def inbox_notes(con: duckdb.DuckDBPyConnection, as_of: date | None = None) -> pl.DataFrame:
    """entry_name, code of what the last run left in the inbox; of `as_of`, only if that was the last one."""
    return fetch(
        con,
        "SELECT entry_name, code FROM ops.inbox_note WHERE $1 IS NULL OR as_of = $1 ORDER BY ALL",
        [as_of],
    )


def dates_known(con: duckdb.DuckDBPyConnection) -> set[date]:
    """Every day on which a delivery on record came."""
    return {row[0] for row in con.execute("SELECT DISTINCT known_date FROM ops.delivery").fetchall()}
