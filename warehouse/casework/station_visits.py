"""Visits as stations need them: what earlier lists took, what like visits found, which to check."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.deliveries.outcomes import IN_FORCE


def spent_in_month(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """town_code, alert_visit_cnt, key_visit_cnt that earlier lists of the date's month took of its hours.

    A key person who was visited is not due again; one who was not is planned anew, and takes time once.
    """
    sql = """
      WITH lists AS (
        SELECT town_code, sum(listed_cnt)::BIGINT AS alert_visit_cnt FROM mart.station
        WHERE as_of >= date_trunc('month', $1::DATE) AND as_of < $1 GROUP BY 1),
      plan AS (
        SELECT person_id, max_by(town_code, as_of) AS town_code FROM mart.key_person
        WHERE as_of >= date_trunc('month', $1::DATE) AND as_of < $1 GROUP BY 1),
      done AS (
        SELECT DISTINCT person_id FROM mart.key_visit
        WHERE as_of >= date_trunc('month', $1::DATE) AND known_date <= $1 AND visited_date IS NOT NULL),
      keys AS (
        SELECT town_code, count(*) AS key_visit_cnt FROM plan SEMI JOIN done USING (person_id) GROUP BY 1)
      SELECT town_code, alert_visit_cnt, key_visit_cnt FROM lists FULL JOIN keys USING (town_code)
      WHERE town_code IS NOT NULL ORDER BY 1
    """
    return fetch(con, sql, [as_of])


def visits_by_kind(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """level, arm, result_code of every visit of an earlier list that counts on the date."""
    sql = (
        "SELECT a.level, a.arm, o.result_code FROM mart.outcome o JOIN mart.alert a USING (alert_id) "
        f"WHERE {IN_FORCE} AND a.as_of < $1 AND a.queue = 'need' ORDER BY ALL"
    )
    return fetch(con, sql, [as_of])


def visits_to_check(con: duckdb.DuckDBPyConnection, as_of: date, since: date | None) -> pl.DataFrame:
    """visit_id, case_no, county_code, result_code of the visits that began to count after `since`.

    Those drawn before are not among them, and no visit about a payment to be checked: the county does those
    itself.
    """
    sql = f"""
      SELECT o.visit_id, v.case_no, o.result_code,
        coalesce(left(c.town_code, 6), a.county_code) AS county_code
      FROM mart.outcome o JOIN mart.visit v USING (visit_id)
      ANTI JOIN (SELECT visit_id FROM mart.spot_check WHERE as_of < $1) USING (visit_id)
      LEFT JOIN mart.case c ON c.case_no = v.case_no
      LEFT JOIN mart.alert a ON a.alert_id = o.alert_id
      WHERE {IN_FORCE} AND ($2::DATE IS NULL OR o.known_date > $2)
        AND coalesce(c.queue, a.queue, 'need') = 'need'
      ORDER BY o.visit_id
    """
    return fetch(con, sql, [as_of, since])
