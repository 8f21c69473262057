"""What the station's self-appraisal counts: whether families were followed up, never what was found there."""

from __future__ import annotations

from warehouse.reports.metric import Metric
from warehouse.reports.parts import IN_MONTHS, STEPS

# Every line of the months' lists, with the first day on which anybody tried to reach the family: whatever the
# visit's result, and whether or not it counts.
_LISTED = f"""WITH tried AS (
  SELECT alert_id, coalesce(found_date, known_date) AS day FROM mart.visit, asked
  WHERE known_date <= asked.day
  UNION ALL
  SELECT a.alert_id, t.contact_date FROM mart.contact t JOIN mart.case c USING (case_no)
  JOIN mart.alert a ON a.household_id = c.household_id AND a.queue = c.queue AND a.as_of <= t.contact_date
    AND t.contact_date < a.as_of + INTERVAL 1 MONTH, asked WHERE t.known_date <= asked.day),
line AS (
  SELECT a.alert_id, a.town_code, a.due_date, min(t.day) AS tried_date FROM mart.alert a
  LEFT JOIN tried t ON t.alert_id = a.alert_id, asked
  WHERE a.queue = 'need' AND a.is_listed AND a.as_of {IN_MONTHS} GROUP BY ALL)
"""
_VISITS = f"""WITH all_visits AS (
  SELECT v.case_no, v.visit_id, c.town_code, v.found_date, v.known_date FROM mart.visit v
  JOIN mart.case c USING (case_no), asked
  WHERE c.queue = 'need' AND v.known_date <= asked.day AND v.found_date {IN_MONTHS})
"""


def _count(name: str, zh: str, unit: str, head: str, of: str) -> Metric:
    query = f"{head}SELECT town_code, '' AS part, count(*) AS value FROM {of} GROUP BY town_code"
    return Metric(name=name, zh=zh, unit=unit, query=query, stays=True)


APPRAISED = (
    _count("listed", "名单户", "户次", _LISTED, "line"),
    _count("followed_up", "名单户有联系或走访记录", "户次", _LISTED, "line WHERE tried_date IS NOT NULL"),
    _count("in_time", "名单户在期限前联系或走访", "户次", _LISTED, "line WHERE tried_date <= due_date"),
    _count("visits_all", "走访记录", "次", _VISITS, "all_visits"),
    _count(
        "handed_in",
        "次月底前交回的走访记录",
        "次",
        _VISITS,
        "all_visits WHERE known_date <= last_day(found_date + INTERVAL 1 MONTH)",
    ),
    _count(
        "satisfaction_asked",
        "问过满意度的走访",
        "次",
        _VISITS.rstrip() + f",\n{STEPS}\n",
        "all_visits WHERE case_no IN (SELECT case_no FROM step WHERE kind_code = 'satisfaction')",
    ),
    Metric(
        name="key_answered",
        zh="重点人员已访或有原因",
        unit="人次",
        stays=True,
        query="SELECT town_code, '' AS part, count(*) AS value FROM mart.key_person k SEMI JOIN ("
        "SELECT as_of, person_id FROM mart.key_visit, asked WHERE known_date <= asked.day) v "
        f"ON v.as_of = k.as_of AND v.person_id = k.person_id, asked WHERE k.as_of {IN_MONTHS} "
        "AND k.as_of <= asked.day GROUP BY town_code",
    ),
    Metric(
        name="hands_known",
        zh="已录入人手的月份",
        unit="月",
        stays=True,
        query="SELECT town_code, '' AS part, count(*) AS value FROM mart.station, asked "
        f"WHERE staff_cnt IS NOT NULL AND as_of {IN_MONTHS} AND as_of <= asked.day GROUP BY town_code",
    ),
)
