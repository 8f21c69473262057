"""What stations did and what waits: cases found, overdue, not reached, key persons, referrals, activities."""

from __future__ import annotations

from warehouse.reports.metric import Metric
from warehouse.reports.parts import IN_MONTHS, MATTERS, STANDS, STEPS, VISITS

_OPEN = "state IN (SELECT state FROM open_state)"

CASES = (
    Metric(
        name="watched",
        none_is_unknown=True,
        zh="期末监测人数",
        unit="人",
        is_stock=True,
        query="SELECT left(village_code, 9) AS town_code, '' AS part, count(*) AS value FROM panel.person "
        f"WHERE as_of = (SELECT max(d.as_of) FROM ops.kept_date d, asked WHERE d.as_of {IN_MONTHS} "
        "AND d.table_name = 'panel.person' AND d.as_of <= asked.day) GROUP BY ALL",
    ),
    Metric(
        name="found",
        zh="主动发现立案",
        unit="户",
        query="SELECT town_code, '' AS part, count(*) AS value FROM mart.case, asked WHERE queue = 'need' "
        f"AND source_code NOT IN ('alert', 'audit') AND opened_date {IN_MONTHS} GROUP BY town_code",
    ),
    Metric(
        name="result",
        has_total=True,
        zh="走访结果",
        unit="次",
        stays=True,
        query=f"WITH {VISITS}\nSELECT town_code, result_code AS part, count(DISTINCT (case_no, found_date)) "
        f"AS value FROM visit, asked WHERE found_date {IN_MONTHS} GROUP BY ALL",
    ),
    Metric(
        name="tries",
        has_total=True,
        zh="联系次数",
        unit="次",
        query="SELECT town_code, contact_result AS part, count(*) AS value FROM mart.contact "
        f"JOIN mart.case USING (case_no), asked WHERE queue = 'need' AND contact_date {IN_MONTHS} "
        "AND known_date <= asked.day GROUP BY ALL",
        stays=True,
    ),
    Metric(
        name="open_cases",
        zh="期末未办结",
        unit="户",
        is_stock=True,
        query=f"WITH {STANDS}\nSELECT town_code, '' AS part, count(*) AS value FROM stands WHERE {_OPEN} "
        "AND state <> 'issued' GROUP BY town_code",
    ),
    Metric(
        name="not_reached",
        zh="期末未联系上",
        unit="户",
        is_stock=True,
        query=f"WITH {STANDS}\nSELECT town_code, '' AS part, count(*) AS value FROM stands "
        "WHERE state = 'not_reached' GROUP BY town_code",
    ),
    Metric(
        name="overdue",
        has_total=True,
        zh="期末超过期限",
        unit="户",
        is_stock=True,
        query=f"WITH {STANDS}\nSELECT town_code, coalesce(held_by, 'town') AS part, count(*) AS value "
        f"FROM stands, asked WHERE {_OPEN} AND due_date < asked.last_date GROUP BY ALL",
    ),
    Metric(
        name="waiting",
        none_is_unknown=True,
        zh="期末排队等人手",
        unit="户",
        is_stock=True,
        query="SELECT town_code, '' AS part, waiting_cnt AS value FROM mart.station, asked WHERE as_of = "
        f"(SELECT max(as_of) FROM mart.station, asked WHERE as_of {IN_MONTHS} AND as_of <= asked.day)",
    ),
)

# A line of the month's plan is done with a visit, excused with a reason, or open.
_KEY = """WITH answered AS (
  SELECT as_of, person_id, bool_or(visited_date IS NOT NULL) AS is_done FROM mart.key_visit, asked
  WHERE known_date <= asked.day GROUP BY ALL),
line AS (
  SELECT k.town_code,
         CASE WHEN a.is_done THEN 'done' WHEN a.is_done IS NULL THEN 'open' ELSE 'excused' END AS part
  FROM mart.key_person k LEFT JOIN answered a USING (as_of, person_id), asked
  WHERE k.as_of BETWEEN asked.first_date AND asked.last_date AND k.as_of <= asked.day)
"""

