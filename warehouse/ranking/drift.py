"""What a model's histograms looked like when it was trained, and what moved since, date by date."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch, run, transaction


def store_baseline(con: duckdb.DuckDBPyConnection, model_id: str, rows: pl.DataFrame) -> None:
    """Keep a model's histograms (column_name, bin_no, lower, cnt); those that are there already stay."""
    with transaction(con):
        run(
            con,
            "INSERT INTO ops.model_baseline BY NAME SELECT $1 AS model_id, * FROM part "
            "WHERE NOT EXISTS (SELECT 1 FROM ops.model_baseline WHERE model_id = $1)",
            [model_id],
            part=rows,
        )


def baseline_of(con: duckdb.DuckDBPyConnection, model_id: str) -> pl.DataFrame:
    """column_name, bin_no, lower, cnt of a model; empty where none were kept."""
    query = "SELECT column_name, bin_no, lower, cnt FROM ops.model_baseline WHERE model_id = $1 ORDER BY ALL"
    return fetch(con, query, [model_id])


def drift_at(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """The rows of ops.model_drift of the newest date up to this one that has any."""
    return fetch(
        con,
        "SELECT * FROM ops.model_drift WHERE as_of = (SELECT max(as_of) FROM ops.model_drift "
        "WHERE as_of <= $1) ORDER BY model_id, measure, column_name",
        [as_of],
    )
