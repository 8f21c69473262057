"""From alert to payment: how many families came so far in the months, how long it took, and the yuan."""

from __future__ import annotations

from warehouse.reports.metric import Metric
from warehouse.reports.parts import IN_MONTHS, LIFE

# Stage of an episode -> its words. The day of each is the first such day of the episode.
STAGES = {
    "issued": "签发预警",
    "contacted": "联系上",
    "visited": "上门走访",
    "confirmed": "确认有困难",
    "applied": "提交申请",
    "paid": "见到发放",
}
_PAIRS = tuple(zip(STAGES, list(STAGES)[1:], strict=False))


def _in_months(stage: str) -> Metric:
    query = f"WITH {LIFE}\nSELECT town_code, '' AS part, count(*) AS value FROM life, asked\n"
    query += f"WHERE {stage}_date {IN_MONTHS} GROUP BY ALL"
    return Metric(name=stage, zh=STAGES[stage], unit="户次", query=query)


def _days(before: str, after: str) -> Metric:
    query = (
        f"WITH {LIFE}\nSELECT town_code, '' AS part, {after}_date - {before}_date AS value FROM life, asked\n"
    )
    query += f"WHERE {after}_date {IN_MONTHS} AND {after}_date >= {before}_date"
    zh = f"{STAGES[before]}到{STAGES[after]}（中位天数）"
    return Metric(name=f"days_{before}_{after}", zh=zh, unit="天", query=query, kind="median")


# Of the episodes issued in the months, as known on the day: each stage counts who came so far, whenever.
_COHORT = f"""WITH {LIFE},
cohort AS (SELECT * FROM life, asked WHERE issued_date {IN_MONTHS})
""" + "\nUNION ALL\n".join(
    f"SELECT town_code, '{stage}' AS part, count(*) FILTER ({stage}_date IS NOT NULL) AS value "
    "FROM cohort GROUP BY town_code"
    for stage in STAGES
)

# What is paid counts with the gap that the evaluation of the alert's date had found: yuan a month that the
# family did not get before. The gap of a benefit of persons is that of all the household's persons.
PAID = f"""WITH {LIFE},
paid AS (
  SELECT s.case_no, s.town_code, c.household_id, s.subject AS benefit_id, min(s.event_date) AS paid_date
  FROM step s JOIN mart.case c USING (case_no), asked
  WHERE s.kind_code = 'application' AND s.event_code = 'paid' GROUP BY ALL
  HAVING paid_date BETWEEN any_value(asked.first_date) AND any_value(asked.last_date)),
named AS (
  SELECT p.*, max(a.as_of) AS as_of FROM paid p
  LEFT JOIN mart.alert a ON a.household_id = p.household_id AND a.queue = 'need' AND a.as_of <= p.paid_date
    AND list_contains(string_split(a.benefit_ids, ','), p.benefit_id) GROUP BY ALL),
gap AS (
  SELECT n.case_no, n.benefit_id, n.town_code, sum(e.gap_yuan_month) AS gap_yuan_month FROM named n
  LEFT JOIN mart.entitlement e ON e.as_of = n.as_of AND e.household_id = n.household_id
    AND e.benefit_id = n.benefit_id GROUP BY ALL)
"""

FUNNEL = (
    *map(_in_months, STAGES),
    Metric(
        name="yuan_reached",
        zh="新落实的待遇",
        unit="元/月",
        group="paid",
        query=PAID + "SELECT town_code, '' AS part, sum(gap_yuan_month) AS value FROM gap GROUP BY town_code",
    ),
    Metric(
        name="paid_without_sum",
        zh="见到发放、金额不详的待遇",
        unit="项",
        group="paid",
        query=PAID + "SELECT town_code, '' AS part, count(*) AS value FROM gap WHERE gap_yuan_month IS NULL "
        "GROUP BY town_code",
    ),
    *(_days(before, after) for before, after in _PAIRS),
    Metric(name="of_issued", zh="本期签发的预警走到哪一步", unit="户次", query=_COHORT, stays=True),
)
