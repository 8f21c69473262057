"""Which visit counts, and when: `mart.outcome` as a view over mart.visit and mart.visit_ruling (ADR 22).

A *claim* is what was said: list line, code and day of visit. Copies that claim the same are one. Two claims
of one line contradict each other if they name one day and different codes, or if one found need and the other
none; from the day this is known neither counts, until a person rules. A ruling on one visit holds for all
that claim the same, those of a late copy too.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from zhaoren.yaml_lines import load_yaml

# Of two claims a and b of one line: whether only one of them can be right.
CONTRADICTS = (
    "((a.found_date IS NOT DISTINCT FROM b.found_date AND a.result_code <> b.result_code) "
    "OR a.found_need <> b.found_need)"
)
# That two claims are one.
SAME_CLAIM = (
    "a.list_id = b.list_id AND a.result_code = b.result_code "
    "AND a.found_date IS NOT DISTINCT FROM b.found_date"
)


@cache
def found_need() -> str:
    """Whether a result code says that need was found: true, false, or null where a visit cannot tell."""
    entries = load_yaml(Path(str(files("policies") / "result_codes.yaml"))).data["result_codes"]
    of = {answer: [e["code"] for e in entries if e["is_verified_need"] is answer] for answer in (True, False)}
    listed = {answer: ", ".join(f"'{code}'" for code in codes) for answer, codes in of.items()}
    some, none = (f"WHEN result_code IN ({listed[answer]}) THEN {answer}" for answer in (True, False))
    return f"CASE {some} {none} END"


def named() -> str:
    """Every visit with the line it answers (list_id) and whether it found need (found_need)."""
    list_id = "coalesce(alert_id, case_no, visit_id) AS list_id"
    return f"SELECT *, {list_id}, {found_need()} AS found_need FROM mart.visit"


# Every ruling with the claim it is about; of several on one claim the one decided last holds.
RULED = (
    "SELECT n.list_id, n.result_code, n.found_date, r.does_count, r.effective_date, r.decided_by, "
    "(coalesce(r.decided_at, r.effective_date::TIMESTAMP), r.ruling_no, r.visit_id) AS place "
    "FROM mart.visit_ruling r JOIN named n USING (visit_id)"
)


def outcome_view() -> str:
    """The query of mart.outcome: one row per visit and span of days in which it counts.

    A line with one visit and no ruling, which is nearly every one, goes past all reckoning.
    """
    return f"""
WITH named AS ({named()}),
ruled AS ({RULED}),
disputed AS (
  SELECT list_id FROM named LEFT JOIN (SELECT DISTINCT visit_id, true AS is_ruled FROM mart.visit_ruling)
  USING (visit_id) GROUP BY list_id HAVING count(*) > 1 OR bool_or(is_ruled)),
open_visit AS (SELECT * FROM named SEMI JOIN disputed USING (list_id)),
claim AS (
  SELECT list_id, result_code, found_date, any_value(found_need) AS found_need, min(known_date) AS since_date
  FROM open_visit GROUP BY ALL),
turn AS (
  SELECT list_id, known_date AS day FROM open_visit UNION SELECT list_id, effective_date FROM ruled),
opinion AS (
  SELECT a.list_id, a.result_code, a.found_date, a.found_need, t.day, arg_max(b.does_count, b.place) AS ruling
  FROM claim a JOIN turn t ON t.list_id = a.list_id AND t.day >= a.since_date
  LEFT JOIN ruled b ON {SAME_CLAIM} AND b.effective_date <= t.day GROUP BY ALL),
contested AS (
  SELECT DISTINCT a.list_id, a.result_code, a.found_date, a.day FROM opinion a JOIN opinion b
  ON a.list_id = b.list_id AND a.day = b.day AND coalesce(b.ruling, true) AND {CONTRADICTS}),
standing AS (
  SELECT a.*, coalesce(a.ruling, b.day IS NULL) AS does_count
  FROM opinion a LEFT JOIN contested b ON {SAME_CLAIM} AND a.day = b.day),
told AS (
  SELECT v.*, a.day, a.does_count
    AND row_number() OVER (
      PARTITION BY v.list_id, v.result_code, v.found_date, v.benefit_id, a.day
      ORDER BY v.known_date, v.visit_id) = 1
    AND (v.benefit_id IS NOT NULL
      OR count(v.benefit_id) OVER (PARTITION BY v.list_id, v.result_code, v.found_date, a.day) = 0)
    AS is_counted
  FROM open_visit v JOIN standing a ON a.list_id = v.list_id AND a.result_code = v.result_code
    AND a.found_date IS NOT DISTINCT FROM v.found_date AND a.day >= v.known_date),
changed AS (
  SELECT * FROM told
  QUALIFY is_counted IS DISTINCT FROM lag(is_counted, 1, false) OVER (PARTITION BY visit_id ORDER BY day)),
span AS (SELECT *, lead(day) OVER (PARTITION BY visit_id ORDER BY day) AS end_date FROM changed)
SELECT alert_id, result_code, found_date, benefit_id, known_date, feedback_sha256,
  NULL::DATE AS withdrawn_date, visit_id FROM named ANTI JOIN disputed USING (list_id)
UNION ALL
SELECT alert_id, result_code, found_date, benefit_id, day, feedback_sha256, end_date, visit_id
FROM span WHERE is_counted"""
