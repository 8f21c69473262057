"""The visits that were drawn for a second look, and what was reported of them."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch


def drawn_visits(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """case_no, visit_id, subject of what was drawn on the date; subject is the result that was reported."""
    return fetch(
        con,
        "SELECT coalesce(s.case_no, v.case_no) AS case_no, visit_id, v.result_code AS subject "
        "FROM mart.spot_check s JOIN mart.visit v USING (visit_id) "
        "WHERE s.as_of = $1 AND coalesce(s.case_no, v.case_no) IS NOT NULL ORDER BY visit_id",
        [as_of],
    )


def visits_of(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> pl.DataFrame:
    """visit_id, result_code, found_date of the rows' visits."""
    return fetch(
        con,
        "SELECT visit_id, result_code, found_date FROM mart.visit SEMI JOIN wanted USING (visit_id) "
        "ORDER BY visit_id",
        wanted=rows.select("visit_id"),
    )
