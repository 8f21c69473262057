"""Where the lines of lists lie."""

from __future__ import annotations

import duckdb
import polars as pl

from warehouse.database.connection import fetch


def towns_of_lines(con: duckdb.DuckDBPyConnection, lines: pl.Series) -> pl.DataFrame:
    """list_id, town_code of each line that is an alert's or a case's."""
    wanted = pl.DataFrame({"list_id": lines.cast(pl.String).unique()})
    return fetch(
        con,
        "SELECT list_id, coalesce(a.town_code, c.town_code) AS town_code FROM wanted w "
        "LEFT JOIN (SELECT DISTINCT alert_id, town_code FROM mart.alert) a ON a.alert_id = w.list_id "
        "LEFT JOIN mart.case c ON c.case_no = w.list_id ORDER BY ALL",
        None,
        wanted=wanted,
    )
