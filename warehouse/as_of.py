"""What was believed of memberships, and what visits had found, by a date."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.deliveries.outcomes import IN_FORCE

# What the lists and the run's fingerprint are made from; a withdrawal takes the row out, no column says it.
_OUTCOME = "alert_id, result_code, found_date, benefit_id, known_date, feedback_sha256"


def members_at(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """Who was in which household on the date, as believed then: household_id, person_id, kind, valid_from."""
    return fetch(
        con,
        "SELECT household_id, person_id, kind, valid_from FROM core._household_member "
        "WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) "
        "AND known_from <= $1 AND (known_to IS NULL OR known_to > $1) "
        "ORDER BY household_id, person_id, valid_from",
        [as_of],
    )


def outcomes(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """What visits found, as known by the date, without what was withdrawn by then; oldest first."""
    return fetch(
        con,
        f"SELECT {_OUTCOME} FROM mart.outcome o WHERE {IN_FORCE} "
        "ORDER BY alert_id, known_date, found_date, result_code, feedback_sha256",
        [as_of],
    )


def households_found(con: duckdb.DuckDBPyConnection, as_of: date, since: date, result_code: str) -> pl.Series:
    """Households whose newest visit after `since`, as known by the date, ended in the result."""
    rows = fetch(
        con,
        "SELECT a.household_id, max_by(o.result_code, (o.found_date, o.known_date)) AS result_code "
        "FROM mart.outcome o JOIN (SELECT DISTINCT alert_id, household_id FROM mart.alert) a "
        "USING (alert_id) "
        f"WHERE {IN_FORCE} AND o.found_date > $2 GROUP BY 1 ORDER BY 1",
        [as_of, since],
    )
    return rows.filter(pl.col("result_code") == result_code).get_column("household_id")
