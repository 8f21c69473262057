"""Families that stations named themselves, beside as many lines of their lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.deliveries.outcomes import IN_FORCE

_CASE = "substr({0}, 10, length({0}) - 11)"
_IN_QUARTER = "date_trunc('quarter', {0})::DATE"
# $1 known by, $2 the first day, $3 result codes that tell, $4 families of a station and quarter, $5 days.
DUEL = f"""WITH seen AS (
  SELECT v.case_no, o.alert_id, v.found_by, o.result_code, o.found_date, o.visit_id
  FROM mart.outcome o JOIN mart.visit v USING (visit_id) WHERE {IN_FORCE}),
named AS (
  SELECT {_IN_QUARTER.format("s.found_date")} AS quarter, c.town_code, s.case_no, min(s.found_date) AS began,
    arg_min(result_code, (found_date, visit_id)) FILTER (list_contains($3, result_code)) AS result_code
  FROM seen s JOIN mart.case c USING (case_no)
  WHERE s.found_by = 'nominated' AND s.found_date >= $2 AND c.town_code IS NOT NULL
  GROUP BY 1, c.town_code, s.case_no),
nominated AS (
  FROM named QUALIFY row_number() OVER (PARTITION BY quarter, town_code ORDER BY began, case_no) <= $4),
asked AS (SELECT quarter, town_code, count(*) AS line_cnt FROM nominated GROUP BY ALL),
line AS (
  SELECT {_IN_QUARTER.format("as_of")} AS quarter, town_code, {_CASE.format("alert_id")} AS case_id,
    min(as_of) AS as_of, min(list_rank) AS list_rank
  FROM mart.alert WHERE queue = 'need' AND is_listed AND draw_band = 'certain' AND as_of BETWEEN $2 AND $1
  GROUP BY ALL),
first AS (
  SELECT *, row_number() OVER (PARTITION BY quarter, town_code ORDER BY list_rank, as_of, case_id) AS place
  FROM line),
listed AS (SELECT first.* FROM first JOIN asked USING (quarter, town_code) WHERE place <= line_cnt)
SELECT quarter, town_code, 'nominated' AS side, result_code FROM nominated
UNION ALL
SELECT l.quarter, l.town_code, 'listed', arg_min(s.result_code, (s.found_date, s.visit_id))
FROM listed l LEFT JOIN seen s ON {_CASE.format("s.alert_id")} = l.case_id AND right(s.alert_id, 2) = '-N'
  AND list_contains($3, s.result_code) AND s.found_date >= l.as_of AND s.found_date < l.as_of + $5::INTEGER
GROUP BY l.quarter, l.town_code, l.case_id
ORDER BY ALL"""


def duel_rows(
    con: duckdb.DuckDBPyConnection, known_by: date, since: date, codes: Sequence[str], *, most: int, days: int
) -> pl.DataFrame:
    """quarter (its first day), town_code, side (nominated, listed), result_code: one row per family.

    Of each station and quarter the first `most` families it named, and as many of its list, first in order.
    result_code: the first of `codes` that a visit found (for the listed within `days`); null where none did.
    """
    return fetch(con, DUEL, [known_by, since, list(codes), most, days])


def nominated_by(con: duckdb.DuckDBPyConnection, as_of: date, since: date) -> pl.DataFrame:
    """household_id of the families that a station named from `since` up to the date, as known on it."""
    sql = (
        "SELECT DISTINCT c.household_id FROM mart.visit v JOIN mart.case c USING (case_no) "
        "WHERE v.found_by = 'nominated' AND v.known_date <= $1 AND v.found_date >= $2 "
        "AND c.household_id IS NOT NULL ORDER BY 1"
    )
    return fetch(con, sql, [as_of, since])
