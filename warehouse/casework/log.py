"""The log of the cases: what is on record, what it has not taken in yet, and adding to it."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import polars as pl

from warehouse.casework.cases import CASE_OF, QUEUE_OF
from warehouse.database.connection import fetch, run
from warehouse.database.partitions import StepDone, step_fingerprint

STEP = "cases"  # of ops.step: a date's alerts were taken in, as they were scored then
_SEEN = (
    "SELECT ref_id, coalesce(ref_no, 0) AS ref_no FROM mart.case_event WHERE ref_id IS NOT NULL "
    "UNION ALL SELECT ref_id, ref_no FROM ops.case_note"
)
# Visits that count on the day $1, with their case: a visit of an earlier version knows its alert alone.
_VISIT = (
    "SELECT coalesce(v.case_no, c.case_no) AS case_no, o.visit_id, o.alert_id, o.result_code, o.found_date, "
    "o.known_date FROM mart.outcome o JOIN mart.visit v USING (visit_id) LEFT JOIN mart.case c "
    f"ON c.case_id = {CASE_OF.format('o')} AND c.queue = {QUEUE_OF.format('o')} "
    "WHERE o.known_date <= $1 AND (o.withdrawn_date IS NULL OR o.withdrawn_date > $1)"
)
# Table -> its rows known by the day $1, its id, the number within it, and the columns that are read.
SOURCES = {
    "mart.contact": (
        "SELECT * FROM mart.contact WHERE known_date <= $1",
        ("contact_id", "0"),
        "case_no, contact_id, contact_date, part_of_day, way_code, contact_result, known_date",
    ),
    "mart.outcome": (
        _VISIT,
        ("visit_id", "0"),
        "case_no, visit_id, alert_id, result_code, found_date, known_date",
    ),
    "mart.step": (
        "SELECT * FROM mart.step WHERE known_date <= $1",
        ("step_id", "step_no"),
        "case_no, step_id, step_no, kind_code, subject, event_code, event_date, due_date, visit_id, "
        "known_date",
    ),
}


def pending_days(con: duckdb.DuckDBPyConnection, day: date) -> list[date]:
    """The days up to this one of which the log has not taken in everything, oldest first.

    Of dates with lists those that were scored since, or anew; of what people wrote the day it was known.
    """
    unseen = " UNION ".join(f"SELECT known_date FROM ({_unseen(name)})" for name in SOURCES)
    rows = con.execute(
        "SELECT as_of FROM ops.step s WHERE step = 'score' AND as_of <= $1 AND NOT EXISTS (SELECT 1 FROM "
        f"ops.step d WHERE d.as_of = s.as_of AND d.step = '{STEP}' AND d.fingerprint = s.fingerprint) "
        f"UNION {unseen} ORDER BY 1",
        [day],
    ).fetchall()
    return [row[0] for row in rows]


def _unseen(name: str) -> str:
    query, (key, number), columns = SOURCES[name]
    return (
        f"SELECT {columns} FROM ({query}) r ANTI JOIN ({_SEEN}) s "
        f"ON s.ref_id = r.{key} AND s.ref_no = {'r.' * (number != '0')}{number}"
    )


def unseen(con: duckdb.DuckDBPyConnection, name: str, day: date) -> pl.DataFrame:
    """What people wrote that was known by the day and is neither in the log nor noted; see SOURCES."""
    key, number = SOURCES[name][1]
    return fetch(con, f"{_unseen(name)} ORDER BY {_order(key, number)}", [day])


def _order(key: str, number: str) -> str:
    return key if number == "0" else f"{key}, {number}"


def of_cases(con: duckdb.DuckDBPyConnection, name: str, day: date, case_nos: pl.Series) -> pl.DataFrame:
    """All that people wrote of these cases by the day, taken in or not; see SOURCES."""
    query, (key, number), columns = SOURCES[name]
    return fetch(
        con,
        f"SELECT {columns} FROM ({query}) SEMI JOIN wanted USING (case_no) ORDER BY {_order(key, number)}",
        [day],
        wanted=pl.DataFrame({"case_no": case_nos}, schema={"case_no": pl.String}),
    )


def not_taken_in(con: duckdb.DuckDBPyConnection, as_of: date) -> str | None:
    """The fingerprint of the date's alerts, None where there are none or the log has taken them in."""
    scored, taken = (step_fingerprint(con, as_of, step) for step in ("score", STEP))
    return None if scored == taken else scored


def states(con: duckdb.DuckDBPyConnection, case_nos: pl.Series | None, day: date) -> pl.DataFrame:
    """The state of these cases and of those overdue on the day, or of every case opened by it.

    `none` where nothing happened yet. The columns of transforms.casework.fold.STATE, and source_code;
    in the order of the numbers.
    """
    is_all = case_nos is None
    wanted = pl.DataFrame({"case_no": [] if case_nos is None else case_nos}, schema={"case_no": pl.String})
    return fetch(
        con,
        "WITH episode AS (SELECT case_no, episode_no, arg_min(event_date, event_no) AS begun_date, "
        "max(event_date) FILTER (event_code IN ('reach', 'visit')) AS met_date, "
        "bool_or(event_code = 'visit') AS is_visited, arg_max({'to_state': to_state, 'event_no': event_no, "
        "'level': level, 'due_date': due_date, 'held_by': held_by, 'alert_id': alert_id, "
        "'known_date': known_date}, event_no) AS l FROM mart.case_event GROUP BY case_no, episode_no "
        "QUALIFY row_number() OVER (PARTITION BY case_no ORDER BY episode_no DESC) = 1) "
        "SELECT c.case_no, coalesce(l.to_state, 'none') AS state, coalesce(l.event_no, 0) AS event_no, "
        "coalesce(episode_no, 0) AS episode_no, l.level AS level, l.due_date AS due_date, "
        "l.held_by AS held_by, l.alert_id AS alert_id, l.known_date AS known_date, begun_date, met_date, "
        "coalesce(is_visited, false) AS is_visited, c.source_code FROM mart.case c "
        "LEFT JOIN episode USING (case_no) WHERE c.opened_date <= $2 AND ($1 OR l.due_date < $2 "
        "OR c.case_no IN (SELECT case_no FROM wanted) OR episode_no IS NULL) ORDER BY c.case_no",
        [is_all, day],
        wanted=wanted,
    )


def append(con: duckdb.DuckDBPyConnection, events: pl.DataFrame, notes: pl.DataFrame) -> None:
    """Add to the log; the caller holds the transaction. An event whose number is taken stops the whole."""
    run(con, "INSERT INTO mart.case_event BY NAME SELECT * FROM new_events", new_events=events)
    run(con, "INSERT INTO ops.case_note BY NAME SELECT * FROM new_notes", new_notes=notes)


def taken_in(as_of: date, fingerprint: str, at: datetime, last: str | None) -> StepDone:
    """The record that the log has the date's alerts as scored from these inputs; last: the highest number."""
    return StepDone(as_of, STEP, fingerprint, at, last or "")
