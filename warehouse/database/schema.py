"""Tables of the warehouse. Core and panel tables follow the contracts and the feature dictionary.

Every row ever loaded stays in `core._<extract>`; the view `core.<extract>` shows those of the deliveries that
are in force now (status accepted). So it is with `core._household_member`: each line is a belief held from
known_from until known_to, and the view shows the present one. A core row names the person it was loaded
under; whom that id stands for on a day is in `core._person_alias` (person_aliases.py).

`ops.delivery_event` is the record of a delivery's life; `ops.delivery_at(day)` reads it: one row per delivery
with the status it had on that day and since when it counted. Of the files of one extract, month and part the
one that took effect last is in force, unless it was withdrawn; mended rows stand and fall with the delivery
they mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from data_contracts.loading.loading import Column, Contract
from policies.catalogue.schema import Fact
from warehouse.deliveries.profiles import PROFILES
from warehouse.identity.golden import GOLDEN
from warehouse.identity.identity_decisions import DECISIONS
from warehouse.identity.person_aliases import ALIASES
from zhaoren.errors import ZhaorenError

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
  period_month DATE, part VARCHAR, kind VARCHAR, amends_delivery_id VARCHAR, headers VARCHAR);
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

FACT_TYPES = {
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "text": "VARCHAR",
    "date": "DATE",
    "yuan": "DECIMAL(18,2)",
}
DWELLING = "dwelling_address"
CORE_TYPES = {"date": "DATE", "number": "DECIMAL(18,2)", "integer": "BIGINT", "boolean": "BOOLEAN"}


def core_name(column: Column) -> str | None:
    """The column's name in core, or None when it stays in the vault.

    ID numbers become person ids and the household number a household id; other identifiers never leave.
    """
    if column.reads_as == "cn_id":
        return column.name.replace("id_number", "person_id")
    if column.name == "household_no":
        return "household_id"
    return None if column.classification == "identifier" else column.name


def core_columns(contract: Contract) -> dict[str, str]:
    """Name and DuckDB type of each column of the extract's core table."""
    named = {core_name(c): CORE_TYPES.get(c.logical_type, "VARCHAR") for c in contract.columns}
    columns = {name: kind for name, kind in named.items() if name} | _roof_columns(contract)
    return columns | {
        "period_month": "DATE",
        "event_date": "DATE",
        "known_date": "DATE",
        "delivery_id": "VARCHAR",
        "row_no": "BIGINT",
    }


def _roof_columns(contract: Contract) -> dict[str, str]:
    """An address stays in the vault; which roof it is, as an opaque id, may be known outside."""
    has_address = any(column.name == DWELLING for column in contract.columns)
    return {"dwelling_id": "VARCHAR", "is_dwelling_outside": "BOOLEAN"} if has_address else {}


def create(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], facts: Iterable[Fact]) -> None:
    """Make every table that is not there yet. Raises ZhaorenError for a warehouse of an earlier layout."""
    _refuse_former(con)
    for name in ("raw", "core", "panel", "mart", "ops"):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
    con.execute(OPS + DECISIONS + PROFILES + CORE + ALIASES + GOLDEN + MART + DELIVERY_AT)
    for contract in contracts.values():
        _create_table(con, f"core._{contract.extract}", core_columns(contract))
        con.execute(
            f"CREATE VIEW IF NOT EXISTS core.{contract.extract} AS SELECT * FROM core._{contract.extract} "
            "SEMI JOIN (SELECT delivery_id FROM ops.delivery WHERE status = 'accepted') USING (delivery_id)"
        )
    facts = tuple(facts)
    for entity, key in (("person", {"person_id": "VARCHAR"}), ("household", {})):
        named = {f.name: FACT_TYPES[f.type] for f in facts if f.entity == entity}
        place = {"household_id": "VARCHAR", "town_code": "VARCHAR", "village_code": "VARCHAR"}
        _create_table(con, f"panel.{entity}", {"as_of": "DATE"} | key | place | named)


def _create_table(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> None:
    body = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    con.execute(f"CREATE TABLE IF NOT EXISTS {table} ({body})")


def _refuse_former(con: duckdb.DuckDBPyConnection) -> None:
    """A warehouse of an earlier layout would be read wrongly: say so, touch nothing."""
    columns = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name IN ('core', 'ops') "
        "AND table_name IN ('delivery', '_person')"
    ).fetchall()
    if columns and not {("delivery", "period_month"), ("_person", "person_id")} <= set(columns):
        raise ZhaorenError(
            "This home was made by an earlier version.",
            "warehouse.duckdb",
            "Its tables do not say which month a delivery speaks of, or which ids turned out to be one "
            "person. Nothing was changed.",
            "Make a new home from the same inbox: `zhaoren run --all --inbox INBOX --home NEW`; "
            "keep this one for its past lists.",
        )
