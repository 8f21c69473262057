"""The relations that the folded tables are made from: joined, and without what restricted sources tell.

    prepare(con, release) -> makes the temporary relations shown_<name> and the functions that band values

An alert loses its restricted signals, and its missing benefits those that are restricted. Where nothing is
left it is not published; its level is that of what is left, so that no level, and no alert with nothing to
say for itself, betrays what was taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from data_contracts.registry.published import PublishedTable
from policies.analysis.restricted import Restricted
from policies.catalogue.fact import Fact
from policies.language.parsing import parsed
from transforms.alerts.status import GAP_SIGNAL
from warehouse.database.catalogue import columns_of
from warehouse.database.connection import run
from warehouse.publishing.release import Release
from zhaoren.sql_text import quoted_name, quoted_text

# Bands begin at 0, 1, 2, 5, 10, 20, 50 …, below nought likewise: wide enough to hide a sum, fine enough for a
# distribution. Counted by digits: a logarithm would put 1000 a hair below 3.
_MACROS = {
    "band_of(x)": "CASE WHEN x < 1 THEN 0 ELSE (CASE WHEN left(x::BIGINT::VARCHAR, 1) >= '5' THEN 5 "
    "WHEN left(x::BIGINT::VARCHAR, 1) >= '2' THEN 2 ELSE 1 END) "
    "* (10 ** (length(x::BIGINT::VARCHAR) - 1))::BIGINT END",
    "step_down(x)": "(sign(x) * band_of(floor(abs(x))))::BIGINT",
    "age_band(x)": "CASE WHEN x < 6 THEN '0-5' WHEN x < 18 THEN '6-17' WHEN x < 36 THEN '18-35' "
    "WHEN x < 60 THEN '36-59' WHEN x < 80 THEN '60-79' WHEN x >= 80 THEN '80+' END",
    "size_band(x)": "CASE WHEN x <= 2 THEN x::VARCHAR WHEN x <= 4 THEN '3-4' WHEN x > 4 THEN '5+' END",
    "income_step(x)": "CASE WHEN x < 1000 THEN floor(x / 200) * 200 WHEN x < 3000 THEN floor(x / 500) * 500 "
    "WHEN x >= 3000 THEN 3000 END::BIGINT",
    "burden_step(x)": "list_max(list_filter([0, 1, 1000, 5000, 10000, 20000, 50000, 100000], b -> b <= x))"
    "::BIGINT",
}
_RANKS = "['red', 'orange', 'yellow', 'blue']"
_PLACE = "SELECT as_of, household_id, town_code FROM panel.household"
_OPEN_SIGNALS = "list_filter(string_split(coalesce(signal_ids, ''), ','), s -> NOT is_restricted_signal(s))"
_RELATIONS = {
    # A case's own name lies between date and queue in the id: the household's, or a person's without one.
    "shown_alert": f"""
WITH kept AS (
  SELECT *, substr(alert_id, 10, length(alert_id) - 11) AS case_id,
    string_split(coalesce(signal_ids, ''), ',') AS all_signals, {_OPEN_SIGNALS} AS left_signals,
    list_filter(string_split(benefit_ids, ','), b -> NOT is_restricted_benefit(b)) AS left_benefits
  FROM mart.alert),
told AS (
  SELECT *, CASE WHEN benefit_ids <> '' AND len(left_benefits) = 0
    THEN list_filter(left_signals, s -> s <> '{GAP_SIGNAL}') ELSE left_signals END AS open_signals
  FROM kept),
ranks AS (
  SELECT as_of, queue, coalesce(household_id, person_id) AS case_id, signal_id,
    min(list_position({_RANKS}, "level")) AS place
  FROM mart.signal WHERE state = 'yes' GROUP BY ALL),
touched AS (
  SELECT as_of, queue, alert_id, case_id, unnest(open_signals) AS signal_id
  FROM told WHERE len(open_signals) < len(all_signals)),
lowered AS (
  SELECT as_of, alert_id, {_RANKS}[min(coalesce(place, 4))] AS new_level
  FROM touched LEFT JOIN ranks USING (as_of, queue, case_id, signal_id) GROUP BY ALL)
SELECT alert_id, as_of, queue, coalesce(new_level, "level") AS "level", town_code, county_code, is_listed,
  arm, is_overflow_red AND coalesce(new_level, "level") = 'red' AS is_overflow_red, status, open_signals
FROM told LEFT JOIN lowered USING (as_of, alert_id) WHERE len(open_signals) > 0""",
    "shown_signal": f"""
SELECT s.*, town_code FROM mart.signal s LEFT JOIN ({_PLACE}) USING (as_of, household_id)
WHERE NOT is_restricted_signal(signal_id)""",
    "shown_entitlement": f"""
SELECT e.*, town_code FROM mart.entitlement e LEFT JOIN ({_PLACE}) USING (as_of, household_id)
WHERE NOT is_restricted_benefit(benefit_id)""",
    "shown_policy_gap": f"""
SELECT * FROM mart.policy_gap
WHERE NOT is_restricted_benefit(benefit_id) AND (basis <> 'signs' OR len({_OPEN_SIGNALS}) > 0)""",
    # Of a restricted benefit as of none: not every worker names one.
    "shown_outcome": """
