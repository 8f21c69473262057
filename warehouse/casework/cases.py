"""The cases and their numbers, in `mart.case`."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch, run

# An alert's id is date-case-queue, as in 20260305-H1-N.
CASE_OF = "substr({0}.alert_id, 10, length({0}.alert_id) - 11)"
QUEUE_OF = "CASE right({0}.alert_id, 1) WHEN 'C' THEN 'compliance' ELSE 'need' END"


def numbers_of(con: duckdb.DuckDBPyConnection, wanted: pl.DataFrame) -> pl.DataFrame:
    """case_id, queue, case_no of those of the wanted cases (case_id, queue) that were opened."""
    return fetch(
        con,
        "SELECT case_id, queue, case_no FROM mart.case SEMI JOIN wanted USING (case_id, queue) "
        "ORDER BY case_no",
        wanted=wanted.select("case_id", "queue"),
    )


def last_number(con: duckdb.DuckDBPyConnection) -> str | None:
    """The highest number given out, None before the first: a case that was erased keeps its number."""
    row = con.execute(
        "SELECT max(n) FROM (SELECT case_no AS n FROM mart.case UNION ALL "
        "SELECT detail FROM ops.step WHERE step = 'cases' AND detail <> '')"
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def add_cases(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
    """Add new cases; the caller holds the transaction. A number or a case that is there stops the whole."""
    run(con, "INSERT INTO mart.case BY NAME SELECT * FROM new_cases", new_cases=rows)


def alerts_with_case(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """The date's alerts: case_no (null before it was opened), alert_id, queue, household_id, town_code, arm,
    signal_ids, status, is_listed, level, due_date, rest_until; in the order of their ids.
    """
    return fetch(
        con,
        "SELECT c.case_no, a.alert_id, a.queue, a.household_id, a.town_code, a.arm, a.signal_ids, a.status, "
        "a.is_listed, a.level, a.due_date, a.rest_until FROM mart.alert a LEFT JOIN mart.case c "
        f"ON c.case_id = {CASE_OF.format('a')} AND c.queue = a.queue WHERE a.as_of = $1 ORDER BY a.alert_id",
        [as_of],
    )
