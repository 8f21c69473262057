"""The events of what follows a visit, in `mart.step`, and how far each matter is."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from data_contracts.registry.tables import schema
from warehouse.casework.visits import line_id
from warehouse.database.connection import fetch, run

# A matter is the same in every copy of a list: what it is about, and its first event.
STEP_ID = line_id("S", ("case_no", "kind_code", "subject", "event_code", "event_date"))


def events_of(con: duckdb.DuckDBPyConnection, cases: pl.Series) -> pl.DataFrame:
    """Every event of every matter of these cases, by step_id and step_no."""
    wanted = pl.DataFrame({"case_no": cases}, schema={"case_no": pl.String})
    return fetch(
        con,
        "SELECT * FROM mart.step SEMI JOIN wanted USING (case_no) ORDER BY step_id, step_no",
        wanted=wanted,
    )


def step_ids(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> pl.Series:
    """The ids of matters that begin with these events, in their order."""
    known = schema("mart.step")
    part = rows.cast({name: known[name] for name in rows.columns if name in known}).with_row_index("place")
    return fetch(con, f"SELECT {STEP_ID} AS step_id FROM part ORDER BY place", part=part).get_column(
        "step_id"
    )


def add_steps(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
    """Add events (mart.step's columns); one that is there stays. The caller holds the transaction."""
    known = schema("mart.step")
    lacking = [pl.lit(None, dtype).alias(name) for name, dtype in known.items() if name not in rows.columns]
    part = rows.with_columns(lacking).select(pl.col(name).cast(dtype) for name, dtype in known.items())
    run(con, "INSERT INTO mart.step BY NAME SELECT * FROM part ON CONFLICT DO NOTHING", part=part)


def next_numbers(con: duckdb.DuckDBPyConnection, matters: pl.DataFrame) -> pl.DataFrame:
    """The rows (step_id among their columns) with step_no, the number of the matter's next event."""
    return fetch(
        con,
        "SELECT m.*, (SELECT coalesce(max(step_no), 0) + 1 FROM mart.step s WHERE s.step_id = m.step_id) "
        "AS step_no FROM matters m ORDER BY step_id",
        matters=matters,
    )


def case_numbers(con: duckdb.DuckDBPyConnection, town_code: str) -> dict[str, str]:
    """What a station may have written as a case number -> the number: its cases, and alerts of its lists."""
    rows = con.execute(
        "SELECT case_no, case_no FROM mart.case WHERE town_code = $1 "
        "UNION SELECT a.alert_id, c.case_no FROM mart.alert a JOIN mart.case c "
        "ON c.case_id = substr(a.alert_id, 10, length(a.alert_id) - 11) AND c.queue = a.queue "
        "WHERE a.town_code = $1 AND a.is_listed "
        "UNION SELECT c.case_no, c.case_no FROM mart.alert a JOIN mart.case c "
        "ON c.case_id = substr(a.alert_id, 10, length(a.alert_id) - 11) AND c.queue = a.queue "
        "WHERE a.town_code = $1 AND a.is_listed",
        [town_code],
    ).fetchall()
    return dict(rows)


def key_persons(con: duckdb.DuckDBPyConnection, as_of: date, town_code: str) -> dict[str, str]:
    """key_no -> person_id of a station's plan of the month."""
    rows = con.execute(
        "SELECT key_no, person_id FROM mart.key_person WHERE as_of = ? AND town_code = ?", [as_of, town_code]
    ).fetchall()
    return dict(rows)


def objections(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """What families said of departments' facts by the day: one row per department and extract named.

    department, extract, raised_cnt; of these corrected_cnt, upheld_cnt (the department says it is right) and
    waiting_cnt.
    """
    return fetch(
        con,
        "WITH last AS (SELECT step_id, any_value(subject) AS subject, "
        "max_by(event_code, step_no) AS event_code "
        "FROM mart.step WHERE kind_code = 'objection' AND known_date <= $1 GROUP BY 1) "
        "SELECT split_part(subject, '.', 1) AS department, split_part(subject, '.', 2) AS extract, "
        "count(*) AS raised_cnt, count(*) FILTER (event_code = 'corrected') AS corrected_cnt, "
        "count(*) FILTER (event_code = 'upheld') AS upheld_cnt, "
        "count(*) FILTER (event_code NOT IN ('corrected', 'upheld')) AS waiting_cnt "
        "FROM last WHERE subject IS NOT NULL GROUP BY ALL ORDER BY ALL",
        [as_of],
    )
