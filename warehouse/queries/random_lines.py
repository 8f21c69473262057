"""The lines of lists with the chance they had, what answered them, and what they were drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.deliveries.outcomes import IN_FORCE

# An alert's id is date-case-queue, as in 20260305-H1-N. A household drawn again while open has a line on
# each list: what its visit found is the answer of both.
_CASE = "substr({0}, 10, length({0}) - 11)"
# $1 known by, $2 the last list date, $3 result codes that tell, $4 days.
LINES = f"""WITH line AS (
  SELECT alert_id, as_of, town_code, draw_band, draw_chance, score,
    {_CASE.format("alert_id")} AS case_id
  FROM mart.alert WHERE queue = 'need' AND is_listed AND draw_band IS NOT NULL AND as_of <= $2),
found AS (
  SELECT {_CASE.format("o.alert_id")} AS case_id, o.result_code, o.found_date, o.visit_id
  FROM mart.outcome o WHERE {IN_FORCE}
    AND list_contains($3, o.result_code) AND right(o.alert_id, 2) = '-N'),
answer AS (
  SELECT l.alert_id, arg_min(f, (f.found_date, f.visit_id)) AS f
  FROM line l JOIN found f ON f.case_id = l.case_id
    AND f.found_date >= l.as_of AND f.found_date < l.as_of + $4::INTEGER
  GROUP BY l.alert_id),
tries AS (
  SELECT a.alert_id, count(*) AS try_cnt
  FROM answer a JOIN line l USING (alert_id) JOIN mart.visit v ON v.visit_id = a.f.visit_id
  JOIN mart.contact c ON c.case_no = v.case_no
    AND c.contact_date >= l.as_of AND c.contact_date <= a.f.found_date AND c.known_date <= $1
  GROUP BY a.alert_id)
SELECT l.as_of, l.town_code, l.draw_band, l.draw_chance, l.score,
  a.f.result_code AS result_code, t.try_cnt
FROM line l LEFT JOIN answer a USING (alert_id) LEFT JOIN tries t USING (alert_id)
ORDER BY l.alert_id"""


def lines_with_chances(
    con: duckdb.DuckDBPyConnection, known_by: date, until: date, codes: Sequence[str], days: int
) -> pl.DataFrame:
    """Lines up to `until`: as_of, town_code, draw_band, draw_chance, score, result_code, try_cnt.

    result_code: the first of `codes` that a visit found within `days` of the list, as known by the date;
    null where none did. try_cnt: how many tries to reach it were written down until that visit, the
    last included; null where none was.
    """
    return fetch(con, LINES, [known_by, until, list(codes), days])


def drawn_from(con: duckdb.DuckDBPyConnection, until: date) -> pl.DataFrame:
    """mart.draw of the lists up to `until`: how many households each band could be drawn from."""
    sql = "SELECT * FROM mart.draw WHERE as_of <= $1 ORDER BY as_of, town_code, draw_band"
    return fetch(con, sql, [until])
