"""Key persons' monthly visits: what came back, who was visited last, and how each month stands.

A month is that of the list which a line answers. Its plan is the month's lists together, a person once, in
the town of the newest. Two lines on one person never count twice.
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch

_KNOWN = "known_date <= $1"
# What came back of the persons due in a month: both a visit and an excuse is a difference, and a visit.
_MONTHS = f"""
  WITH plan AS (
    SELECT date_trunc('month', as_of)::DATE AS month, person_id, max_by(town_code, as_of) AS town_code,
      bool_or(is_planned) AS is_planned
    FROM mart.key_person WHERE as_of <= $1 GROUP BY ALL),
  came AS (
    SELECT date_trunc('month', as_of)::DATE AS month, person_id, bool_or(visited_date IS NOT NULL) AS is_done,
      bool_or(excuse_code IS NOT NULL) AS is_excused
    FROM mart.key_visit WHERE {_KNOWN} GROUP BY ALL),
  answered AS (
    SELECT plan.*, coalesce(is_done, false) AS is_done, coalesce(is_excused, false) AS is_excused
    FROM plan LEFT JOIN came USING (month, person_id))
  SELECT month, town_code, count(*) AS due_cnt, count(*) FILTER (is_planned) AS planned_cnt,
    count(*) FILTER (is_done) AS done_cnt, count(*) FILTER (is_excused AND NOT is_done) AS excused_cnt,
    count(*) FILTER (NOT is_done AND NOT is_excused) AS open_cnt,
    count(*) FILTER (is_done AND is_excused) AS differing_cnt
  FROM answered GROUP BY ALL ORDER BY ALL
"""


def key_months(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """One row per month and town (null: no town known), by what was known on the date.

    month (its first day), town_code, due_cnt, planned_cnt, done_cnt, excused_cnt, open_cnt, differing_cnt.
    Due is done + excused + open; who came back both as visited and as excused is done, and differing.
    """
    return fetch(con, _MONTHS, [as_of])


def answered_in_month(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """person_id, as_of, is_done of every key person of whom something came back for the month."""
    sql = (
        "SELECT person_id, max(as_of) AS as_of, bool_or(visited_date IS NOT NULL) AS is_done "
        f"FROM mart.key_visit WHERE {_KNOWN} AND as_of >= date_trunc('month', $1::DATE) GROUP BY 1 ORDER BY 1"
    )
    return fetch(con, sql, [as_of])


def last_key_visits(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """person_id, visited_date: when each key person was last visited, by what was known on the date."""
    sql = (
        "SELECT person_id, max(visited_date) AS visited_date FROM mart.key_visit "
        f"WHERE {_KNOWN} AND visited_date IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    return fetch(con, sql, [as_of])


def key_visits_digest(con: duckdb.DuckDBPyConnection, as_of: date) -> str:
    """The digest of every line known by the date: what plans follow from beside the facts."""
    ids = "coalesce(string_agg(key_visit_id, ',' ORDER BY key_visit_id), '')"
    row = con.execute(f"SELECT sha256({ids}) FROM mart.key_visit WHERE {_KNOWN}", [as_of]).fetchone()
    return str(row[0]) if row else ""
