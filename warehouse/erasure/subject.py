"""Whom an erasure is about: every id of the person, what the vault knows them by, and their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from warehouse.database.connection import Connection, fetch
from warehouse.identity.person_aliases import master_of
from warehouse.identity.vault import Vault
from zhaoren.sql_text import quoted_name

_ODD = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True)
class Subject:
    """One person. ids: all that stand for them now. alone: households whose only member they ever were;
    households: all they belonged to. cases: questions and decisions on who they are, and the numbers of the
    cases that are theirs alone.

    numbers, names, contacts (phones): as the vault holds them. rows: delivery_id, row_no of all their rows.
    """

    ids: tuple[str, ...]
    numbers: tuple[str, ...]
    names: tuple[str, ...]
    contacts: tuple[str, ...]
    alone: tuple[str, ...]
    households: tuple[str, ...]
    cases: tuple[str, ...]
    rows: pl.DataFrame


def person_of_number(vault: Vault, number: str) -> str | None:
    """The person of an ID number as typed: spaces, and a small x, do not matter."""
    typed = _ODD.sub("", number.upper())
    row = vault.con.execute("SELECT person_id FROM v.person_alias WHERE id_number = ?", [typed]).fetchone()
    return str(row[0]) if row else None


def is_person(con: Connection, vault: Vault, person_id: str) -> bool:
    """Whether the id was ever given to a person who is still there."""
    for database, table in (
        (vault.con, "v.person_alias"),
        (vault.con, "v.provisional"),
        (con, "core._person"),
    ):
        if database.execute(f"SELECT 1 FROM {table} WHERE person_id = ?", [person_id]).fetchone():
            return True
    return False


def subject_of(con: Connection, vault: Vault, person_id: str) -> Subject:
    """All that belongs to the person, by what is believed now of which ids are one."""
    ids = _ids(con, person_id)
    numbers = _texts(
        vault, "SELECT id_number FROM v.person_alias WHERE person_id IN (SELECT unnest($1))", ids
    )
    stated = "SELECT number_text FROM v.provisional WHERE person_id IN (SELECT unnest($1))"
    numbers += [n for text in _texts(vault, stated, ids) if len(n := _ODD.sub("", text.upper())) in (15, 18)]
    old = [number[:6] + number[8:17] for number in numbers if len(number) == 18]
    every = tuple(dict.fromkeys(numbers + old))
    alone = _listed(con, _ALONE, ids)
    names, contacts = (_values(vault, ids, attribute) for attribute in ("name", "phone"))
    rows = pl.concat([_loaded(con, ids), _quarantined(vault, every, names, contacts)]).unique().sort(pl.all())
    return Subject(
        ids=tuple(ids),
        numbers=every,
        names=tuple(names),
        contacts=tuple(contacts),
        alone=alone,
        households=_listed(con, _HOUSEHOLDS, ids),
        cases=_listed(con, _CASES, ids) + _listed(con, _NUMBERS, [*ids, *alone]),
        rows=rows,
    )


_ALONE = (
    "SELECT household_id FROM core._household_member GROUP BY 1 "
    "HAVING bool_and(person_id IN (SELECT unnest($1))) ORDER BY 1"
)
_HOUSEHOLDS = (
    "SELECT DISTINCT household_id FROM core._household_member "
    "WHERE person_id IN (SELECT unnest($1)) ORDER BY 1"
)
_CASES = (
    "SELECT case_id FROM ops.identity_question WHERE person_id IN (SELECT unnest($1)) "
    "OR other_person_id IN (SELECT unnest($1)) ORDER BY 1"
)

_NUMBERS = "SELECT case_no FROM mart.case WHERE case_id IN (SELECT unnest($1)) ORDER BY 1"


def _listed(con: Connection, query: str, ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in con.execute(query, [list(ids)]).fetchall())


def _ids(con: Connection, person_id: str) -> list[str]:
    """Every id that stands for the same person now."""
    master = master_of(con, person_id)
    others = con.execute(
        "SELECT person_id FROM core.person_alias WHERE same_as = ? AND extract = '' ORDER BY 1", [master]
    ).fetchall()
    return [master, *(str(one[0]) for one in others)]


def _texts(vault: Vault, query: str, ids: Sequence[str]) -> list[str]:
    return [str(row[0]) for row in vault.con.execute(query, [list(ids)]).fetchall() if row[0]]


def _values(vault: Vault, ids: Sequence[str], attribute: str) -> list[str]:
    query = "SELECT DISTINCT value FROM v.identity WHERE person_id IN (SELECT unnest($1)) AND attribute = "
    return sorted(_texts(vault, f"{query} '{attribute}'", ids))


def row_tables(con: Connection) -> list[str]:
    """The tables that hold departments' rows person by person."""
    rows = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_columns() "
        "WHERE database_name = current_database() "
        "AND table_name IN (SELECT table_name FROM duckdb_tables()) GROUP BY ALL "
        "HAVING count(*) FILTER (column_name IN ('person_id', 'delivery_id', 'row_no')) = 3 ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _loaded(con: Connection, ids: Sequence[str]) -> pl.DataFrame:
    parts = [
        f"SELECT delivery_id, row_no::BIGINT AS row_no FROM {table} WHERE person_id IN (SELECT unnest($1))"
        for table in row_tables(con)
    ]
    return fetch(con, " UNION ".join(parts), [list(ids)])


