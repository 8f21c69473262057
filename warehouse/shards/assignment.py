"""Which shards everybody's rows go to: the shards of every household they may be found to live in.

    place_everybody(con, sharding, as_of, members, register)    makes shard_alias and shard_place

Where somebody lives on the date is only settled by the panel, from spells, rolls and deaths. So their rows go
wherever they may be needed, and the shard that holds the household found is the one that answers for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from transforms.sharding import Sharding
from warehouse.database.partitions import shard_of
from warehouse.shards.source import Source

# Ids of which another one stands for the person on the date; an extract's own lines go before those for all.
ALIASES = """
CREATE OR REPLACE TEMP TABLE shard_alias AS
SELECT person_id, extract, same_as FROM core._person_alias
WHERE known_from <= DATE '{as_of}' AND (known_to IS NULL OR known_to > DATE '{as_of}')"""
# Every household of the register that somebody may be in: open or ended spells, and the two newest rolls.
PLACES = """
CREATE OR REPLACE TEMP TABLE shard_place AS
WITH home AS (
  SELECT {member} AS person_id, household_id, valid_to IS NULL AS is_open FROM ({members}) x {member_join}
  UNION ALL
  SELECT {resident}, household_id, false FROM ({roll}) x {resident_join}
  WHERE household_id IS NOT NULL AND x.person_id IS NOT NULL),
own AS (
  SELECT DISTINCT person_id, {of_household} AS shard FROM home
  UNION
  SELECT person_id, {of_person} FROM home GROUP BY person_id HAVING NOT bool_or(is_open)),
kin AS ({kin}),
stranger AS (SELECT DISTINCT kin_id AS person_id FROM kin ANTI JOIN own ON own.person_id = kin.kin_id),
every AS (SELECT * FROM own UNION ALL SELECT person_id, {of_person} FROM stranger)
SELECT person_id, shard FROM every
UNION
SELECT k.kin_id, coalesce(e.shard, {of_child}) FROM kin k LEFT JOIN every e ON e.person_id = k.child_id"""
# Whose state a person's own answers ask for: the parents that the register names.
KIN = (
    "SELECT DISTINCT {child} AS child_id, {kin} AS kin_id FROM ({roll}) x {joins} WHERE {column} IS NOT NULL"
)
# Where no extract lists everybody.
NOBODY = "SELECT NULL::VARCHAR AS person_id, NULL::VARCHAR AS household_id WHERE false"
NO_KIN = "SELECT NULL::VARCHAR AS child_id, NULL::VARCHAR AS kin_id WHERE false"


@dataclass(frozen=True)
class Register:
    """The source that lists everybody, and its columns that name kin."""

    source: Source
    kin: tuple[str, ...]


def master(column: str, extract: str, name: str) -> tuple[str, str]:
    """Whom an id of the query x stands for, and the joins that tell; `name` sets these joins apart."""
    everywhere, own = f"a_{name}", f"o_{name}"
    joins = (
        f"LEFT JOIN shard_alias {own} ON {own}.extract = '{extract}' AND {own}.person_id = x.{column} "
        f"LEFT JOIN shard_alias {everywhere} ON {everywhere}.extract = '' "
        f"AND {everywhere}.person_id = coalesce({own}.same_as, x.{column})"
    )
    return f"coalesce({everywhere}.same_as, {own}.same_as, x.{column})", joins


def place_everybody(
    con: duckdb.DuckDBPyConnection,
    sharding: Sharding,
    as_of: date,
    members: Source,
    register: Register | None,
) -> None:
    """Make shard_alias (person_id, extract, same_as) and shard_place (person_id, shard) of the date.

    Somebody without a line in shard_place has no household and no kin: their own number tells their shard.
    """
    con.execute(ALIASES.format(as_of=as_of))
    roll, extract = (register.source.sql, register.source.name) if register else (NOBODY, "")
    member, member_join = master("person_id", members.name, "m")
    resident, resident_join = master("person_id", extract, "r")
    con.execute(
        PLACES.format(
            member=member,
            member_join=member_join,
            members=members.sql,
            resident=resident,
            resident_join=resident_join,
            roll=roll,
            of_household=shard_of(sharding, "household_id"),
            of_person=shard_of(sharding, "person_id"),
            of_child=shard_of(sharding, "k.child_id"),
            kin=_kin(register),
        )
    )


def _kin(register: Register | None) -> str:
    if register is None:
        return NO_KIN
    extract = register.source.name
    child, child_join = master("person_id", extract, "c")
    parts = []
    for column in register.kin:
        kin, kin_join = master(column, "", column)
        joins = f"{child_join} {kin_join}"
        parts.append(
            KIN.format(child=child, kin=kin, roll=register.source.sql, joins=joins, column=f"x.{column}")
        )
    return " UNION ".join(parts) or NO_KIN
