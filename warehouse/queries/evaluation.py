"""The evaluation of the rankings against a made-up province's truth, as kept in mart.evaluation."""

from __future__ import annotations

import duckdb
import polars as pl

from warehouse.database.connection import fetch, run, transaction


def newest_evaluation(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per ranking over all dates, the best last; empty when none was made.

    ranking, listed_cnt, hit_cnt, share_in_hardship, share_low, share_high (shares of the listed households).
    """
    return fetch(
        con,
        "SELECT ranking, listed_cnt, hit_cnt, share_in_hardship, share_low, share_high "
        "FROM mart.evaluation WHERE as_of = 'all' ORDER BY share_in_hardship",
    )


def replace_evaluation(con: duckdb.DuckDBPyConnection, found: pl.DataFrame) -> None:
    """Keep an evaluation in place of the one before, in one commit."""
    with transaction(con):
        con.execute("DELETE FROM mart.evaluation")
        run(con, "INSERT INTO mart.evaluation BY NAME SELECT * FROM found", found=found)
