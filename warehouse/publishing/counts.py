"""Ready counts of the published file, made from its own rows: no difference to them tells of fewer than k.

A count of nothing where rows do not show what is counted is empty, not 0.
"""

from __future__ import annotations

from collections.abc import Mapping


def _hides(*columns: str) -> str:
    tests = (f"list_contains(string_split(not_shown, ','), '{column}')" for column in columns)
    return f"coalesce(bool_or({' OR '.join(tests)}), false)"


def _known(count: str) -> str:
    """The count; empty where it is 0 and rows hide whether they belong to it."""
    return f"CASE WHEN {count} = 0 AND hides THEN NULL ELSE {count} END"


_COUNTED = {
    "receiving_cnt": "is_receiving",
    "missing_yes_cnt": "NOT is_receiving AND eligible = 'yes'",
    "missing_likely_cnt": "NOT is_receiving AND eligible IN ('likely', 'unknown_amount')",
    "undecided_cnt": "eligible = 'unknown'",
    "receiving_unknown_cnt": "is_receiving IS NULL AND NOT contains(not_shown, 'is_receiving') "
    "AND eligible IN ('yes', 'likely', 'unknown_amount')",
}
_COVERAGE = ", ".join(f"count(*) FILTER ({test}) AS {name}" for name, test in _COUNTED.items())

COUNTS: Mapping[str, str] = {
    "mart.found_by_place": f"""
SELECT as_of, city_code, place_name AS city_name, queue, "level", count(*) AS found_cnt,
  CASE WHEN {_hides("is_listed")} THEN NULL ELSE count(*) FILTER (is_listed) END AS listed_cnt,
  CASE WHEN {_hides("is_overflow_red")} THEN NULL ELSE count(*) FILTER (is_overflow_red) END AS
  overflow_red_cnt
FROM p.mart.alert LEFT JOIN (SELECT place_code, place_name FROM ref.place WHERE "level" = 'city') c
  ON c.place_code = city_code GROUP BY ALL ORDER BY ALL""",
    "mart.coverage": f"""
WITH answers AS (SELECT * FROM p.mart.entitlement),
dates AS (SELECT as_of FROM ops.kept_date WHERE table_name = 'mart.entitlement'),
benefits AS (SELECT * FROM ref.rule WHERE kind = 'benefit'),
found AS (
  SELECT as_of, benefit_id, {_COVERAGE}, {_hides("eligible", "is_receiving")} AS hides
  FROM answers GROUP BY ALL),
undated AS (SELECT DISTINCT benefit_id FROM answers WHERE as_of IS NULL),
nameless AS (SELECT count(*) > 0 AS any_ FROM answers WHERE benefit_id IS NULL),
whole AS (
  SELECT d.as_of, b.rule_id AS benefit_id, b.name_zh AS benefit_zh, b.is_receiving_known,
    {", ".join(f"coalesce({name}, 0) AS {name}" for name in _COUNTED)},
    coalesce(f.hides, false) OR u.benefit_id IS NOT NULL OR
      (n.any_ AND b.rule_id NOT IN (SELECT benefit_id FROM answers WHERE benefit_id IS NOT NULL)) AS hides
  FROM dates d CROSS JOIN benefits b CROSS JOIN nameless n
  LEFT JOIN found f ON f.as_of = d.as_of AND f.benefit_id = b.rule_id
  LEFT JOIN undated u ON u.benefit_id = b.rule_id)
SELECT as_of, benefit_id, benefit_zh, is_receiving_known,
  {", ".join(f"{_known(name)} AS {name}" for name in _COUNTED)}
FROM whole ORDER BY ALL""",
}
