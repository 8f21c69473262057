"""Who belongs to which household, kept as beliefs: `core._household_member`, shown by the view without `_`.

A line is believed from known_from until known_to. The ordinary monthly roll only opens and closes spells;
a roll that came late, corrects another or goes away makes the history anew, and the former belief keeps its
line, so that a list of an earlier date is still made from it.
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from transforms.households.spells import SPELL, household_spells, roll_days
from warehouse.database.connection import fetch, run

ROLLS = """
SELECT period_month, part, min(since_date) AS first_date, bool_or(status = 'accepted') AS in_force
FROM ops.delivery_at(DATE '9999-12-31')
WHERE extract = 'population' AND rows_loaded > 0 AND status IN ('accepted', 'superseded')
GROUP BY 1, 2 ORDER BY 1, 2"""
# Parts and mended rows of one month are one roll: each person's newest row, if living.
LIVING = """
SELECT period_month, part, household_id, person_id, relation_code FROM (
  SELECT * FROM core.population QUALIFY row_number() OVER (
    PARTITION BY period_month, person_id ORDER BY known_date DESC, delivery_id DESC, row_no DESC) = 1)
JOIN (SELECT delivery_id, part FROM ops.delivery) USING (delivery_id)
WHERE registration_status_code = 'active' AND household_id IS NOT NULL AND person_id IS NOT NULL"""
SAME = (
    "n.household_id = m.household_id AND n.person_id = m.person_id "
    "AND n.relation_code IS NOT DISTINCT FROM m.relation_code"
)
HELD = "m.kind = 'hukou' AND m.known_to IS NULL"


def open_members(con: duckdb.DuckDBPyConnection, kind: str = "hukou") -> pl.DataFrame:
    """household_id, person_id of every present membership of the kind."""
    return fetch(
        con,
        "SELECT household_id, person_id FROM core._household_member "
        "WHERE kind = ? AND known_to IS NULL AND valid_to IS NULL",
        [kind],
    )


def is_next_roll(con: duckdb.DuckDBPyConnection, delivery_id: str) -> bool:
    """Whether the delivery is the plain next roll: whole, of the newest month, and on time."""
    own = con.execute(
        "SELECT period_month FROM ops.delivery WHERE delivery_id = ? AND part = '' AND kind = 'full'",
        [delivery_id],
    ).fetchone()
    if own is None:
        return False
    rivals = con.execute(
        "SELECT 1 FROM ops.delivery WHERE extract = 'population' AND period_month >= ? AND rows_loaded > 0 "
        "AND delivery_id <> ? LIMIT 1",
        [own[0], delivery_id],
    ).fetchone()
    rolls = fetch(con, ROLLS)
    came = rolls.filter(pl.col("period_month") == own[0]).select("first_date")
    days = roll_days(rolls).filter(pl.col("period_month") == own[0])
    return rivals is None and days.height == 1 and days.item(0, "day") == came.item()


def follow_roll(
    con: duckdb.DuckDBPyConnection, members: pl.DataFrame, known: date, kind: str = "hukou"
) -> None:
    """Open and close spells so that the kind's open ones equal the living (household_id, person_id, …)."""
    held = f"m.kind = '{kind}' AND m.known_to IS NULL"
    run(
        con,
        f"INSERT INTO core.household SELECT DISTINCT household_id, '{kind}', ? FROM members "
        "ANTI JOIN core.household USING (household_id) ORDER BY 1",
        [known],
        members=members,
    )
    run(
        con,
        f"UPDATE core._household_member m SET valid_to = ? WHERE {held} AND valid_to IS NULL "
        f"AND NOT EXISTS (SELECT 1 FROM members n WHERE {SAME})",
        [known],
        members=members,
    )
    run(
        con,
        f"INSERT INTO core._household_member SELECT household_id, person_id, relation_code, '{kind}', "
        "$1, NULL, $1, NULL FROM members n WHERE NOT EXISTS (SELECT 1 FROM core._household_member m "
        f"WHERE {held} AND m.valid_to IS NULL AND {SAME})",
        [known],
        members=members,
    )


def is_known_beyond(con: duckdb.DuckDBPyConnection, on: date, kind: str) -> bool:
    """Whether the kind's memberships already tell of a day after this one."""
    newest = con.execute(
        "SELECT max(greatest(known_from, valid_to)) FROM core._household_member WHERE kind = ?", [kind]
    ).fetchall()[0][0]
    return newest is not None and on < newest


def follow_derived(con: duckdb.DuckDBPyConnection, members: pl.DataFrame, on: date, kind: str) -> bool:
    """Bring a kind that is derived each date into line.

    A date derived again takes its own former answer back. False, and nothing done, for a date before the
    newest: its beliefs stand.
    """
    if is_known_beyond(con, on, kind):
        return False
    con.execute("DELETE FROM core._household_member WHERE kind = ? AND known_from = ?", [kind, on])
    con.execute(
        "UPDATE core._household_member SET valid_to = NULL WHERE kind = ? AND valid_to = ?", [kind, on]
    )
    follow_roll(con, members, on, kind)
    con.execute(
        "DELETE FROM core.household WHERE kind = ? AND household_id NOT IN "
        "(SELECT household_id FROM core._household_member)",
        [kind],
    )
    return True


def rebuild_membership_history(con: duckdb.DuckDBPyConnection, effective: date) -> None:
    """Make the history anew from all rolls in force; what differs is believed from the effective day on."""
    rolls = fetch(con, ROLLS)
    present = rolls.filter("in_force").drop("in_force")
    first = rolls.group_by("period_month").agg(pl.col("first_date").min())
    present = present.drop("first_date").join(first, on="period_month", how="left")
    told = household_spells(fetch(con, LIVING), present)
    believed = fetch(
        con,
        f"SELECT {', '.join(SPELL)} FROM core._household_member m WHERE {HELD} ORDER BY ALL",
    )
    gone = believed.join(told, on=SPELL, how="anti", nulls_equal=True)
    new = told.join(believed, on=SPELL, how="anti", nulls_equal=True)
    run(
        con,
        f"UPDATE core._household_member m SET known_to = ? WHERE {HELD} AND EXISTS (SELECT 1 FROM gone n "
        f"WHERE {SAME} AND n.valid_from = m.valid_from AND n.valid_to IS NOT DISTINCT FROM m.valid_to)",
        [effective],
        gone=gone,
    )
    con.execute("DELETE FROM core._household_member WHERE known_to <= known_from")
    run(
        con,
        "INSERT INTO core._household_member SELECT household_id, person_id, relation_code, 'hukou', "
        "valid_from, valid_to, ?, NULL FROM new",
        [effective],
        new=new,
    )
    _households(con)


def _households(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "DELETE FROM core.household "
        "WHERE household_id NOT IN (SELECT household_id FROM core._household_member WHERE known_to IS NULL)"
    )
    con.execute(
        "INSERT INTO core.household SELECT household_id, 'hukou', min(known_from) "
        "FROM core._household_member WHERE known_to IS NULL AND kind = 'hukou' "
        "AND household_id NOT IN (SELECT household_id FROM core.household) GROUP BY 1 ORDER BY 1"
    )
