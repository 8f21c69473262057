"""Publishing for analysts: a DuckDB file without ids of anybody, replaced whole so that no reader notices.

    publish(con, target, release) -> Published(rows, anonymity)

A reader that holds the old file open keeps reading the old file; the next one to open sees the new. Tables
about people are folded (relations.py, transforms/anonymity); what else goes out, and why the rest does not,
is declared with each table (data_contracts/tables). Before the new file takes the old one's place it is
measured as an analyst would: a row that stands there fewer than k times, or a text that looks like a village
or a number, stops it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from data_contracts.registry.published import PublishedTable
from data_contracts.registry.tables import Table
from transforms.anonymity.folding import fold
from transforms.anonymity.measures import folded_measures
from warehouse.database.connection import fetch, run, transaction
from warehouse.database.files import log_of
from warehouse.database.tables import comment
from warehouse.publishing.checks import refuse_lone_rows, refuse_numbers
from warehouse.publishing.counts import COUNTS
from warehouse.publishing.exposure import exposure
from warehouse.publishing.relations import open_columns, prepare
from warehouse.publishing.release import Release
from zhaoren.sql_text import quoted_name, quoted_text

ANONYMITY = "ref.anonymity"


@dataclass(frozen=True)
class Published:
    """The rows of each table, and ref.anonymity: how far each was folded."""

    rows: dict[str, int]
    anonymity: pl.DataFrame


def publish(con: duckdb.DuckDBPyConnection, target: Path, release: Release) -> Published:
    """Build the published file beside `target`, measure it, and swap it in; `con` is the open warehouse."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    _remove(partial)
    con.execute(f"ATTACH {quoted_text(partial)} AS p")
    try:
        built = _build(con, release)
        con.execute("CHECKPOINT p")  # what lay in the write-ahead log would not be renamed with the file
    except BaseException:
        con.execute("DETACH p")
        _remove(partial)  # what was refused must not lie beside what was not
        raise
    con.execute("DETACH p")
    partial.replace(target)
    return built


def _remove(partial: Path) -> None:
    for left_over in (partial, log_of(partial)):
        left_over.unlink(missing_ok=True)


def write_parquet(published: Path, folder: Path) -> list[str]:
    """Every table of the published file as a Parquet file, for tools that do not read DuckDB's."""
    with duckdb.connect(str(published), read_only=True) as con:
        named = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1"
        names = [str(name) for (name,) in con.execute(named).fetchall()]
        for name in names:
            con.execute(f"COPY {name} TO {quoted_text(folder / f'{name}.parquet')} (FORMAT parquet)")
    return [f"{name}.parquet" for name in names]


def _build(con: duckdb.DuckDBPyConnection, release: Release) -> Published:
    prepare(con, release)
    people = [open_columns(con, table, release.restricted) for table in release.people]
    plain = [table for table in release.tables if table.published]
    whole = [*plain, *(table.table for table in people)]
    for schema in sorted({table.name.split(".")[0] for table in whole}):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS p.{schema}")
    measured = [_fold(con, table, release.k) for table in people]
    anonymity = pl.concat([exposure(con, people, release.k), *measured])
    with transaction(con):
        con.execute(f"DELETE FROM {ANONYMITY}")
        run(con, f"INSERT INTO {ANONYMITY} BY NAME SELECT * FROM anonymity", anonymity=anonymity)
    for table in plain:
        con.execute(f"CREATE TABLE p.{table.name} AS {COUNTS.get(table.name) or _selection(table)}")
    refuse_lone_rows(con, people, release.k)
    refuse_numbers(con)
    with transaction(con):
        comment(con, whole, "p")
    return Published(_row_counts(con, whole), anonymity)


def _fold(con: duckdb.DuckDBPyConnection, table: PublishedTable, k: int) -> pl.DataFrame:
    """Write one folded table. Returns its row of ref.anonymity."""
    taken = ", ".join(f"({c.sql or quoted_name(n)}) AS {quoted_name(n)}" for n, c in table.columns.items())
    count = "sum(n)::BIGINT" if table.counted else "count(*)"
    cells = fetch(con, f"SELECT {taken}, {count} AS n FROM {table.source} GROUP BY ALL")
    folded = fold(cells, list(table.columns), k, table.within)
    kinds = table.table.duckdb_types
    columns = ", ".join(
        f"{quoted_name(n)}::{kinds[n]} AS {quoted_name(n)}" for n in [*table.columns, "not_shown"]
    )
    rest = ", n AS cnt FROM folded" if table.counted else " FROM (SELECT *, unnest(range(n)) FROM folded)"
    run(con, f"CREATE TABLE p.{table.name} AS SELECT {columns}{rest}", folded=folded)
    return folded_measures(table.name, cells, folded, table.columns, k)


def _selection(table: Table) -> str:
    columns = ", ".join(map(quoted_name, table.published))
    conditions = [
        f"NOT is_restricted_extract({name})" for name in ("extract", "source") if name in table.columns
    ]
    if "delivery_id" in table.columns and "extract" not in table.columns:
        open_ones = "SELECT delivery_id FROM ops.delivery WHERE NOT is_restricted_extract(extract)"
        conditions.append(f"delivery_id IN ({open_ones})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {columns} FROM {table.name}{where}"


def _row_counts(con: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> dict[str, int]:
    names = sorted(table.name for table in tables)
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM p.{name}" for name in names)
    return {str(name): int(rows) for name, rows in con.execute(query).fetchall()}
