"""Whether the name on a row is one that its number's owner is known by: asked of few names, not of all.

Nearly every row bears the name that the same department, or the roll of everybody, gave before. Only for the
others are all names of the owner, and of the owner's household, looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.identity.vault import Vault

# Whose names are looked at after the department's own: whoever brought most persons. Only speed rests on it.
MOST_NAMES = "SELECT source FROM v.person_alias GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
NAMED = {"_row": pl.UInt32, "owner_name": pl.String}
IN_USE = "FROM v.identity WHERE attribute = 'name' AND retired_date IS NULL"
NOW_HOME = (
    "(SELECT household_id, person_id FROM core._household_member "
    "WHERE kind = 'hukou' AND known_to IS NULL AND valid_to IS NULL)"
)


@dataclass(frozen=True)
class OtherNames:
    """The rows (_row: their places) whose name is none that the owner is known by.

    rows: _row, person_id, name, one line each; names: _row and owner_name, one line per known name of the
    owner, if any is known; mates: the places of rows that bear the name of another member of the owner's
    household.
    """

    rows: pl.DataFrame
    names: pl.DataFrame
    mates: pl.Series


def other_names(con: duckdb.DuckDBPyConnection, vault: Vault, rows: pl.DataFrame, extract: str) -> OtherNames:
    """`rows`: person_id and name; a row that lacks either is not compared."""
    named = rows.select("person_id", "name").with_row_index("_row").drop_nulls()
    for source in dict.fromkeys([extract, *fetch(vault.con, MOST_NAMES).get_column("source")]):
        named = _without_names_by(vault, named, source)
    if named.is_empty():
        return OtherNames(named, pl.DataFrame(schema=NAMED), named.get_column("_row"))
    mates = _mates(con, named)
    known = _names(vault, pl.concat([named.select("person_id"), mates.select("person_id")]))
    owned = named.join(known, on="person_id")
    own = owned.filter(pl.col("name") == pl.col("owner_name"))
    others = named.join(own, on="_row", how="anti")
    shared = mates.join(known.rename({"owner_name": "name"}), on=["person_id", "name"], how="semi")
    return OtherNames(
        others,
        owned.join(others, on="_row", how="semi").select("_row", "owner_name").sort("_row", "owner_name"),
        shared.join(others, on="_row", how="semi").get_column("_row").unique().sort(),
    )


def _without_names_by(vault: Vault, named: pl.DataFrame, source: str) -> pl.DataFrame:
    if named.is_empty():
        return named
    return fetch(
        vault.con,
        f"SELECT * FROM named ANTI JOIN (SELECT person_id, value AS name {IN_USE} AND source = $1) "
        "USING (person_id, name)",
        [source],
        named=named,
    )


def _mates(con: duckdb.DuckDBPyConnection, named: pl.DataFrame) -> pl.DataFrame:
    """_row, name and person_id of every other member of the household in which the row's owner lives."""
    return fetch(
        con,
        f"SELECT DISTINCT o._row, o.name, m.person_id FROM owners o JOIN {NOW_HOME} h "
        f"ON h.person_id = o.person_id JOIN {NOW_HOME} m USING (household_id) "
        "WHERE m.person_id <> o.person_id",
        owners=named,
    )


def _names(vault: Vault, persons: pl.DataFrame) -> pl.DataFrame:
    """person_id, owner_name: every name in use of these persons."""
    return fetch(
        vault.con,
        f"SELECT DISTINCT person_id, value AS owner_name {IN_USE} "
        "AND person_id IN (SELECT person_id FROM wanted)",
        wanted=persons.unique(),
    )
