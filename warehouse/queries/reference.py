"""The names behind ids and codes, which analysts join: tables ref.*."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import polars as pl

from warehouse.database.connection import run, transaction


def replace_reference(con: duckdb.DuckDBPyConnection, tables: Mapping[str, pl.DataFrame]) -> None:
    """Table name -> all its rows, in place of those before, in one commit."""
    with transaction(con):
        for name, rows in tables.items():
            con.execute(f"DELETE FROM {name}")
            run(con, f"INSERT INTO {name} BY NAME SELECT * FROM rows", rows=rows)
