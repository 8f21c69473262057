"""What earlier lists and their signals tell of a date's cases: as much as the status of an alert needs.

A case is the household of an alert, or the person without one; the alert's id names it. Which cases matter:
those with a sign on the date, those on an earlier list of its month, those visited within the longest
cool-down, and those drawn at random whose visit is not due yet. Of any other case nothing is new, held by a
list or at rest, so that nothing asks for its past.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from warehouse.database.connection import Connection, fetch
from warehouse.deliveries.outcomes import IN_FORCE

# An alert's id is date-case-queue, as in 20260305-H1-N.
_CASE = "substr(alert_id, 10, length(alert_id) - 11)"
_LINE = (
    "alert_id, as_of, queue, level, signal_ids, benefit_gap_yuan_month, due_date, rest_until, arm, is_listed"
)
_VISITED = f"SELECT {_CASE} AS case_id FROM mart.outcome o WHERE {IN_FORCE} AND o.found_date >= $2"


def earlier_lines(con: Connection, as_of: date, since: date, cases: pl.Series) -> pl.DataFrame:
    """The lines of earlier lists, of cases that matter, oldest first: of mart.alert what a status rests on.

    since: the first day whose visit may still rest on the date. cases: those with a sign on the date.
    """
    return fetch(
        con,
        f"WITH line AS (SELECT {_LINE}, {_CASE} AS case_id FROM mart.alert WHERE as_of < $1 AND is_listed), "
        f"mattering AS (SELECT case_id FROM cases UNION {_VISITED} "
        "UNION SELECT case_id FROM line WHERE as_of >= date_trunc('month', $1::DATE) "
        "OR (arm = 'audit' AND due_date >= $1)) "
        f"SELECT {_LINE} FROM line SEMI JOIN mattering USING (case_id) ORDER BY as_of, alert_id",
        [as_of, since],
        cases=pl.DataFrame({"case_id": cases.cast(pl.String)}),
    )


def signals_visited(con: Connection, as_of: date, since: date) -> pl.DataFrame:
    """The signals that fired for the earlier lines of cases visited `since` or later: what a visit settled.

    as_of, queue, signal_id, household_id, person_id, state, value, fact_date; oldest first.
    """
    return fetch(
        con,
        f"WITH line AS (SELECT DISTINCT as_of, queue, {_CASE} AS case_id FROM mart.alert "
        f"WHERE as_of < $1 AND is_listed AND {_CASE} IN ({_VISITED})) "
        "SELECT s.as_of, s.queue, signal_id, household_id, person_id, state, value, fact_date "
        "FROM mart.signal s JOIN line l ON l.as_of = s.as_of AND l.queue = s.queue "
        "AND l.case_id = coalesce(s.household_id, s.person_id) WHERE state = 'yes' "
        "ORDER BY s.as_of, s.queue, signal_id, household_id, person_id",
        [as_of, since],
    )
