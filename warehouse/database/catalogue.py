"""Which tables and columns a database has, whatever version made it."""

from __future__ import annotations

from warehouse.database.connection import Connection


def database_of(con: Connection) -> str:
    """The name under which the connection's own database is attached."""
    return str(con.execute("SELECT current_database()").fetchall()[0][0])


def has_table(con: Connection, name: str) -> bool:
    """Whether the connection's own database has the table `schema.table`; a view is none."""
    query = (
        "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = ? AND table_name = ?"
    )
    return con.execute(query, name.split(".")).fetchone() is not None


def has_column(con: Connection, table: str, column: str) -> bool:
    """Whether the table `schema.table` is there and has the column."""
    return has_table(con, table) and column in columns_of(con, table)


def columns_of(con: Connection, table: str) -> dict[str, str]:
    """Column -> its DuckDB type, in order, of a table or view that is there."""
    return {name: kind for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall()}