SELECT a.*, o.result_code, need_found,
  CASE WHEN is_restricted_benefit(benefit_id) THEN '' ELSE coalesce(benefit_id, '') END AS benefit_id,
  row_number() OVER (
    PARTITION BY alert_id ORDER BY o.known_date DESC, found_date DESC, o.result_code DESC) = 1 AS is_last
FROM mart.outcome o JOIN shown_alert a USING (alert_id) LEFT JOIN shown_result USING (result_code)
WHERE withdrawn_date IS NULL""",
    "shown_signal_outcome": """
SELECT * EXCLUDE (open_signals), unnest(open_signals) AS signal_id FROM shown_outcome WHERE is_last""",
    "shown_person": """
SELECT p.*, left(p.town_code, 6) AS county_code,
  h.* EXCLUDE (as_of, household_id, town_code, village_code)
FROM (SELECT * FROM panel.person WHERE as_of = getvariable('newest_person')) p
LEFT JOIN panel.household h ON h.as_of = p.as_of AND h.household_id = p.household_id""",
    # Month beside month would show the one family of a county that changed, by its whole row.
    "shown_household": """
SELECT *, left(town_code, 6) AS county_code FROM panel.household
WHERE as_of = getvariable('newest_household')""",
    "shown_golden": """
SELECT * FROM panel.golden_at(getvariable('newest_golden'))
WHERE NOT is_restricted_extract(sex_source) AND NOT is_restricted_extract(birth_source)
  AND NOT is_restricted_extract(village_source)""",
    # What only a restricted source disputes is no conflict without it.
    "shown_attribute_conflict": """
SELECT * FROM panel.attribute_conflict
WHERE as_of = getvariable('newest_attribute_conflict') AND NOT is_restricted_extract(source)
WINDOW w AS (PARTITION BY as_of, person_id, attribute)
QUALIFY min("value") OVER w <> max("value") OVER w""",
    "shown_identity_event": "SELECT * FROM ops.identity_event WHERE NOT is_restricted_extract(extract)",
}
# Published of its newest date alone, and where that is looked up: of a thin table not in its rows.
_OF_NEWEST = {
    **{name: f"panel.{name}" for name in ("person", "household", "attribute_conflict")},
    "golden": "ops.kept_date WHERE table_name = 'panel.golden'",
}
# Read more than once: made, not looked up each time.
_MADE = {"shown_alert", "shown_outcome"}


def prepare(con: duckdb.DuckDBPyConnection, release: Release) -> None:
    """Make the functions and relations anew; they last as long as the connection."""
    names = release.restricted
    lists = {"signal": names.signals, "benefit": names.benefits, "extract": names.extracts}
    macros = _MACROS | {
        f"is_restricted_{kind}(x)": f"coalesce(x IN ({_texts(ids)}), false)" for kind, ids in lists.items()
    }
    for head, body in macros.items():
        con.execute(f"CREATE OR REPLACE TEMP MACRO {head} AS ({body})")
    run(con, "CREATE OR REPLACE TEMP TABLE shown_result AS SELECT * FROM results", results=release.results)
    for table, dates in _OF_NEWEST.items():  # once: as a constant it says which rows need not be read
        con.execute(f"SET VARIABLE newest_{table} = (SELECT max(as_of) FROM {dates})")
    for name, query in (_RELATIONS | {"shown_fact": _facts(release)}).items():
        kind = "TABLE" if name in _MADE else "VIEW"
        con.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS {query}")


def open_columns(con: duckdb.DuckDBPyConnection, table: PublishedTable, names: Restricted) -> PublishedTable:
    """The table without the columns that read a restricted fact, or one that this rule book does not know."""
    there = columns_of(con, table.source)
    hidden = {name for _, name in names.facts}
    reads = {name: set(parsed(column.sql or f'"{name}"').columns) for name, column in table.columns.items()}
    return table.without([name for name, read in reads.items() if read & hidden or not read <= there.keys()])


def _texts(values: Iterable[str]) -> str:
    """A list for IN; never an empty one, which SQL does not have."""
    return ", ".join([quoted_text(value) for value in sorted(values)] or ["NULL"])


def _facts(release: Release) -> str:
    """Every fact that is not restricted, newest date: rows of entity, fact, value and city, with `n`.

    Counted by the exact value first, of which there are few: a band is reckoned once for each.
    """
    parts = [
        f"SELECT as_of, '{fact.entity}' AS entity, {quoted_text(fact.name)} AS fact, "
        f'{_value(fact)} AS "value", city_code, n FROM (SELECT as_of, {quoted_name(fact.name)} AS exact, '
        f"left(town_code, 4) AS city_code, count(*) AS n FROM panel.{fact.entity} "
        f"WHERE as_of = getvariable('newest_{fact.entity}') GROUP BY ALL)"
        for fact in release.facts
        if (fact.entity, fact.name) not in release.restricted.facts
    ]
    return " UNION ALL ".join(parts)


def _value(fact: Fact) -> str:
    how: Mapping[str, str] = {"text": "exact", "boolean": "exact", "date": "year(exact)"}
    return f"coalesce(({how.get(fact.type, 'step_down(exact)')})::VARCHAR, 'unknown')"
