"""Second looks at visits of the months: what was reported, what the second look said, its chance."""

from __future__ import annotations

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.reports.parts import IN_MONTHS, STEPS
from warehouse.reports.registry import Asked

# A second look that differs is one that found need where none was reported, or none where need was.
SPOT_CHECKS = f"""WITH {STEPS},
answer AS (
  SELECT visit_id, last(event_code ORDER BY event_date, step_no) AS event_code FROM step
  WHERE kind_code = 'spot_check' AND event_code IN ('confirmed', 'changed') GROUP BY visit_id)
SELECT c.town_code, s.stratum, s.share, v.result_code IN (FROM need_code) AS is_reported,
       CASE a.event_code WHEN 'confirmed' THEN v.result_code IN (FROM need_code)
                         WHEN 'changed' THEN v.result_code NOT IN (FROM need_code) END AS is_true
FROM mart.spot_check s JOIN mart.visit v USING (visit_id) JOIN mart.case c ON c.case_no = v.case_no
LEFT JOIN answer a USING (visit_id), asked
WHERE s.as_of {IN_MONTHS} AND s.as_of <= asked.day"""


def second_looks(con: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """town_code, stratum, share, is_reported, is_true: one row per visit drawn in the months.

    share: the chance it had of being drawn. is_reported: the visit found need. is_true: the second look did;
    null as long as it is not answered.
    """
    return fetch(con, f"SELECT * FROM ({SPOT_CHECKS}) ORDER BY ALL", None, **asked.frames())
