"""That a report about a child was made, to whom and when: `ops.child_report`. Nothing about the child."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from warehouse.database.connection import transaction


def add_report(
    con: duckdb.DuckDBPyConnection, town_code: str, told: Sequence[str], at: datetime, by: str
) -> str:
    """Register a report; returns its number, the day and a count from 1."""
    day = f"{at:%Y%m%d}"
    with transaction(con):
        row = con.execute(
            "INSERT INTO ops.child_report BY NAME SELECT $1 || '-' || (SELECT count(*) + 1 "
            "FROM ops.child_report WHERE starts_with(report_no, $1)) AS report_no, "
            "$2 AS town_code, $3 AS reported_at, "
            "$4::VARCHAR[] AS reported_to, $5 AS reported_by RETURNING report_no",
            [day, town_code, at, list(told), by],
        ).fetchone()
    return str(row[0]) if row else ""
