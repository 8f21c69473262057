"""What the sheets of a date show of cases, matters and key persons, as known by the date."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.casework.visits import differences
from warehouse.database.connection import fetch


def case_numbers(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """queue, case_id (a household's, else a person's), household_id, case_no of cases opened by the date."""
    sql = (
        "SELECT queue, case_id, any_value(household_id) AS household_id, min(case_no) AS case_no "
        "FROM mart.case "
        "WHERE opened_date <= $1 AND case_id IS NOT NULL GROUP BY queue, case_id ORDER BY ALL"
    )
    return fetch(con, sql, [as_of])


def last_step_events(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """The last known event of every matter of a need's case, ended ones too.

    One row per matter: step_id, case_no, kind_code, subject, event_code, event_date, due_date, owner_code,
    visit_id, household_id, town_code.
    """
    sql = (
        "SELECT s.step_id, s.case_no, s.kind_code, s.subject, s.event_code, s.event_date, s.due_date, "
        "s.owner_code, s.visit_id, c.household_id, c.town_code "
        "FROM mart.step s JOIN mart.case c USING (case_no) "
        "WHERE s.known_date <= $1 AND c.queue = 'need' "
        "QUALIFY row_number() OVER (PARTITION BY s.step_id ORDER BY s.step_no DESC) = 1 ORDER BY s.step_id"
    )
    return fetch(con, sql, [as_of])


def first_step_dates(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """step_id, begun_date: the day each matter began."""
    sql = (
        "SELECT step_id, min_by(event_date, step_no) AS begun_date FROM mart.step WHERE known_date <= $1 "
        "GROUP BY 1 ORDER BY 1"
    )
    return fetch(con, sql, [as_of])


def key_persons(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """The month's planned key persons, in the order of their numbers.

    key_no, person_id, town_code, village_code, kind_code, due_date, visited_date (of the last visit known by
    the date; null if none).
    """
    sql = (
        "SELECT k.key_no, k.person_id, k.town_code, k.village_code, k.kind_code, k.due_date, v.visited_date "
        "FROM mart.key_person k LEFT JOIN (SELECT person_id, max(visited_date) AS visited_date "
        "FROM mart.key_visit WHERE known_date <= $1 GROUP BY 1) v USING (person_id) "
        "WHERE k.as_of = $1 AND k.is_planned AND k.key_no IS NOT NULL "
        "ORDER BY k.town_code, try_cast(substr(k.key_no, 2) AS INTEGER), k.key_no"
    )
    return fetch(con, sql, [as_of])


def last_case_events(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """The last event known by the date of each case of need.

    One row per case: case_no, household_id, town_code, state, event_code, event_date, alert_id.
    """
    sql = (
        "SELECT e.case_no, c.household_id, c.town_code, e.to_state AS state, e.event_code, e.event_date, "
        "e.alert_id "
        "FROM mart.case_event e JOIN mart.case c USING (case_no) "
        "WHERE c.queue = 'need' AND c.household_id IS NOT NULL AND e.known_date <= $1 "
        "QUALIFY row_number() OVER (PARTITION BY e.case_no ORDER BY e.event_no DESC) = 1 ORDER BY e.case_no"
    )
    return fetch(con, sql, [as_of])


def previous_list(con: duckdb.DuckDBPyConnection, as_of: date) -> date | None:
    """The date of the list before, if there was one."""
    row = con.execute("SELECT max(as_of) FROM mart.alert WHERE as_of < ? AND is_listed", [as_of]).fetchone()
    return row[0] if row else None


def reasons_listed(con: duckdb.DuckDBPyConnection, as_of: date, households: pl.DataFrame) -> pl.DataFrame:
    """household_id, reason_zh: why each of these households was last on a list of need by the date."""
    sql = (
        "SELECT household_id, max_by(reason_zh, as_of) AS reason_zh FROM mart.alert "
        "WHERE as_of <= $1 AND queue = 'need' AND is_listed "
        "AND household_id IN (SELECT household_id FROM households) GROUP BY 1 ORDER BY 1"
    )
    return fetch(con, sql, [as_of], households=households.select("household_id"))


def to_see_to(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """What a county has to see to, by the date, of cases of need: one row per town_code with any of it.

    tried_cnt: cases somebody tried to reach or visited since they were last opened; not_reached_cnt of them
    are not reached; county_overdue_cnt, city_overdue_cnt: overdue, held by county or city;
    referral_overdue_cnt: referrals past their day without an answer; contradiction_cnt: pairs of visits that
    wait for a ruling.
    """
    sql = (
        "WITH known AS (SELECT e.*, c.town_code FROM mart.case_event e JOIN mart.case c USING (case_no) "
        "WHERE c.queue = 'need' AND e.known_date <= $1), "
        "last AS (SELECT * FROM known "
        "QUALIFY row_number() OVER (PARTITION BY case_no ORDER BY event_no DESC) = 1), "
        "tried AS (SELECT DISTINCT k.case_no, k.town_code "
        "FROM known k JOIN last l USING (case_no, episode_no) "
        "WHERE k.event_code IN ('try', 'reach', 'fail', 'visit')), "
        "referral AS (SELECT s.*, c.town_code FROM mart.step s JOIN mart.case c USING (case_no) "
        "WHERE s.kind_code = 'referral' AND s.known_date <= $1 "
        "QUALIFY row_number() OVER (PARTITION BY step_id ORDER BY step_no DESC) = 1), "
        "counted AS ("
        "SELECT town_code, 'tried_cnt' AS what, count(*) AS n FROM tried GROUP BY 1 UNION ALL "
        "SELECT town_code, 'not_reached_cnt', count(*) FROM last WHERE to_state = 'not_reached' GROUP BY 1 "
        "UNION ALL "
        "SELECT town_code, held_by || '_overdue_cnt', count(*) FROM last "
        "WHERE to_state = 'escalated' AND held_by IN ('county', 'city') GROUP BY 1, 2 UNION ALL "
        "SELECT town_code, 'referral_overdue_cnt', count(*) FROM referral "
        "WHERE due_date < $1 AND event_code IN ('sent', 'accepted') GROUP BY 1) "
        "SELECT town_code, what, n FROM counted ORDER BY 1, 2"
    )
    rows = fetch(con, sql, [as_of])
    pairs = _contradictions(con, as_of)
    return pl.concat([rows, pairs]).pivot(on="what", index="town_code", values="n", maintain_order=True)


def _contradictions(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """town_code, what, n: pairs of visits that contradict each other, known by the date, without a ruling."""
    pairs = differences(con).filter(pl.col("since_date") <= as_of)
    return fetch(
        con,
        "SELECT coalesce(a.town_code, c.town_code) AS town_code, 'contradiction_cnt' AS what, count(*) AS n "
        "FROM pairs p LEFT JOIN "
        "(SELECT alert_id, any_value(town_code) AS town_code FROM mart.alert GROUP BY 1) a "
        "ON a.alert_id = p.list_id LEFT JOIN mart.case c ON c.case_no = p.list_id GROUP BY 1 ORDER BY 1",
        pairs=pairs.select("list_id"),
    )
