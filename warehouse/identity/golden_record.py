"""The tables of settled attributes, and what is known of deaths beside the departments' newest rows.

`panel.golden` has one row per date and person, `panel.attribute_conflict` one per date and report on an
attribute that the sources differ on (transforms/golden_people.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb
import polars as pl

from transforms.golden_record.rules import DeathRules, ReportRule
from transforms.linkage.person_ids import with_master_ids
from warehouse.database.connection import fetch
from warehouse.deliveries.deliveries import in_force
from warehouse.deliveries.outcomes import IN_FORCE
from warehouse.identity.person_aliases import aliases_at


def golden_record_frames(
    con: duckdb.DuckDBPyConnection, as_of: date, rules: DeathRules
) -> dict[str, pl.DataFrame]:
    """Frames of `core` that settle attributes beside the departments' rows, as known by the date.

    death_visit  person_id, found_date, known_date: one row per visit that found somebody dead
    once_dead    person_id, extract: whom a roll that may take it back ever called dead
    """
    taken_back = {rule.extract for rule in rules.alive_rolls}
    frames = {
        "death_visit": _found(con, as_of, rules.result_codes),
        "once_dead": _once(con, as_of, [t for t in rules.reports if t.column and t.extract in taken_back]),
    }
    return with_master_ids(frames, aliases_at(con, as_of))


def _found(con: duckdb.DuckDBPyConnection, as_of: date, codes: Iterable[str]) -> pl.DataFrame:
    """The one person the line named, else the only member of the household; otherwise nobody can be meant."""
    return fetch(
        con,
        f"""
        WITH lines AS (
          SELECT a.alert_id, a.as_of, a.household_id, a.signal_person_ids, o.found_date, o.known_date
          FROM mart.outcome o JOIN mart.alert a USING (alert_id)
          WHERE {IN_FORCE} AND list_contains($2, o.result_code)),
        alone AS (
          SELECT l.alert_id, min(m.person_id) AS person_id
          FROM lines l JOIN core._household_member m ON m.household_id = l.household_id
            AND m.valid_from <= l.as_of AND (m.valid_to IS NULL OR m.valid_to > l.as_of)
            AND m.known_from <= l.as_of AND (m.known_to IS NULL OR m.known_to > l.as_of)
          GROUP BY l.alert_id HAVING count(DISTINCT m.person_id) = 1),
        meant AS (
          SELECT CASE WHEN l.signal_person_ids = '' THEN alone.person_id
                      WHEN NOT contains(l.signal_person_ids, ',') THEN l.signal_person_ids END AS person_id,
                 l.found_date, l.known_date
          FROM lines l LEFT JOIN alone USING (alert_id))
        SELECT DISTINCT person_id, found_date, known_date FROM meant WHERE person_id IS NOT NULL ORDER BY ALL
        """,
        [as_of, list(codes)],
    )


def _once(con: duckdb.DuckDBPyConnection, as_of: date, reports: Iterable[ReportRule]) -> pl.DataFrame:
    standing = in_force(con, as_of)
    found = [pl.DataFrame(schema={"person_id": pl.String, "extract": pl.String})]
    for rule in reports:
        chosen = standing.filter(extract=rule.extract).get_column("delivery_id").to_list()
        found.append(
            fetch(
                con,
                f"SELECT DISTINCT person_id, $1 AS extract FROM core._{rule.extract} "
                f"WHERE {rule.column} = $2 AND person_id IS NOT NULL "
                "AND delivery_id IN (SELECT unnest($3)) ORDER BY person_id",
                [rule.extract, rule.code, chosen],
            )
        )
    return pl.concat(found)
