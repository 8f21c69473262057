"""An empty warehouse of all shipped contracts and facts: its tables are made once, and then copied."""

from __future__ import annotations

import tempfile
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from data_contracts.loading.contracts import load_contracts
from data_contracts.registry.tables import shipped_tables
from policies.loading import load_catalogue
from warehouse.database.connection import Connection, connect, run
from warehouse.database.partitions import partition
from warehouse.database.schema import create
from warehouse.dated_rows import write_date
from warehouse.thin_rows import forget_before


def empty_warehouse(path: Path) -> Connection:
    """A connection to a warehouse of one's own at `path`."""
    path.write_bytes(_made())
    return connect(path)


def put_rows(con: Connection, table: str, rows: pl.DataFrame) -> None:
    """Add rows to a table, to each date's where it has dates; columns that are not given are null."""
    declared = shipped_tables().get(table)
    if declared is None or not declared.thin:
        run(con, f"INSERT INTO {table} BY NAME SELECT * FROM given", given=rows)
        return
    for day in rows["as_of"].unique().sort():
        there = partition(con, table, day)
        added = rows.filter(as_of=day).cast(pl.Schema({name: there.schema[name] for name in rows.columns}))
        write_date(con, table, day, pl.concat([there, added], how="diagonal"))


def empty(con: Connection, table: str) -> None:
    """Take all rows out of a table."""
    if shipped_tables()[table].thin:
        forget_before(con, table, date.max)
    else:
        con.execute(f"DELETE FROM {table}")


@cache
def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        con = connect(Path(folder) / "w.duckdb")
        create(con, load_contracts(), load_catalogue().panel_facts())
        con.close()
        return (Path(folder) / "w.duckdb").read_bytes()
