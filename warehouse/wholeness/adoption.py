"""Take a home on that has no marks yet: a new one, or one of a former version."""

from __future__ import annotations

import polars as pl

from warehouse.database.connection import Connection, fetch, transaction
from warehouse.identity.marks import NONE, write_mark
from warehouse.identity.vault import COUNTED, Vault
from warehouse.wholeness.compare import newest_of
from warehouse.wholeness.mismatches import not_covering, other_people

# More of them are unlike in another home's vault; a few always are, as where a correction moved a row.
_MOST_UNLIKE = 0.5


def adopt(con: Connection, vault: Vault, home_id: str) -> None:
    """Write the first mark where the warehouse has none.

    That the vault of a former version covers its warehouse was seen when both were opened (refuse_uncovered).
    """
    if newest_of(con) != NONE:
        return
    ids = warehouse_ids(con)
    with transaction(con), transaction(vault.con):
        vault.belongs_to(home_id)
        vault.raise_counters(_last_numbers(ids))
        write_mark(con, vault, "home taken on")


def warehouse_ids(con: Connection) -> pl.DataFrame:
    """`id`: every person's and household's id in the tables of core and ops, once."""
    columns = con.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE schema_name IN "
        "('core', 'ops') "
        "AND (column_name LIKE '%person_id' OR column_name LIKE '%household_id') AND table_name IN "
        "(SELECT table_name FROM duckdb_tables()) ORDER BY ALL"
    ).fetchall()
    parts = [f'SELECT "{column}" AS id FROM {schema}."{table}"' for schema, table, column in columns]
    return fetch(
        con, f"SELECT DISTINCT id FROM ({' UNION ALL '.join(parts)}) WHERE id IS NOT NULL ORDER BY 1"
    )


def unknown_ids(vault: Vault, ids: pl.DataFrame) -> pl.DataFrame:
    """Those of the warehouse's ids (`id`) that the vault does not know."""
    return fetch(
        vault.con,
        "SELECT id FROM ids WHERE id NOT IN (SELECT person_id FROM v.person_alias) "
        "AND id NOT IN (SELECT person_id FROM v.provisional) "
        "AND id NOT IN (SELECT household_id FROM v.household_alias) ORDER BY 1",
        ids=ids,
    )


def refuse_uncovered(con: Connection, vault: Vault) -> None:
    """Raise ZhaorenError when the vault lacks ids of the warehouse, or its ids are other people's."""
    unknown = unknown_ids(vault, warehouse_ids(con)).get_column("id")
    if unknown.len():
        persons = int(unknown.str.starts_with(COUNTED["person"]).sum())
        raise not_covering(persons, unknown.len() - persons)
    share = unlike_share(con, vault)
    if share > _MOST_UNLIKE:
        raise other_people(round(100 * share))


def unlike_share(con: Connection, vault: Vault) -> float:
    """Of the persons whom the vault has from deliveries on record, the share that their rows lack."""
    named = fetch(vault.con, "SELECT DISTINCT delivery_id, person_id FROM v.identity")
    extracts = con.execute(
        "SELECT table_name FROM duckdb_columns() WHERE schema_name = 'core' AND table_name LIKE "
        "'\\_%' ESCAPE '\\' "
        "AND column_name IN ('delivery_id', 'person_id', 'row_no') GROUP BY ALL HAVING count(*) = 3 "
        "ORDER BY ALL"
    ).fetchall()
    if not extracts or named.is_empty():
        return 0.0
    rows = " UNION ".join(f'SELECT delivery_id, person_id FROM core."{table}"' for (table,) in extracts)
    known = fetch(
        con,
        "SELECT n.* FROM named n WHERE delivery_id IN (SELECT delivery_id FROM ops.delivery)",
        named=named,
    )
    if known.is_empty():
        return 1.0  # of all that the warehouse took in the vault has nothing
    unlike = fetch(
        con, f"SELECT count(*) AS n FROM known ANTI JOIN ({rows}) USING (delivery_id, person_id)", known=known
    )
    return float(unlike.item() / known.height)


def _last_numbers(ids: pl.DataFrame) -> list[int]:
    """The highest number among the ids of each kind, in the order of COUNTED."""
    numbers = pl.col("id").str.slice(1).cast(pl.Int64, strict=False)
    return [
        int(ids.filter(pl.col("id").str.starts_with(letter)).select(numbers.max().fill_null(0)).item())
        for letter in COUNTED.values()
    ]
