"""What several metrics' queries begin with: what was known by the day, and the dates of each episode.

An episode of a case begins when it is issued (or found by somebody) and ends before it is issued again. A
matter belongs to the episode that had begun by its day, and to the first one if it is older than that.
"""

from __future__ import annotations

KNOWN = """known AS (
  SELECT e.*, c.town_code FROM mart.case_event e JOIN mart.case c USING (case_no), asked
  WHERE c.queue = 'need' AND e.known_date <= asked.day AND e.event_date <= asked.last_date)"""

# Which visits count on the day is mart.outcome's to say (ADR 22); one whose day nobody wrote counts from when
# it came.
VISITS = """visit AS (
  SELECT o.visit_id, o.alert_id, o.result_code, coalesce(o.found_date, v.known_date) AS found_date,
         v.case_no, c.town_code, n.result_code IS NOT NULL AS is_need
  FROM mart.outcome o JOIN mart.visit v USING (visit_id) JOIN mart.case c USING (case_no)
  LEFT JOIN need_code n ON n.result_code = o.result_code, asked
  WHERE c.queue = 'need' AND coalesce(o.found_date, v.known_date) <= asked.last_date
    AND o.known_date <= asked.day AND (o.withdrawn_date IS NULL OR o.withdrawn_date > asked.day)
    AND o.result_code NOT IN (FROM no_visit_code))"""

STEPS = """step AS (
  SELECT s.*, c.town_code FROM mart.step s JOIN mart.case c USING (case_no), asked
  WHERE c.queue = 'need' AND s.known_date <= asked.day AND s.event_date <= asked.last_date)"""

# One row per matter: the last thing known of it.
MATTERS = """matter AS (
  SELECT step_id, any_value(case_no) AS case_no, any_value(town_code) AS town_code,
         any_value(kind_code) AS kind_code, any_value(subject) AS subject,
         last(event_code ORDER BY step_no) AS event_code, last(due_date ORDER BY step_no) AS due_date
  FROM step GROUP BY step_id)"""

_BEGUN = """begun AS (
  SELECT case_no, town_code, episode_no, min(event_date) AS begun_date,
         min(event_date) FILTER (event_code = 'issue') AS issued_date,
         min(event_date) FILTER (event_code = 'reach') AS reached_date
  FROM known GROUP BY ALL)"""

_DATED = """visited AS (
  SELECT v.case_no, coalesce(b.episode_no, 1) AS episode_no, min(found_date) AS visited_date,
         min(found_date) FILTER (is_need) AS confirmed_date
  FROM visit v ASOF LEFT JOIN begun b ON v.case_no = b.case_no AND v.found_date >= b.begun_date GROUP BY ALL),
applied AS (
  SELECT s.case_no, coalesce(b.episode_no, 1) AS episode_no,
         min(event_date) FILTER (event_code = 'submitted') AS applied_date,
         min(event_date) FILTER (event_code = 'paid') AS paid_date
  FROM (FROM step WHERE kind_code = 'application') s
  ASOF LEFT JOIN begun b ON s.case_no = b.case_no AND s.event_date >= b.begun_date GROUP BY ALL)"""

_LIFE = """life AS (
  SELECT *, least(reached_date, visited_date) AS contacted_date
  FROM begun LEFT JOIN visited USING (case_no, episode_no) LEFT JOIN applied USING (case_no, episode_no))"""

LIFE = ",\n".join((KNOWN, VISITS, STEPS, _BEGUN, _DATED, _LIFE))

# One row per case: how it stands on last_date.
STANDS = (
    KNOWN
    + """,
stands AS (
  SELECT case_no, any_value(town_code) AS town_code, last(to_state ORDER BY event_no) AS state,
         last(held_by ORDER BY event_no) AS held_by, last(due_date ORDER BY event_no) AS due_date
  FROM known GROUP BY case_no)"""
)
IN_MONTHS = "BETWEEN asked.first_date AND asked.last_date"
