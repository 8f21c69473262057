"""What the warehouse shows besides its tables: beliefs as of now, and a delivery's status on any day.

`core._household_member`, `core._person_alias` and `core._<extract>` keep every belief and row ever held; the
name without `_` shows those that hold now. A thin table's rows are stored once for the dates in a row that
they hold for; its view shows them for each date, `<table>_at(day)` for one. `mart.outcome` shows which visits
count, and when (shown/outcome.py). `ops.delivery_at(day)` reads
`ops.delivery_event`: one row per delivery with the status it had on that day and since when it counted. Of
the files of one extract, month and part the one that took effect last is in force, unless it was withdrawn; a
receipt's corrected rows go with the delivery they correct.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from data_contracts.contract.model import Contract
from data_contracts.registry.tables import VALID_FROM, VALID_TO, now_name, past_name, shipped_tables
from warehouse.database.catalogue import has_table
from warehouse.shown.outcome import outcome_view

# In this order: a view may show another.
VIEWS: Mapping[str, str] = {
    "core.person_alias": "SELECT person_id, extract, same_as, known_from FROM core._person_alias "
    "WHERE known_to IS NULL",
    "core.person": "SELECT p.*, coalesce(i.has_number, false) AS has_number, i.id_birth_date, i.id_sex_code "
    "FROM core._person p LEFT JOIN core._identity i USING (person_id) "
    "WHERE person_id NOT IN (SELECT person_id FROM core.person_alias WHERE extract = '')",
    "core.household_member": "SELECT DISTINCT household_id, coalesce(a.same_as, m.person_id) AS person_id, "
    "relation_code, kind, valid_from, valid_to FROM core._household_member m "
    "LEFT JOIN core.person_alias a ON a.person_id = m.person_id AND a.extract = '' WHERE m.known_to IS NULL",
    "mart.found_by_place": "SELECT as_of, city_code, place_name AS city_name, queue, level, "
    "count(*) AS found_cnt, count(*) FILTER (is_listed) AS listed_cnt, "
    "count(*) FILTER (is_overflow_red) AS overflow_red_cnt "
    "FROM (SELECT *, left(town_code, 4) AS city_code FROM mart.alert) a "
    "LEFT JOIN (SELECT place_code, place_name FROM ref.place WHERE level = 'city') p "
    "ON p.place_code = a.city_code GROUP BY ALL",
    "mart.coverage": "SELECT d.as_of, rule_id AS benefit_id, name_zh AS benefit_zh, is_receiving_known, "
    "count(*) FILTER (e.is_receiving) AS receiving_cnt, "
    "count(*) FILTER (NOT e.is_receiving AND e.eligible = 'yes') AS missing_yes_cnt, "
    "count(*) FILTER (NOT e.is_receiving AND e.eligible IN ('likely', 'unknown_amount')) "
    "AS missing_likely_cnt, "
    "count(*) FILTER (e.eligible = 'unknown') AS undecided_cnt, "
    "count(*) FILTER (e.is_receiving IS NULL AND e.eligible IN ('yes', 'likely', 'unknown_amount')) "
    "AS receiving_unknown_cnt "
    "FROM (SELECT as_of FROM ops.kept_date WHERE table_name = 'mart.entitlement') d "
    "CROSS JOIN (SELECT * FROM ref.rule WHERE kind = 'benefit') r "
    "LEFT JOIN mart.entitlement e ON e.as_of = d.as_of AND e.benefit_id = r.rule_id GROUP BY ALL",
}

# `kind` is part of the competition: corrected rows add to their delivery and supersede nothing. So is whether
# a delivery was ever in force: one that is held, rejected or withdrawn must not push another out of it.
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


def make_views(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract], anew: bool) -> None:
    """Make the views that are not there yet; `anew`, when a table got a column: all of them.

    A view keeps the columns its tables had when it was made.
    """
    how = "CREATE OR REPLACE VIEW" if anew else "CREATE VIEW IF NOT EXISTS"
    in_force = "(SELECT delivery_id FROM ops.delivery WHERE status = 'accepted')"
    of_extracts = {
        f"core.{c.extract}": f"SELECT * FROM core._{c.extract} SEMI JOIN {in_force} USING (delivery_id)"
        for c in contracts
    }
    for table in (table for table in shipped_tables().values() if table.thin):
        show_thin(con, table.name, how)
    for name, query in {**VIEWS, "mart.outcome": outcome_view(), **of_extracts}.items():
        if not has_table(con, name):  # of a former layout, until its step is done (migrations/)
            con.execute(f"{how} {name} AS {query}")
    con.execute(DELIVERY_AT)


def show_thin(con: duckdb.DuckDBPyConnection, name: str, how: str) -> None:
    """The view of a thin table's rows date by date, and the macro `<table>_at(day)` of one date's alone."""
    if has_table(con, name):
        return  # of a former layout, until its step is done (migrations/)
    dates = f"(SELECT as_of FROM ops.kept_date WHERE table_name = '{name}')"
    parts = (
        (now_name(name), VALID_FROM, f"{VALID_FROM} <= {{day}}"),
        (past_name(name), f"{VALID_FROM}, {VALID_TO}", f"{VALID_FROM} <= {{day}} AND {VALID_TO} > {{day}}"),
    )
    every = (
        f"SELECT as_of, r.* EXCLUDE ({span}) FROM {stored} r JOIN {dates} d ON {holds.format(day='as_of')}"
        for stored, span, holds in parts
    )
    con.execute(f"{how} {name} AS {' UNION ALL BY NAME '.join(every)}")
    one = (
        f"SELECT day::DATE AS as_of, * EXCLUDE ({span}) FROM {stored} "
        f"WHERE {holds.format(day='day')} AND day IN {dates}"
        for stored, span, holds in parts
    )
    macro = how.replace("VIEW", "MACRO")
    con.execute(f"{macro} {name}_at(day) AS TABLE {' UNION ALL BY NAME '.join(one)}")