KEY_PERSONS = (
    Metric(
        name="key_due",
        zh="重点人员应访",
        unit="人次",
        group="key",
        query=_KEY + "SELECT town_code, '' AS part, count(*) AS value FROM line GROUP BY town_code",
    ),
    Metric(
        name="key",
        zh="其中",
        unit="人次",
        group="key",
        query=_KEY + "SELECT town_code, part, count(*) AS value FROM line GROUP BY ALL",
    ),
)

_REFERRAL = "kind_code = 'referral'"
STEPS_OF_MONTHS = (
    Metric(
        name="referral",
        zh="转介",
        unit="件",
        query=f"WITH {STEPS}\nSELECT town_code, event_code AS part, count(*) AS value FROM step, asked "
        f"WHERE {_REFERRAL} AND event_date {IN_MONTHS} GROUP BY ALL",
    ),
    Metric(
        name="referral_silent",
        zh="期末转介过期未答复",
        unit="件",
        is_stock=True,
        query=f"WITH {STEPS},\n{MATTERS}\nSELECT town_code, '' AS part, count(*) AS value FROM matter, asked "
        f"WHERE {_REFERRAL} AND event_code IN ('sent', 'accepted') AND due_date < asked.last_date "
        "GROUP BY town_code",
    ),
    Metric(
        name="satisfaction",
        has_total=True,
        zh="满意度",
        unit="次",
        query=f"WITH {STEPS}\nSELECT town_code, event_code AS part, count(*) AS value FROM step, asked "
        f"WHERE kind_code = 'satisfaction' AND event_date {IN_MONTHS} GROUP BY ALL",
    ),
    Metric(
        name="doorstep_error",
        has_total=True,
        zh="上门发现数据不对",
        unit="条",
        query=f"WITH {STEPS}\nSELECT town_code, split_part(subject, '.', 1) AS part, count(*) AS value "
        f"FROM step, asked WHERE kind_code = 'objection' AND event_code = 'raised' "
        f"AND event_date {IN_MONTHS} GROUP BY ALL",
    ),
)

# Of the visits of the months that answer an alert: which signs had called for them, and what was found.
_TOLD = f"""WITH {VISITS},
told AS (
  SELECT DISTINCT v.town_code, v.case_no, v.found_date, v.is_need,
         unnest(string_split(a.signal_ids, ',')) AS signal_id
  FROM visit v JOIN mart.alert a ON a.alert_id = v.alert_id, asked WHERE v.found_date {IN_MONTHS})
"""


def _yield(name: str, zh: str, condition: str, by_department: bool) -> Metric:
    part, join, by = "signal_id", "", "signal"
    if by_department:
        part, join, by = "department", " JOIN signal_department USING (signal_id)", "department"
    query = f"{_TOLD}SELECT town_code, {part} AS part, count(DISTINCT (case_no, found_date)) AS value "
    query += f"FROM told{join} WHERE {condition} AND {part} <> '' GROUP BY ALL"
    return Metric(name=name, zh=zh, unit="次", query=query, group=f"yield_{by}")


YIELD = (
    _yield("signal_visited", "按信号：走访", "true", by_department=False),
    _yield("signal_confirmed", "按信号：确认有困难", "is_need", by_department=False),
    _yield("department_visited", "按数据来源部门：走访", "true", by_department=True),
    _yield("department_confirmed", "按数据来源部门：确认有困难", "is_need", by_department=True),
)

_SERVED = f"FROM mart.activity, asked WHERE service_date {IN_MONTHS} AND known_date <= asked.day GROUP BY ALL"


def _activity(name: str, zh: str, unit: str, part: str, value: str) -> Metric:
    query = f"SELECT town_code, {part} AS part, {value} AS value {_SERVED}"
    return Metric(name=name, zh=zh, unit=unit, query=query, is_private=False, has_total=True)


ACTIVITIES = (
    _activity("service", "服务记录", "次", "service_code", "count(*)"),
    _activity("served", "服务人次", "人次", "service_code", "sum(person_cnt)"),
    _activity("form", "按形式", "次", "form_code", "count(*)"),
    _activity("volunteers", "志愿者", "人次", "''", "sum(volunteer_cnt)"),
    _activity("resources", "链接资源", "元", "''", "sum(resource_yuan)"),
)
