"""Questions about what the checks found in deliveries: refused, noted, repaired and repeated rows."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.queries.deliveries import HAS_RECEIPT

_FAULT = "f.delivery_id, row_no, rule_id, column_name, f.reason AS reason_zh"
_FINDINGS = {
    "faults": f"SELECT {_FAULT} FROM ops.quarantine f",
    "noted": f"SELECT {_FAULT} FROM ops.noted_fault f",
    "repairs": "SELECT f.delivery_id, row_no, column_name, kind FROM ops.repair f",
    "duplicates": "SELECT f.delivery_id, row_no FROM ops.duplicate f",
    "reading": "SELECT f.delivery_id, code, cnt, place FROM ops.reading_note f",
    "results": "SELECT f.delivery_id, rule_id, passed, failing_cnt FROM ops.check_result f",
    "changes": "SELECT f.delivery_id, change, row_cnt FROM (SELECT delivery_id, change, count(*) AS row_cnt "
    "FROM ops.delivery_change GROUP BY ALL) f",
}
_OF_DAY = f" SEMI JOIN (SELECT delivery_id FROM ops.delivery WHERE {HAS_RECEIPT}) d USING (delivery_id)"


def findings_of_day(con: duckdb.DuckDBPyConnection, known: date) -> dict[str, pl.DataFrame]:
    """All that the checks found in the deliveries with a receipt of the day, each frame in a fixed order.

    faults, noted   delivery_id, row_no, rule_id, column_name, reason_zh (refused; loaded with a remark)
    repairs         delivery_id, row_no, column_name, kind
    duplicates      delivery_id, row_no
    reading         delivery_id, code, cnt, place (what the reader left out or doubts)
    results         delivery_id, rule_id, passed, failing_cnt (rules on the whole delivery)
    changes         delivery_id, change, row_cnt (against the delivery it corrects)
    """
    return {name: fetch(con, f"{query}{_OF_DAY} ORDER BY ALL", [known]) for name, query in _FINDINGS.items()}


def faulty_rows(con: duckdb.DuckDBPyConnection, delivery_id: str) -> pl.Series:
    """Numbers of a delivery's rows that were refused for a cell of theirs, in order.

    Rows that were refused only because the delivery was, as a whole, have no column and are left out.
    """
    rows = fetch(
        con,
        "SELECT DISTINCT row_no FROM ops.quarantine WHERE delivery_id = $1 AND column_name IS NOT NULL "
        "ORDER BY 1",
        [delivery_id],
    )
    return rows.get_column("row_no")


def refused_rows(con: duckdb.DuckDBPyConnection, but_for: str | None = None) -> pl.DataFrame:
    """delivery_id, row_no of every row ever refused, each once.

    `but_for`: a column whose faults alone do not count.
    """
    return fetch(
        con,
        "SELECT DISTINCT delivery_id, row_no FROM ops.quarantine "
        "WHERE $1 IS NULL OR column_name IS DISTINCT FROM $1",
        [but_for],
    )


def duplicate_rows(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """delivery_id, row_no of every row that was dropped as a repeat, each once."""
    return fetch(con, "SELECT DISTINCT delivery_id, row_no FROM ops.duplicate")


def noted_cells(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """delivery_id, row_no, column_name of every cell that was repaired or loaded with a remark, each once."""
    return fetch(
        con,
        "SELECT delivery_id, row_no, column_name FROM ops.repair "
        "UNION SELECT delivery_id, row_no, column_name FROM ops.noted_fault",
    )
