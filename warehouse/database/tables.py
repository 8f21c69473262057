"""From declared tables to DuckDB: DDL, columns that a warehouse made earlier lacks, and comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from data_contracts.registry.tables import Table
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name, quoted_text

Columns = Mapping[tuple[str, str], str]  # (table, column) -> what is known of it


def make_tables(con: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> list[str]:
    """Make the tables that are not there, and add the columns that those made earlier lack, at their end.

    Rows from before have null there: unknown. Returns table.column of what was added to tables that were
    there. Raises ZhaorenError when a column was made with another type. The caller holds the transaction.
    """
    there = _types(con)
    made = {table for table, _ in there}
    added: list[str] = []
    for table in tables:
        if table.view:
            continue
        if table.name not in made:
            con.execute(ddl(table))
        else:
            added += _add_missing(con, table, there)
    return added


def ddl(table: Table) -> str:
    """The CREATE TABLE statement of a declared table."""
    parts = [f"{quoted_name(name)} {kind}" for name, kind in table.duckdb_types.items()]
    if table.primary_key:
        parts.append(f"PRIMARY KEY ({', '.join(table.key)})")
    return f"CREATE TABLE {table.name} ({', '.join(parts)})"


def comment(con: duckdb.DuckDBPyConnection, tables: Iterable[Table], database: str) -> None:
    """Write the meaning of each table and column that is in the database beside it, where it is not yet."""
    relations, columns = _comments(con, database)
    missing = []
    for table in tables:
        if table.name not in relations:
            continue
        kind = "VIEW" if table.view and relations[table.name][0] else "TABLE"
        if relations[table.name][1] != table.comment:
            missing.append(f"COMMENT ON {kind} {database}.{table.name} IS {quoted_text(table.comment)}")
        for name, column in table.columns.items():
            if columns.get((table.name, name), column.comment) != column.comment:
                where = f"{database}.{table.name}.{quoted_name(name)}"
                missing.append(f"COMMENT ON COLUMN {where} IS {quoted_text(column.comment)}")
    if missing:  # more than a thousand of a new home: given one by one they took 0.2 s more
        con.execute(";".join(missing))


def _add_missing(con: duckdb.DuckDBPyConnection, table: Table, there: Columns) -> list[str]:
    added = []
    for name, kind in table.duckdb_types.items():
        known = there.get((table.name, name))
        if known is None:
            con.execute(f"ALTER TABLE {table.name} ADD COLUMN {quoted_name(name)} {kind}")
            added.append(f"{table.name}.{name}")
        elif known != kind:
            raise _other_type(table.name, name, known, kind)
    return added


def _types(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    rows = con.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal AND database_name = current_database()"
    ).fetchall()
    return {(table, column): kind for table, column, kind in rows}


def _comments(
    con: duckdb.DuckDBPyConnection, database: str
) -> tuple[dict[str, tuple[bool, str]], dict[tuple[str, str], str]]:
    """Of each table and view whether it is a view, and its comment; of each column its comment."""
    where = f"WHERE database_name = {quoted_text(database)} AND NOT internal"  # a parameter would load pandas
    relations = con.execute(
        "SELECT schema_name || '.' || table_name, false, coalesce(comment, '') FROM duckdb_tables() "
        f"{where} UNION ALL "
        f"SELECT schema_name || '.' || view_name, true, coalesce(comment, '') FROM duckdb_views() {where}"
    ).fetchall()
    columns = con.execute(
        "SELECT schema_name || '.' || table_name, column_name, coalesce(comment, '') "
        f"FROM duckdb_columns() {where}"
    ).fetchall()
    return {name: (is_view, text) for name, is_view, text in relations}, {(t, c): x for t, c, x in columns}


def _other_type(table: str, name: str, old: str, new: str) -> ZhaorenError:
    return ZhaorenError(
        f"The column {name} has changed its type.",
        f"{table}.{name}",
        f"It was made as {old}, and it is declared as {new} now.",
        "Give the new column or fact another name; what was kept under the old one stays readable.",
    )
