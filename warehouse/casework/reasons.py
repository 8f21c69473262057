"""Why a case that had an alert has none any more: corrected data, a fact gone, a draw that is over."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch


def reasons_gone(con: duckdb.DuckDBPyConnection, states: pl.DataFrame, day: date) -> pl.DataFrame:
    """case_no, reason_code of the cases (case_no, alert_id: the alert they rest on), as known on the day.

    corrected: since the alert a delivery replaced another and changed, added or took away a row about
    somebody of the household. not_drawn: only a random draw had put it on the list. gone: neither, so the
    facts themselves have changed.
    """
    return fetch(
        con,
        "WITH alert AS (SELECT s.case_no, a.alert_id, a.as_of, a.household_id, a.signal_ids, "
        "string_split(a.signal_person_ids, ',') AS persons "
        "FROM wanted s JOIN mart.alert a USING (alert_id)), "
        "person AS (SELECT case_no, as_of, unnest(persons) AS person_id FROM alert UNION "
        "SELECT case_no, as_of, m.person_id FROM alert JOIN core._household_member m USING (household_id)), "
        "changed AS (SELECT DISTINCT case_no FROM person p JOIN ops.delivery_change c USING (person_id) "
        "JOIN ops.delivery d USING (delivery_id) WHERE d.known_date > p.as_of AND d.known_date <= $1) "
        "SELECT s.case_no, CASE WHEN s.case_no IN (FROM changed) THEN 'corrected' "
        "WHEN a.signal_ids = '' THEN 'not_drawn' ELSE 'gone' END AS reason_code "
        "FROM wanted s LEFT JOIN alert a USING (case_no) ORDER BY 1",
        [day],
        wanted=states.select("case_no", "alert_id"),
    )
