"""One household's whole story, as known by a day: every row that somebody sent or wrote about its cases."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.casework.cases import CASE_OF
from warehouse.database.connection import fetch

# Part of the story -> its rows, of the household $2 and its cases (`own`), known by the day $1.
_PARTS = {
    "case": "SELECT c.* FROM mart.case c SEMI JOIN own USING (case_no) WHERE opened_date <= $1 "
    "ORDER BY case_no",
    "alert": "SELECT o.case_no, a.as_of, a.alert_id, a.queue, a.level, a.status, a.is_listed, a.reason_zh, "
    f"a.signal_ids FROM mart.alert a JOIN own o ON o.case_id = {CASE_OF.format('a')} AND o.queue = a.queue "
    "WHERE a.as_of <= $1 ORDER BY a.as_of, a.alert_id",
    "event": "SELECT e.* FROM mart.case_event e SEMI JOIN own USING (case_no) WHERE known_date <= $1 "
    "ORDER BY case_no, event_no",
    "contact": "SELECT t.* FROM mart.contact t SEMI JOIN own USING (case_no) WHERE known_date <= $1 "
    "ORDER BY contact_date, contact_id",
    "visit": "SELECT o.case_no, v.* EXCLUDE (case_no), EXISTS (SELECT 1 FROM mart.outcome c "
    "WHERE c.visit_id = v.visit_id AND c.known_date <= $1 AND (c.withdrawn_date IS NULL OR "
    "c.withdrawn_date > $1)) AS is_counted FROM mart.visit v JOIN own o ON o.case_no = v.case_no "
    f"OR (v.case_no IS NULL AND o.case_id = {CASE_OF.format('v')} AND right(v.alert_id, 1) = "
    "CASE o.queue WHEN 'compliance' THEN 'C' ELSE 'N' END) WHERE v.known_date <= $1 ORDER BY v.visit_id",
    "step": "SELECT s.* FROM mart.step s SEMI JOIN own USING (case_no) WHERE known_date <= $1 "
    "ORDER BY step_id, step_no",
    "payment": "WITH day AS (SELECT as_of, lag(as_of) OVER (ORDER BY as_of) AS before FROM ops.kept_date "
    "WHERE table_name = 'mart.entitlement' AND as_of <= $1), "
    "paid AS (SELECT DISTINCT as_of, person_id, benefit_id FROM mart.entitlement "
    "WHERE household_id = $2 AND as_of <= $1 AND is_receiving) "
    "SELECT p.as_of, p.benefit_id, count(*) AS person_cnt, d.before IS NULL AS is_first_date "
    "FROM paid p JOIN day d USING (as_of) "
    "LEFT JOIN paid b ON b.as_of = d.before AND b.benefit_id = p.benefit_id "
    "AND b.person_id IS NOT DISTINCT FROM p.person_id WHERE b.as_of IS NULL GROUP BY ALL ORDER BY ALL",
    "key_visit": "SELECT k.* FROM mart.key_visit k WHERE known_date <= $1 AND person_id IN "
    "(SELECT person_id FROM core._household_member WHERE household_id = $2 AND known_from <= $1 "
    "UNION SELECT $2) ORDER BY as_of, key_visit_id",
}


def household_of(con: duckdb.DuckDBPyConnection, what: str) -> str | None:
    """The household (or person without one) that a case number, an alert or its own id names."""
    row = con.execute(
        "SELECT case_id FROM mart.case WHERE case_no = $1 OR case_id = $1 OR household_id = $1 UNION "
        f"SELECT {CASE_OF.format('a')} FROM mart.alert a WHERE alert_id = $1 UNION "
        "SELECT household_id FROM panel.household WHERE household_id = $1 LIMIT 1",
        [what],
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def found_case(con: duckdb.DuckDBPyConnection, case_no: str) -> bool:
    """Whether it is the number of a case."""
    return con.execute("SELECT 1 FROM mart.case WHERE case_no = ?", [case_no]).fetchone() is not None


def story_of(con: duckdb.DuckDBPyConnection, about: str, day: date) -> dict[str, pl.DataFrame]:
    """Every part of the story of a household, or of a found family's one case, as known by the day.

    about: a household's or person's id, or the number of a case that nobody could say whose it is.
    """
    own = fetch(
        con,
        "SELECT case_no, case_id, queue FROM mart.case "
        "WHERE case_id = $1 OR household_id = $1 OR case_no = $1",
        [about],
    )
    return {
        name: fetch(con, query, [day, about][: 2 if "$2" in query else 1], own=own)
        for name, query in _PARTS.items()
    }