def _quarantined(
    vault: Vault, numbers: Iterable[str], names: Iterable[str], contacts: Iterable[str]
) -> pl.DataFrame:
    """Refused rows that bear one of the numbers, or a name beside a phone or a birth date of theirs.

    A row with another name is another person's, whose row bears the number by mistake.
    """
    births = [n[6:14] for n in numbers if len(n) == 18]
    return fetch(
        vault.con,
        "WITH cell AS (SELECT delivery_id, row_no, column_name, value, "
        "regexp_replace(upper(value), '[^0-9A-Z]', '', 'g') AS bare FROM v.quarantine_value) "
        "SELECT delivery_id, row_no FROM cell GROUP BY ALL HAVING "
        "(bool_or(list_bool_or(list_transform($1::VARCHAR[], n -> contains(bare, n)))) "
        "AND NOT bool_or(column_name = 'name' AND trim(value) NOT IN (SELECT unnest($2::VARCHAR[])))) OR "
        "(bool_or(trim(value) IN (SELECT unnest($2::VARCHAR[]))) AND "
        "bool_or(list_bool_or(list_transform($3::VARCHAR[], n -> contains(bare, n)))))",
        [list(numbers), list(names), [*contacts, *births]],
    )


def table_columns(con: Connection, database: str) -> dict[str, list[str]]:
    """schema.table -> its columns, of every table of an attached database."""
    rows = con.execute(
        "SELECT c.schema_name, c.table_name, list(c.column_name ORDER BY c.column_index) "
        "FROM duckdb_columns() c JOIN duckdb_tables() t USING (database_name, schema_name, table_name) "
        "WHERE c.database_name = ? AND NOT c.internal GROUP BY ALL ORDER BY ALL",
        [database],
    ).fetchall()
    return {f"{quoted_name(schema)}.{quoted_name(table)}": columns for schema, table, columns in rows}


def rows_of_others(
    con: Connection, delivery_id: str, extract: str, subject: Subject, rows: list[int]
) -> set[int]:
    """Which of these rows of a delivery were loaded as, or refused as, somebody else's."""
    theirs = set(subject.rows.filter(delivery_id=delivery_id)["row_no"].to_list())
    found = con.execute(
        f"SELECT row_no FROM core._{extract} WHERE delivery_id = $1 "
        "AND row_no IN (SELECT unnest($2::BIGINT[])) UNION "
        "SELECT row_no FROM ops.quarantine WHERE delivery_id = $1 "
        "AND row_no IN (SELECT unnest($2::BIGINT[]))",
        [delivery_id, rows],
    ).fetchall()
    return {int(row[0]) for row in found} - theirs
