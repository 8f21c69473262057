"""The tables that no contract and no fact declares, as DDL; made once, at the first opening."""

from __future__ import annotations

OPS = """
CREATE TABLE IF NOT EXISTS ops.run (
  run_id VARCHAR PRIMARY KEY, as_of DATE, fingerprint VARCHAR, started_at TIMESTAMP, finished_at TIMESTAMP,
  status VARCHAR);
CREATE TABLE IF NOT EXISTS ops.step (
  as_of DATE, step VARCHAR, fingerprint VARCHAR, finished_at TIMESTAMP, detail VARCHAR,
  PRIMARY KEY (as_of, step));
CREATE TABLE IF NOT EXISTS ops.delivery (
  delivery_id VARCHAR PRIMARY KEY, department VARCHAR, extract VARCHAR, file_name VARCHAR, sha256 VARCHAR,
  known_date DATE, status VARCHAR, rows_read BIGINT, rows_loaded BIGINT, rows_quarantined BIGINT,
  rows_duplicate BIGINT, encoding VARCHAR, reason VARCHAR,
  period_month DATE, part VARCHAR, kind VARCHAR, amends_delivery_id VARCHAR, headers VARCHAR,
  error_code VARCHAR);
ALTER TABLE ops.delivery ADD COLUMN IF NOT EXISTS error_code VARCHAR;
CREATE TABLE IF NOT EXISTS ops.delivery_event (
  delivery_id VARCHAR, event VARCHAR, effective_date DATE, decided_at TIMESTAMP, decided_by VARCHAR,
  reason VARCHAR, other_delivery_id VARCHAR, event_no BIGINT);
CREATE TABLE IF NOT EXISTS ops.delivery_change (
  delivery_id VARCHAR, superseded_id VARCHAR, change VARCHAR, person_id VARCHAR, row_no BIGINT,
  column_names VARCHAR);
CREATE TABLE IF NOT EXISTS ops.check_result (
  delivery_id VARCHAR, rule_id VARCHAR, level VARCHAR, passed BOOLEAN, failing_cnt BIGINT, detail VARCHAR);
CREATE TABLE IF NOT EXISTS ops.quarantine (
  delivery_id VARCHAR, row_no BIGINT, rule_id VARCHAR, column_name VARCHAR, reason VARCHAR);
CREATE TABLE IF NOT EXISTS ops.noted_fault (
  delivery_id VARCHAR, row_no BIGINT, rule_id VARCHAR, level VARCHAR, column_name VARCHAR, reason VARCHAR);
CREATE TABLE IF NOT EXISTS ops.repair (
  delivery_id VARCHAR, row_no BIGINT, column_name VARCHAR, kind VARCHAR);
CREATE TABLE IF NOT EXISTS ops.duplicate (delivery_id VARCHAR, row_no BIGINT);
CREATE TABLE IF NOT EXISTS ops.vault_opening (
  opened_at TIMESTAMP, as_of DATE, purpose VARCHAR);
CREATE TABLE IF NOT EXISTS ops.feedback_file (
  sha256 VARCHAR PRIMARY KEY, file_name VARCHAR, received_date DATE, rows_read BIGINT, rows_taken BIGINT,
  problem_cnt BIGINT);
"""

CORE = """
CREATE TABLE IF NOT EXISTS core._person (
  person_id VARCHAR PRIMARY KEY, first_known_date DATE, first_extract VARCHAR);
CREATE TABLE IF NOT EXISTS core.household (
  household_id VARCHAR PRIMARY KEY, kind VARCHAR, first_known_date DATE);
CREATE TABLE IF NOT EXISTS core._household_member (
  household_id VARCHAR, person_id VARCHAR, relation_code VARCHAR, kind VARCHAR,
  valid_from DATE, valid_to DATE, known_from DATE, known_to DATE);
"""

