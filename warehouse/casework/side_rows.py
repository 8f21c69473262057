"""Rows of the further sheets that came back: tries, key persons' visits, services. Added, never changed.

A copy of a list says again what another file said. The k-th line alike of one file is the k-th of the other,
so that each try counts once however many copies come, in whatever order.
"""

from __future__ import annotations

import duckdb
import polars as pl

from data_contracts.registry.tables import schema
from warehouse.casework.visits import line_id
from warehouse.database.connection import fetch, run

# Of each table: the letter and name of its id, and the columns that say what the line says.
_TABLES = {
    "mart.contact": (
        "T",
        "contact_id",
        ("case_no", "contact_date", "part_of_day", "way_code", "contact_result"),
    ),
    "mart.key_visit": ("P", "key_visit_id", ("as_of", "person_id", "visited_date", "excuse_code")),
    "mart.activity": (
        "A",
        "activity_id",
        (
            *("town_code", "service_code", "form_code", "service_date"),
            *("person_cnt", "volunteer_cnt", "resource_yuan"),
        ),
    ),
}


def id_column(table: str) -> str:
    """The name of the table's id."""
    return _TABLES[table][1]


def with_ids(con: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame, sha256: str) -> pl.DataFrame:
    """The rows (columns of the table, row_no, others as they are) with their ids, in their order."""
    letter, name, said = _TABLES[table]
    given = _typed(table, rows.with_columns(feedback_sha256=pl.lit(sha256)))
    hashed = line_id(letter, (*said, "feedback_sha256", "row_no"))
    return fetch(con, f"SELECT *, {hashed} AS {name} FROM part ORDER BY row_no, {name}", part=given)


def alike(con: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The table's rows that say what some of these rows say: all columns, oldest first."""
    _, name, said = _TABLES[table]
    same = " AND ".join(f"t.{column} IS NOT DISTINCT FROM w.{column}" for column in said)
    return fetch(
        con,
        f"SELECT * FROM {table} t WHERE EXISTS (SELECT 1 FROM wanted w WHERE {same}) "
        f"ORDER BY known_date, {name}",
        wanted=_typed(table, rows).select(said),
    )


def saying(table: str) -> tuple[str, ...]:
    """The columns that say what a line of the table says."""
    return _TABLES[table][2]


def add_rows(con: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    """Add rows with ids; one that is there stays. The caller holds the transaction."""
    names = [name for name in schema(table) if name in rows.columns]
    run(
        con, f"INSERT INTO {table} BY NAME SELECT * FROM part ON CONFLICT DO NOTHING", part=rows.select(names)
    )


def _typed(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    known = schema(table)
    return rows.cast({name: known[name] for name in rows.columns if name in known})
