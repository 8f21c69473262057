"""Who belongs to which household, kept as beliefs: `core._household_member`, shown by the view without `_`.

A line is believed from known_from until known_to. The ordinary monthly roll only opens and closes spells;
a roll that came late, corrects another or is withdrawn makes the history anew, and the former belief keeps
its line, so that a list of an earlier date is still made from it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.households.spells import SPELL, household_spells, roll_days
from warehouse.database.connection import Connection, fetch, run

# Each month and part of the roll of everybody that was ever in force, since when, and whether it still is.
ROLLS = """
SELECT period_month, part, min(since_date) AS first_date, bool_or(status = 'accepted') AS in_force
FROM ops.delivery_at(DATE '9999-12-31')
WHERE extract = $1 AND rows_loaded > 0 AND status IN ('accepted', 'superseded')
GROUP BY 1, 2 ORDER BY 1, 2"""
# Parts and corrected rows of one month are one roll: each person's newest row, if living.
LIVING = """
SELECT period_month, part, household_id, person_id, relation_code FROM (
  SELECT * FROM core.{roll} QUALIFY row_number() OVER (
    PARTITION BY period_month, person_id ORDER BY known_date DESC, delivery_id DESC, row_no DESC) = 1)
JOIN (SELECT delivery_id, part FROM ops.delivery) USING (delivery_id)
WHERE registration_status_code = 'active' AND household_id IS NOT NULL AND person_id IS NOT NULL"""
MEMBERSHIP = ("household_id", "person_id", "relation_code")
SAME = (
    "n.household_id = m.household_id AND n.person_id = m.person_id "
    "AND n.relation_code IS NOT DISTINCT FROM m.relation_code"
)
BELIEVED = "m.kind = 'hukou' AND m.known_to IS NULL"


def open_members(con: Connection, kind: str = "hukou") -> pl.DataFrame:
    """household_id, person_id of every present membership of the kind."""
    return fetch(
        con,
        "SELECT household_id, person_id FROM core._household_member "
        "WHERE kind = ? AND known_to IS NULL AND valid_to IS NULL",
        [kind],
    )


def is_next_roll(con: Connection, roll: str, delivery_id: str) -> bool:
    """Whether the delivery is the plain next one of the roll: whole, of the newest month, on time.

    Then what was believed before it stays true, and only spells open and close.
    """
    own = con.execute(
        "SELECT period_month FROM ops.delivery WHERE delivery_id = ? AND part = '' AND kind = 'full'",
        [delivery_id],
    ).fetchone()
    if own is None:
        return False
    rivals = con.execute(
        "SELECT 1 FROM ops.delivery WHERE extract = ? AND period_month >= ? AND rows_loaded > 0 "
        "AND delivery_id <> ? LIMIT 1",
        [roll, own[0], delivery_id],
    ).fetchone()
    rolls = fetch(con, ROLLS, [roll])
    came = rolls.filter(pl.col("period_month") == own[0]).select("first_date")
    days = roll_days(rolls).filter(pl.col("period_month") == own[0])
    return rivals is None and days.height == 1 and days.item(0, "day") == came.item()


def follow_roll(con: Connection, members: pl.DataFrame, known: date, kind: str = "hukou") -> None:
    """Open and close spells so that the kind's open ones equal the living (household_id, person_id, …)."""
    # One comparison of everybody; from then on only of those who came or went.
    differing = fetch(
        con,
        f"SELECT n.*, {', '.join(f'm.{name} AS _{name}' for name in MEMBERSHIP)} FROM members n FULL JOIN "
        f"(SELECT {', '.join(MEMBERSHIP)} FROM core._household_member "
        f"WHERE kind = $1 AND known_to IS NULL AND valid_to IS NULL) m ON {SAME} "
        "WHERE m.person_id IS NULL OR n.person_id IS NULL",
        [kind],
        members=members.select(MEMBERSHIP),
    )
    new = differing.select(MEMBERSHIP).drop_nulls("person_id").sort(MEMBERSHIP)
    gone = differing.select(pl.col(f"_{name}").alias(name) for name in MEMBERSHIP).drop_nulls("person_id")
    run(
        con,
        "INSERT INTO core.household BY NAME SELECT DISTINCT household_id, $1 AS kind, "
        "$2 AS first_known_date FROM new ANTI JOIN core.household USING (household_id) ORDER BY 1",
        [kind, known],
        new=new,
    )
    run(
        con,
        "UPDATE core._household_member m SET valid_to = $2 FROM gone n WHERE m.kind = $1 "
        f"AND m.known_to IS NULL AND m.valid_to IS NULL AND {SAME}",
        [kind, known],
        gone=gone,
    )
    run(
        con,
        "INSERT INTO core._household_member BY NAME SELECT *, $1 AS kind, $2 AS valid_from, "
        "$2 AS known_from FROM new",
        [kind, known],
        new=new,
    )


def is_known_beyond(con: Connection, on: date, kind: str) -> bool:
    """Whether the kind's memberships already tell of a day after this one."""
    newest = con.execute(
        "SELECT max(greatest(known_from, valid_to)) FROM core._household_member WHERE kind = ?", [kind]
    ).fetchall()[0][0]
    return newest is not None and on < newest


def follow_derived(con: Connection, members: pl.DataFrame, on: date, kind: str) -> bool:
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


def rebuild_membership_history(con: Connection, roll: str, effective: date) -> None:
    """Make the history anew from all deliveries of the roll in force.

    What differs from what was believed is believed from the effective day on.
    """
    rolls = fetch(con, ROLLS, [roll])
    # A month that came twice counts from the day its first file came: a correction does not move anybody.
    first = rolls.group_by("period_month").agg(pl.col("first_date").min())
    in_force = rolls.filter("in_force").drop("in_force", "first_date")
    in_force = in_force.join(first, on="period_month", how="left")
    stated = household_spells(fetch(con, LIVING.format(roll=roll)), in_force)
    believed = fetch(
        con,
        f"SELECT {', '.join(SPELL)} FROM core._household_member m WHERE {BELIEVED} ORDER BY ALL",
    )
    ended = believed.join(stated, on=SPELL, how="anti", nulls_equal=True)
    new = stated.join(believed, on=SPELL, how="anti", nulls_equal=True)
    run(
        con,
        f"UPDATE core._household_member m SET known_to = ? WHERE {BELIEVED} AND EXISTS "
        f"(SELECT 1 FROM ended n WHERE {SAME} AND n.valid_from = m.valid_from "
        "AND n.valid_to IS NOT DISTINCT FROM m.valid_to)",
        [effective],
        ended=ended,
    )
    # Believed for not a single day: no list was ever made from it.
    con.execute("DELETE FROM core._household_member WHERE known_to <= known_from")
    run(
        con,
        "INSERT INTO core._household_member BY NAME SELECT household_id, person_id, relation_code, "
        "'hukou' AS kind, valid_from, valid_to, $1 AS known_from FROM new",
        [effective],
        new=new,
    )
    _bring_households_into_line(con)


def _bring_households_into_line(con: Connection) -> None:
    con.execute(
        "DELETE FROM core.household "
        "WHERE household_id NOT IN (SELECT household_id FROM core._household_member WHERE known_to IS NULL)"
    )
    con.execute(
        "INSERT INTO core.household BY NAME SELECT household_id, 'hukou' AS kind, "
        "min(known_from) AS first_known_date "
        "FROM core._household_member WHERE known_to IS NULL AND kind = 'hukou' "
        "AND household_id NOT IN (SELECT household_id FROM core.household) GROUP BY 1 ORDER BY 1"
    )