DELIVERY_AT = """
CREATE MACRO IF NOT EXISTS ops.delivery_at(day) AS TABLE
  WITH turn AS (
    SELECT delivery_id,
           min(effective_date) FILTER (event IN ('accepted', 'released')) AS since_date,
           max(event_no) FILTER (event IN ('accepted', 'released')) AS turn_no,
           bool_or(event = 'withdrawn') AS is_gone,
           bool_or(event = 'rejected') AS is_refused
    FROM ops.delivery_event WHERE effective_date <= day GROUP BY delivery_id),
  known AS (
    SELECT d.*, t.* EXCLUDE (delivery_id), row_number() OVER (
      PARTITION BY department, extract, period_month, part, kind,
                   since_date IS NOT NULL AND NOT is_gone ORDER BY since_date DESC, turn_no DESC) AS place
    FROM ops.delivery d JOIN turn t USING (delivery_id)),
  fate AS (
    SELECT delivery_id, CASE
      WHEN is_gone THEN 'withdrawn'
      WHEN since_date IS NULL THEN CASE WHEN is_refused THEN 'rejected' ELSE 'held' END
      WHEN kind = 'full' AND place > 1 THEN 'superseded'
      ELSE 'accepted' END AS status FROM known)
  SELECT k.* EXCLUDE (status, turn_no, is_gone, is_refused, place),
         CASE WHEN f.status = 'accepted' AND k.kind = 'mended' THEN base.status ELSE f.status END AS status
  FROM known k JOIN fate f USING (delivery_id) LEFT JOIN fate base ON base.delivery_id = k.amends_delivery_id;
"""

MART = """
CREATE TABLE IF NOT EXISTS mart.alert (
  alert_id VARCHAR, as_of DATE, household_id VARCHAR, town_code VARCHAR, county_code VARCHAR,
  village_code VARCHAR, queue VARCHAR, level VARCHAR, signal_ids VARCHAR, signal_person_ids VARCHAR,
  reason_zh VARCHAR, missing_benefits_zh VARCHAR, benefit_ids VARCHAR, benefit_gap_yuan_month DECIMAL(18,2),
  questions_zh VARCHAR, status VARCHAR, due_date DATE, first_listed_date DATE, rest_until DATE, arm VARCHAR,
  points BIGINT, score DOUBLE, is_listed BOOLEAN, list_rank BIGINT, is_overflow_red BOOLEAN,
  audit_pool_cnt BIGINT, household_kind VARCHAR);
CREATE TABLE IF NOT EXISTS mart.signal (
  as_of DATE, signal_id VARCHAR, queue VARCHAR, entity VARCHAR, person_id VARCHAR, household_id VARCHAR,
  state VARCHAR, level VARCHAR, family VARCHAR, household_kind VARCHAR, points BIGINT, is_event BOOLEAN,
  value DECIMAL(18,2), fact_date DATE, sentence_zh VARCHAR, missing_facts VARCHAR[], questions_zh VARCHAR[]);
CREATE TABLE IF NOT EXISTS mart.entitlement (
  as_of DATE, person_id VARCHAR, household_id VARCHAR, benefit_id VARCHAR, eligible VARCHAR,
  missing_facts VARCHAR, amount_yuan_month DECIMAL(18,2), amount_once_yuan DECIMAL(18,2),
  is_receiving BOOLEAN, gap_yuan_month DECIMAL(18,2), missed_month_cnt BIGINT, reason_zh VARCHAR);
ALTER TABLE mart.entitlement ADD COLUMN IF NOT EXISTS missed_month_cnt BIGINT;
CREATE TABLE IF NOT EXISTS mart.policy_gap (
  as_of DATE, household_id VARCHAR, town_code VARCHAR, basis VARCHAR, signal_ids VARCHAR, may_fit BOOLEAN,
  open_benefit_ids VARCHAR, benefit_id VARCHAR, condition_id VARCHAR, distance DECIMAL(18,2), unit VARCHAR,
  nearest_zh VARCHAR);
CREATE TABLE IF NOT EXISTS mart.outcome (
  alert_id VARCHAR, result_code VARCHAR, found_date DATE, benefit_id VARCHAR, note_zh VARCHAR,
  worker VARCHAR, known_date DATE, feedback_sha256 VARCHAR);
CREATE TABLE IF NOT EXISTS mart.score (
  as_of DATE, household_id VARCHAR, score DOUBLE, model_id VARCHAR);
CREATE TABLE IF NOT EXISTS mart.staleness (
  as_of DATE, department VARCHAR, extract VARCHAR, last_known_date DATE, days_old BIGINT, is_stale BOOLEAN,
  is_overdue BOOLEAN, is_never BOOLEAN);
CREATE TABLE IF NOT EXISTS mart.evaluation (
  ranking VARCHAR, as_of VARCHAR, town_cnt BIGINT, candidate_cnt BIGINT, listed_cnt BIGINT,
  unknown_cnt DOUBLE, hit_cnt DOUBLE, share_in_hardship DOUBLE, share_low DOUBLE, share_high DOUBLE,
  lift DOUBLE, recall DOUBLE,  silent_hit_cnt DOUBLE, silent_recall DOUBLE,
  gap_found_yuan_month DECIMAL(18,2));
"""

