"""What the visits found, in `mart.outcome`."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from data_contracts.registry.tables import schema
from warehouse.database.connection import fetch, run, transaction


def feedback_taken(con: duckdb.DuckDBPyConnection, sha256: str) -> bool:
    """Whether the file of that hash was already taken."""
    return con.execute("SELECT 1 FROM ops.feedback_file WHERE sha256 = ?", [sha256]).fetchone() is not None


def known_alerts(con: duckdb.DuckDBPyConnection, alert_ids: pl.Series) -> pl.DataFrame:
    """Those of the case numbers that were really handed out; one column alert_id."""
    wanted = pl.DataFrame({"alert_id": alert_ids}, schema={"alert_id": pl.String})
    return fetch(
        con, "SELECT DISTINCT alert_id FROM mart.alert SEMI JOIN wanted USING (alert_id)", wanted=wanted
    )


def store_outcomes(
    con: duckdb.DuckDBPyConnection,
    rows: pl.DataFrame,
    *,
    sha256: str,
    file_name: str,
    received: date,
    problem_cnt: int,
) -> None:
    """Store one file's outcomes and that it was taken, in one commit.

    rows: mart.outcome's columns but for those that the file itself gives.
    """
    of_a_line = [name for name in schema("mart.outcome") if name in rows.columns]
    with transaction(con):
        run(
            con,
            "INSERT INTO mart.outcome BY NAME SELECT *, ? AS known_date, ? AS feedback_sha256 FROM part",
            [received, sha256],
            part=rows.select(of_a_line),
        )
        record_file(
            con,
            sha256=sha256,
            file_name=file_name,
            received=received,
            taken_cnt=rows.height,
            problem_cnt=problem_cnt,
        )


def record_file(
    con: duckdb.DuckDBPyConnection,
    *,
    sha256: str,
    file_name: str,
    received: date,
    taken_cnt: int,
    problem_cnt: int,
) -> None:
    """Note that a file that came back was taken; the caller holds the transaction."""
    con.execute(
        "INSERT INTO ops.feedback_file (sha256, file_name, received_date, rows_read, rows_taken, "
        "problem_cnt) VALUES (?, ?, ?, ?, ?, ?)",
        [sha256, file_name, received, taken_cnt + problem_cnt, taken_cnt, problem_cnt],
    )
