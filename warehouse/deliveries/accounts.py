"""The accounts a run gives of itself, as frames: deliveries, faults, repairs, staleness, signals."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch

QUERIES = {
    "deliveries": """
        SELECT department, extract, file_name, known_date, status, rows_read, rows_loaded, rows_quarantined,
               rows_duplicate
        FROM ops.delivery WHERE known_date = $1 ORDER BY department, extract, file_name""",
    "checks": """
        SELECT d.department, d.extract, c.rule_id, c.level, c.failing_cnt
        FROM ops.check_result c JOIN ops.delivery d USING (delivery_id)
        WHERE d.known_date = $1 AND NOT c.passed ORDER BY ALL""",
    "quarantine": """
        SELECT d.department, d.extract, q.rule_id, any_value(q.reason ORDER BY q.reason) AS reason_zh,
               count(*) AS row_cnt
        FROM ops.quarantine q JOIN ops.delivery d USING (delivery_id)
        WHERE d.known_date = $1 GROUP BY 1, 2, 3 ORDER BY row_cnt DESC, rule_id""",
    "repairs": """
        SELECT d.extract, r.kind, count(*) AS row_cnt
        FROM ops.repair r JOIN ops.delivery d USING (delivery_id)
        WHERE d.known_date = $1 GROUP BY 1, 2 ORDER BY row_cnt DESC, 1, 2""",
    "reading": """
        SELECT d.department, d.extract, d.file_name, n.code, n.cnt, n.place
        FROM ops.reading_note n JOIN ops.delivery d USING (delivery_id)
        WHERE d.known_date = $1 ORDER BY ALL""",
    "sources": """
        SELECT department, extract, last_known_date AS data_date, days_old, is_stale
        FROM mart.staleness WHERE as_of = $1 ORDER BY ALL""",
    "no_town": """
        SELECT count(*) AS household_cnt, count(*) FILTER (a.household_id IS NOT NULL) AS alert_cnt
        FROM panel.household h
        LEFT JOIN (SELECT DISTINCT household_id FROM mart.alert WHERE as_of = $1 AND queue = 'need') a
        USING (household_id) WHERE h.as_of = $1 AND h.town_code IS NULL""",
    "signals": """
        SELECT signal_id, queue, count(*) FILTER (state = 'yes') AS yes_cnt
        FROM mart.signal WHERE as_of = $1 GROUP BY ALL ORDER BY ALL""",
}


def account(con: duckdb.DuckDBPyConnection, name: str, as_of: date) -> pl.DataFrame:
    """One of QUERIES for one date."""
    return fetch(con, QUERIES[name], [as_of])
