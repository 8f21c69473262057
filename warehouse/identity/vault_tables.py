"""The tables of the vault, as DDL (what each holds: vault.py).

The tables of everybody have no key that DuckDB would watch over: its index is several times the table.
"""

from __future__ import annotations

DDL = """
CREATE TABLE IF NOT EXISTS v.person_alias (
  id_number VARCHAR, person_id VARCHAR, source VARCHAR, first_seen DATE);
CREATE TABLE IF NOT EXISTS v.alias_sighting (
  id_number VARCHAR, source VARCHAR, first_seen DATE, last_seen DATE);
CREATE TABLE IF NOT EXISTS v.household_alias (
  kind VARCHAR, household_no VARCHAR, household_id VARCHAR, first_seen DATE, last_seen DATE);
CREATE TABLE IF NOT EXISTS v.identity (
  person_id VARCHAR, attribute VARCHAR, value VARCHAR, source VARCHAR, period_month DATE,
  known_date DATE, delivery_id VARCHAR, retired_date DATE);
CREATE TABLE IF NOT EXISTS v.quarantine_value (
  delivery_id VARCHAR, row_no BIGINT, column_name VARCHAR, value VARCHAR);
"""
PROVISIONAL = """
CREATE TABLE IF NOT EXISTS v.provisional (
  person_id VARCHAR PRIMARY KEY, fingerprint VARCHAR UNIQUE, extract VARCHAR, delivery_id VARCHAR,
  name VARCHAR, sex_code VARCHAR, birth_date DATE, village_code VARCHAR, number_text VARCHAR,
  id_digits VARCHAR, local_no VARCHAR, household_no VARCHAR, guardian_person_id VARCHAR,
  shared_person_id VARCHAR, event_date DATE, first_seen DATE, last_seen DATE);
"""
# How files are named, and what people wrote (warehouse/written).
WRITTEN = """
CREATE TABLE IF NOT EXISTS v.delivery_name (
  delivery_id VARCHAR PRIMARY KEY, known_date DATE, folder VARCHAR, name VARCHAR, sha256 VARCHAR,
  headers VARCHAR);
CREATE TABLE IF NOT EXISTS v.entry_name (
  kind VARCHAR, called VARCHAR, noted_date DATE, name VARCHAR);
CREATE TABLE IF NOT EXISTS v.written (
  kind VARCHAR, about VARCHAR, known_date DATE, author VARCHAR, text VARCHAR, PRIMARY KEY (kind, about));
"""
REASONS = """
CREATE TABLE IF NOT EXISTS v.identity_reason (
  file_sha256 VARCHAR, case_id VARCHAR, reason VARCHAR, known_date DATE);
"""
MARKS = """
CREATE TABLE IF NOT EXISTS v.home (home_id VARCHAR);
CREATE TABLE IF NOT EXISTS v.mark (
  mark_no BIGINT, token VARCHAR, step VARCHAR, last_person_no BIGINT, last_hukou_no BIGINT,
  last_assistance_no BIGINT, last_dwelling_no BIGINT);
CREATE TABLE IF NOT EXISTS v.id_counter (letter VARCHAR, last_no BIGINT);
INSERT INTO v.id_counter
  SELECT letter, (SELECT coalesce(max(substr(id, 2)::BIGINT), 0) FROM (
    SELECT person_id AS id FROM v.person_alias UNION ALL SELECT person_id FROM v.provisional
    UNION ALL SELECT household_id FROM v.household_alias) WHERE id[1] = letter)
  FROM (SELECT unnest(['P', 'H', 'A', 'D']) AS letter) WHERE letter NOT IN (SELECT letter FROM v.id_counter);
"""
