"""Questions about deliveries: which came on a day, which files they were, what corrections changed."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.deliveries.account import Delivery

# Deliveries that came on the day, and those on which a person's decision took effect on it.
HAS_RECEIPT = (
    "(known_date = $1 OR delivery_id IN (SELECT delivery_id FROM ops.delivery_event "
    "WHERE effective_date = $1 AND decided_by <> 'rules' AND event IN ('released', 'rejected', 'withdrawn')))"
)


def deliveries_with_receipt(con: duckdb.DuckDBPyConnection, day: date) -> pl.DataFrame:
    """Every row of ops.delivery of which its department hears on the day, those that came on it first.

    That is whatever arrived, whatever became of it, and what a person released, rejected or withdrew; by
    department and file.
    """
    return fetch(
        con,
        f"SELECT * FROM ops.delivery WHERE {HAS_RECEIPT} "
        "ORDER BY known_date <> $1, department, file_name, delivery_id",
        [day],
    )


def is_on_record(con: duckdb.DuckDBPyConnection, known: date, name_hash: str) -> bool:
    """Whether a file of that folder and name, by their hash, came on the day."""
    found = con.execute(
        "SELECT 1 FROM ops.delivery WHERE known_date = ? AND name_hash = ? LIMIT 1", [known, name_hash]
    )
    return found.fetchone() is not None


def delivered_files(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Every delivery ever made: known_date, department, file_name, sha256, status (today's), delivery_id.

    By day, department and name; of one name on one day, the file in force first and a rejected one last.
    """
    return fetch(
        con,
        "SELECT known_date, department, file_name, sha256, status, delivery_id FROM ops.delivery "
        "ORDER BY known_date, department, file_name, "
        "list_position(['accepted', 'held', 'superseded', 'withdrawn', 'rejected'], status), delivery_id",
    )


def corrections_of_day(con: duckdb.DuckDBPyConnection, known: date) -> pl.DataFrame:
    """Deliveries of the day that changed an earlier one: receipts sent back, and whole files sent again.

    delivery_id, department, extract, period_month, file_name, kind, rows_loaded, added_cnt, removed_cnt,
    changed_cnt (rows, against the delivery corrected).
    """
    return fetch(con, _CORRECTIONS, [known])


_CORRECTIONS = """
SELECT d.delivery_id, d.department, d.extract, d.period_month, d.file_name, d.kind, d.rows_loaded,
       count(*) FILTER (change = 'added') AS added_cnt, count(*) FILTER (change = 'removed') AS removed_cnt,
       count(*) FILTER (change = 'changed') AS changed_cnt
FROM ops.delivery d LEFT JOIN ops.delivery_change c USING (delivery_id)
WHERE d.known_date = $1 AND (d.kind = 'mended' OR c.delivery_id IS NOT NULL)
GROUP BY ALL ORDER BY ALL
"""


def persons_of_rows(con: duckdb.DuckDBPyConnection, extract: str) -> pl.DataFrame:
    """Whom each loaded row of an extract was taken to be about: delivery_id, row_no, person_id.

    The ids are those of the loading; whom an id stands for on a day is in core._person_alias.
    """
    return fetch(con, f"SELECT delivery_id, row_no, person_id FROM core._{extract}")


def loaded_extracts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The "department.extract" of every delivery with rows in core."""
    rows = con.execute(
        "SELECT DISTINCT department || '.' || extract FROM ops.delivery WHERE rows_loaded > 0 ORDER BY 1"
    ).fetchall()
    return [row[0] for row in rows]


def accepted_ids(con: duckdb.DuckDBPyConnection, extract: str, known: date) -> list[str]:
    """Ids of the extract's deliveries that are accepted today and had arrived by the day."""
    rows = con.execute(
        "SELECT delivery_id FROM ops.delivery WHERE status = 'accepted' AND extract = ? AND known_date <= ? "
        "ORDER BY 1",
        [extract, known],
    ).fetchall()
    return [row[0] for row in rows]


def persons_known(con: duckdb.DuckDBPyConnection, extract: str, column: str, known: date) -> pl.Series:
    """Everybody whom a person column of an extract names, by the day: person_id, each once, in any order."""
    return fetch(
        con, f"SELECT DISTINCT {column} AS person_id FROM core.{extract} WHERE known_date <= $1", [known]
    ).get_column("person_id")


def is_first_of_month(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> bool:
    """Whether no other delivery of its extract, month and part is on record, whatever became of it."""
    found = con.execute(
        "SELECT 1 FROM ops.delivery WHERE department = ? AND extract = ? AND period_month = ? AND part = ? "
        "AND delivery_id <> ? LIMIT 1",
        [delivery.department, delivery.extract, delivery.period_month, delivery.part, delivery.delivery_id],
    )
    return found.fetchone() is None


def returned_files(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The hashes of all filled lists and answer sheets that were taken in."""
    return [row[0] for row in con.execute("SELECT sha256 FROM ops.feedback_file ORDER BY 1").fetchall()]
