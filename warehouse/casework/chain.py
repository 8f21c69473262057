"""One household's whole story, as known by a day: every row that somebody sent or wrote about its cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb
import polars as pl

from warehouse.casework.cases import CASE_OF
from warehouse.database.connection import fetch

# Part of the story -> its rows, of the cases `own` and of the households `asked`, known by the day $1.
_PARTS = {
    "case": "SELECT o.about, c.* FROM mart.case c JOIN own o USING (case_no) WHERE opened_date <= $1 "
    "ORDER BY case_no",
    "alert": "SELECT o.about, o.case_no, a.as_of, a.alert_id, a.queue, a.level, a.status, a.is_listed, "
    "a.reason_zh, a.signal_ids FROM mart.alert a "
    f"JOIN own o ON o.case_id = {CASE_OF.format('a')} AND o.queue = a.queue "
    "WHERE a.as_of <= $1 ORDER BY a.as_of, a.alert_id",
    "event": "SELECT o.about, e.* FROM mart.case_event e JOIN own o USING (case_no) WHERE known_date <= $1 "
    "ORDER BY case_no, event_no",
    "contact": "SELECT o.about, t.* FROM mart.contact t JOIN own o USING (case_no) WHERE known_date <= $1 "
    "ORDER BY contact_date, contact_id",
    # A line of before there were cases names its alert alone.
    "visit": "WITH line AS (SELECT o.about, o.case_no, v.visit_id FROM mart.visit v "
    "JOIN own o ON o.case_no = v.case_no UNION ALL "
    "SELECT o.about, o.case_no, v.visit_id FROM mart.visit v "
    f"JOIN own o ON v.case_no IS NULL AND o.case_id = {CASE_OF.format('v')} AND right(v.alert_id, 1) = "
    "CASE o.queue WHEN 'compliance' THEN 'C' ELSE 'N' END) "
    "SELECT l.about, l.case_no, v.* EXCLUDE (case_no), EXISTS (SELECT 1 FROM mart.outcome c "
    "WHERE c.visit_id = v.visit_id AND c.known_date <= $1 AND (c.withdrawn_date IS NULL OR "
    "c.withdrawn_date > $1)) AS is_counted FROM mart.visit v JOIN line l USING (visit_id) "
    "WHERE v.known_date <= $1 ORDER BY v.visit_id",
    "step": "SELECT o.about, s.* FROM mart.step s JOIN own o USING (case_no) WHERE known_date <= $1 "
    "ORDER BY step_id, step_no",
    "key_visit": "WITH member AS (SELECT DISTINCT m.household_id AS about, m.person_id "
    "FROM core._household_member m JOIN asked a ON m.household_id = a.about WHERE m.known_from <= $1 "
    "UNION SELECT about, about FROM asked) "
    "SELECT m.about, k.* FROM mart.key_visit k JOIN member m USING (person_id) WHERE known_date <= $1 "
    "ORDER BY as_of, key_visit_id",
    # What rolls paid on each date: it reads the benefits' answers of every date, so it is asked for one
    # household and not for a province's lists, whose own matters say when money came.
    "payment": "WITH day AS (SELECT as_of, lag(as_of) OVER (ORDER BY as_of) AS before FROM ops.kept_date "
    "WHERE table_name = 'mart.entitlement' AND as_of <= $1), "
    "paid AS (SELECT DISTINCT as_of, person_id, benefit_id FROM mart.entitlement "
    "WHERE household_id = $2 AND as_of <= $1 AND is_receiving) "
    "SELECT $2 AS about, p.as_of, p.benefit_id, count(*) AS person_cnt, d.before IS NULL AS is_first_date "
    "FROM paid p JOIN day d USING (as_of) "
    "LEFT JOIN paid b ON b.as_of = d.before AND b.benefit_id = p.benefit_id "
    "AND b.person_id IS NOT DISTINCT FROM p.person_id WHERE b.as_of IS NULL GROUP BY ALL ORDER BY ALL",
}
_OF_ONE = ("payment",)
_OWN = "SELECT a.about, c.case_no, c.case_id, c.queue FROM asked a JOIN mart.case c ON {key} = a.about"


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
    parts = stories_of(con, [about], day)
    return parts | {name: fetch(con, _PARTS[name], [day, about]) for name in _OF_ONE}


def stories_of(con: duckdb.DuckDBPyConnection, abouts: Iterable[str], day: date) -> dict[str, pl.DataFrame]:
    """The same of many, but for what rolls paid; `about` says whose row each is."""
    asked = pl.DataFrame({"about": sorted(set(abouts))}, schema={"about": pl.String})
    keys = (f"c.{name}" for name in ("case_id", "household_id", "case_no"))
    own = fetch(con, " UNION ".join(_OWN.format(key=key) for key in keys), asked=asked)
    return {
        name: fetch(con, query, [day], own=own, asked=asked)
        for name, query in _PARTS.items()
        if name not in _OF_ONE
    }
