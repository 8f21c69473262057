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

# What is paid counts with the gap that the last evaluation before had found: yuan a month that the family did
# not get until then. Where that one could not tell, with the sum that the evaluation of the day reckons on
# which the roll shows it. A benefit of persons is that of all the household's persons.
PAID = f"""WITH {LIFE},
paid AS (
  SELECT s.case_no, s.town_code, c.household_id, s.subject AS benefit_id, min(s.event_date) AS paid_date,
         min(s.known_date) AS seen_date
  FROM step s JOIN mart.case c USING (case_no), asked
  WHERE s.kind_code = 'application' AND s.event_code = 'paid' GROUP BY ALL
  HAVING paid_date BETWEEN any_value(asked.first_date) AND any_value(asked.last_date)),
answer AS (
  SELECT household_id, benefit_id, as_of, sum(gap_yuan_month) AS gap, sum(amount_yuan_month) AS amount
  FROM mart.entitlement SEMI JOIN paid USING (household_id, benefit_id) GROUP BY ALL),
gap AS (
  SELECT p.case_no, p.benefit_id, p.town_code, coalesce(
    arg_max(a.gap, a.as_of) FILTER (a.gap > 0 AND a.as_of < p.seen_date),
    arg_max(a.amount, a.as_of) FILTER (a.as_of = p.seen_date)) AS gap_yuan_month
  FROM paid p LEFT JOIN answer a USING (household_id, benefit_id) GROUP BY ALL)
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
