"""Listed lines of a year with the signals they stood for, what visited them, and how old their facts were."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.deliveries.outcomes import IN_FORCE

# Need lines of the lists of the twelve months up to the newest one by $1.
_LINE = (
    "FROM mart.alert a WHERE a.queue = 'need' AND a.is_listed AND a.as_of <= $1 AND a.as_of > "
    "(SELECT max(as_of) FROM mart.alert WHERE as_of <= $1) - INTERVAL 12 MONTH"
)


def lines_of_year(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """One row per need line of those lists, oldest first.

    as_of, alert_id, household_id, town_code, queue, arm, is_listed, signal_ids, draw_band, draw_chance.
    """
    return fetch(
        con,
        "SELECT a.as_of, a.alert_id, a.household_id, a.town_code, a.queue, a.arm, a.is_listed, "
        f"a.signal_ids, a.draw_band, a.draw_chance {_LINE} ORDER BY a.as_of, a.alert_id",
        [as_of],
    )


def outcomes_of_year(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """alert_id, result_code, found_date, known_date: what visits of them found, as known by the date."""
    return fetch(
        con,
        "SELECT o.alert_id, o.result_code, o.found_date, o.known_date FROM mart.outcome o "
        f"WHERE {IN_FORCE} AND o.alert_id IN (SELECT a.alert_id {_LINE}) "
        "ORDER BY o.alert_id, o.known_date, o.found_date, o.result_code",
        [as_of],
    )


def newest_facts(con: duckdb.DuckDBPyConnection, visited: pl.DataFrame) -> pl.DataFrame:
    """Of lines (`as_of`, `household_id`): as_of, household_id, signal_id, fact_date of each dated signal.

    Where it fired for several persons, the newest.
    """
    return fetch(
        con,
        "SELECT s.as_of, s.household_id, s.signal_id, max(s.fact_date) AS fact_date FROM mart.signal s "
        "JOIN visited v ON v.as_of = s.as_of AND v.household_id = s.household_id "
        "WHERE s.queue = 'need' AND s.state = 'yes' AND s.fact_date IS NOT NULL GROUP BY ALL ORDER BY ALL",
        visited=visited.select("as_of", "household_id").unique(),
    )