DECISIONS = """
CREATE TABLE IF NOT EXISTS ops.identity_question (
  as_of DATE, case_id VARCHAR, person_id VARCHAR, other_person_id VARCHAR, tier BIGINT,
  question_kind VARCHAR, asked_as VARCHAR);
CREATE TABLE IF NOT EXISTS ops.identity_decision (
  case_id VARCHAR, person_id VARCHAR, other_person_id VARCHAR, decision VARCHAR, decided_by VARCHAR,
  decided_date DATE, known_date DATE, file_sha256 VARCHAR, decision_no BIGINT);
"""

PROFILES = """
CREATE TABLE IF NOT EXISTS ops.profile (
  delivery_id VARCHAR, column_name VARCHAR, value VARCHAR, share DOUBLE, cnt BIGINT);
CREATE TABLE IF NOT EXISTS ops.validation (delivery_id VARCHAR PRIMARY KEY, document VARCHAR);
CREATE TABLE IF NOT EXISTS ops.partition (
  as_of DATE, department VARCHAR, extract VARCHAR, period_month DATE, part VARCHAR, expected_by_date DATE,
  days_late BIGINT, state VARCHAR);
"""

ALIASES = """
CREATE TABLE IF NOT EXISTS core._identity (
  person_id VARCHAR PRIMARY KEY, has_number BOOLEAN, id_birth_date DATE, id_sex_code VARCHAR);
CREATE TABLE IF NOT EXISTS core._person_link (
  person_id VARCHAR, other_person_id VARCHAR, tier BIGINT, kind VARCHAR, probability DOUBLE,
  decided_by VARCHAR, known_from DATE, known_to DATE);
CREATE TABLE IF NOT EXISTS core._person_alias (
  person_id VARCHAR, extract VARCHAR, same_as VARCHAR, known_from DATE, known_to DATE);
CREATE VIEW IF NOT EXISTS core.person_alias AS
  SELECT person_id, extract, same_as, known_from FROM core._person_alias WHERE known_to IS NULL;
CREATE VIEW IF NOT EXISTS core.person AS
  SELECT p.*, coalesce(i.has_number, false) AS has_number, i.id_birth_date, i.id_sex_code
  FROM core._person p LEFT JOIN core._identity i USING (person_id)
  WHERE person_id NOT IN (SELECT person_id FROM core.person_alias WHERE extract = '');
CREATE VIEW IF NOT EXISTS core.household_member AS
  SELECT DISTINCT household_id, coalesce(a.same_as, m.person_id) AS person_id, relation_code, kind,
    valid_from, valid_to
  FROM core._household_member m LEFT JOIN core.person_alias a ON a.person_id = m.person_id AND a.extract = ''
  WHERE m.known_to IS NULL;
CREATE TABLE IF NOT EXISTS ops.identity_event (
  event_no BIGINT, event VARCHAR, person_id VARCHAR, other_person_id VARCHAR, extract VARCHAR,
  known_date DATE, tier BIGINT, kind VARCHAR, probability DOUBLE, decided_by VARCHAR);
CREATE TABLE IF NOT EXISTS ops.recognised_row (
  delivery_id VARCHAR, row_no BIGINT, person_id VARCHAR);
"""

WORDS = {
    "sex_code": ("sex", "VARCHAR"),
    "birth_date": ("birth", "DATE"),
    "village_code": ("village", "VARCHAR"),
}
SETTLED = ", ".join(
    f"{attribute} {kind}, {word}_source VARCHAR, {word}_source_cnt BIGINT, {word}_agreement_share DOUBLE, "
    f"is_{word}_agreed BOOLEAN, has_{word}_conflict BOOLEAN"
    for attribute, (word, kind) in WORDS.items()
)
GOLDEN = f"""
CREATE TABLE IF NOT EXISTS panel.golden (
  as_of DATE, person_id VARCHAR, {SETTLED},
  death_date DATE, death_source VARCHAR, death_source_cnt BIGINT, death_state VARCHAR,
  has_death_conflict BOOLEAN, is_in_register BOOLEAN, is_alive BOOLEAN);
CREATE TABLE IF NOT EXISTS panel.attribute_conflict (
  as_of DATE, person_id VARCHAR, attribute VARCHAR, value VARCHAR, source VARCHAR, known_date DATE,
  is_chosen BOOLEAN);
"""
