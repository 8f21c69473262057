"""Whom the number of a found family is: by the vault the person, by the newest panel the household."""

from __future__ import annotations

import duckdb

from warehouse.identity.vault import Vault


def known_person(vault: Vault, id_number: str) -> str | None:
    """The person of a number, if any department ever delivered it."""
    row = vault.con.execute(
        "SELECT person_id FROM v.person_alias WHERE id_number = ?", [id_number]
    ).fetchone()
    return None if row is None else str(row[0])


def household_of(con: duckdb.DuckDBPyConnection, person_id: str) -> str | None:
    """The household in which the newest panel has the person, under whichever id it is known today."""
    row = con.execute(
        "SELECT household_id FROM panel.person WHERE person_id = coalesce((SELECT any_value(same_as) "
        "FROM core.person_alias WHERE person_id = $1 AND extract = ''), $1) "
        "AND household_id IS NOT NULL ORDER BY as_of DESC LIMIT 1",
        [person_id],
    ).fetchone()
    return None if row is None else str(row[0])
