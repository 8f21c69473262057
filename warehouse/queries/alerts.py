"""Questions about alerts, over all dates."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch


def alerts_until(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """Every row of mart.alert of the date and of those before it, oldest first."""
    return fetch(con, "SELECT * FROM mart.alert WHERE as_of <= $1 ORDER BY as_of, alert_id", [as_of])


def visited_alerts(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """Which household each alert of an earlier date was about that was visited: alert_id, household_id."""
    visited = "SELECT alert_id FROM mart.outcome"
    return fetch(
        con,
        f"SELECT alert_id, household_id FROM mart.alert WHERE as_of < $1 AND alert_id IN ({visited}) "
        "ORDER BY ALL",
        [as_of],
    )


def lines_of_visits(con: duckdb.DuckDBPyConnection, found: pl.DataFrame) -> pl.DataFrame:
    """The need lines that results of visits are about: each row of `found` with the household_id, as_of and
    draw_chance of the first list that its alert was on."""
    return fetch(
        con,
        "SELECT f.*, a.household_id, a.as_of, a.draw_chance FROM found f JOIN ("
        "SELECT alert_id, household_id, min(as_of) AS as_of, arg_min(draw_chance, as_of) AS draw_chance "
        "FROM mart.alert WHERE queue = 'need' AND is_listed GROUP BY ALL) a USING (alert_id) "
        "WHERE a.household_id IS NOT NULL ORDER BY ALL",
        found=found,
    )


def listed_before(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """queue, household_id of every household that a list of an earlier date held, each once."""
    sql = "SELECT DISTINCT queue, household_id FROM mart.alert WHERE as_of < $1 AND is_listed ORDER BY ALL"
    return fetch(con, sql, [as_of])


def red_beyond_since(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """household_id, waiting_since: the first date by this one on which it was red beyond its hours."""
    sql = (
        "SELECT household_id, min(as_of) AS waiting_since FROM mart.alert "
        "WHERE as_of <= $1 AND is_overflow_red GROUP BY 1 ORDER BY 1"
    )
    return fetch(con, sql, [as_of])


def cases_of(con: duckdb.DuckDBPyConnection, household: str) -> pl.Series:
    """The numbers of all cases of a household."""
    rows = con.execute(
        "SELECT DISTINCT alert_id FROM mart.alert WHERE household_id = ? ORDER BY 1", [household]
    ).fetchall()
    return pl.Series([row[0] for row in rows], dtype=pl.String)


def newest_answer(
    con: duckdb.DuckDBPyConnection, alert_or_household: str, as_of: date | None = None
) -> tuple[str, date] | None:
    """(household_id, date) of the newest date that has an alert of this number or household, or its facts.

    The number is what a list prints, the case's, or an alert's own.
    Alerts go first: whoever copies a number from a list means that list, also when the household's facts were
    computed again later. With `as_of`, only that date counts. None when nothing is known under the number.
    """
    of_alerts = (
        "SELECT household_id, max(as_of) FROM mart.alert WHERE (alert_id = $1 OR household_id = $1 "
        "OR household_id IN (SELECT household_id FROM mart.case WHERE case_no = $1)) "
        "AND ($2 IS NULL OR as_of = $2) GROUP BY 1"
    )
    of_facts = (
        "SELECT household_id, max(as_of) FROM panel.household WHERE household_id = $1 "
        "AND ($2 IS NULL OR as_of = $2) GROUP BY 1"
    )
    for query in (of_alerts, of_facts):
        row = con.execute(query, [alert_or_household, as_of]).fetchone()
        if row is not None:
            return row[0], row[1]
    return None
