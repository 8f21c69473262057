"""A DuckDB file written anew as a whole, so that nothing deleted and no former key is left in it.

DuckDB deletes by marking: the free blocks of its file, and its log, go on holding the old bytes. Blocks that
the file system frees are beyond a program's reach; an encrypted disk is what helps there.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.database.connection import Connection, encrypting
from warehouse.database.files import log_of, sync
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name, quoted_text

# What makes up a database, besides the rows: a copy that lost any of it must not take the original's place.
_CATALOGUE = (
    "SELECT 'schema', schema_name, '', '', comment FROM duckdb_schemas() WHERE database_name = $1",
    "SELECT 'table', schema_name, table_name, sql, comment FROM duckdb_tables() WHERE database_name = $1",
    "SELECT 'view', schema_name, view_name, sql, comment FROM duckdb_views() WHERE database_name = $1",
    "SELECT 'column', schema_name || '.' || table_name, column_name, data_type, comment "
    "FROM duckdb_columns() WHERE database_name = $1",
    "SELECT 'key', schema_name || '.' || table_name, constraint_text, '', '' FROM duckdb_constraints() "
    "WHERE database_name = $1",
    "SELECT 'macro', schema_name, function_name, macro_definition, comment FROM duckdb_functions() "
    "WHERE database_name = $1 AND NOT internal",
    "SELECT 'index', schema_name || '.' || table_name, index_name, sql, comment FROM duckdb_indexes() "
    "WHERE database_name = $1",
)


def rewrite(path: Path, key: str | None = None, new_key: str | None = None) -> None:
    """Copy the file whole into a new one and put that in its place; killed at any moment one is whole.

    key: what the file is encrypted with (None: it is not); new_key: what the new one is to be encrypted with
    (None: as the old). No connection of this process may have the file open. Rows keep their order. Raises
    ZhaorenError, and leaves the file as it is, when it cannot be read or the copy is not its equal.
    """
    fresh = _fresh(path)
    clear_leftovers(path)
    con = encrypting({"temp_directory": ""})  # nothing is put aside on the disk
    try:
        _attach(con, path, "old", key)
        con.execute("CHECKPOINT old")  # its log must not be read into the new file later
        _attach(con, fresh, "new", new_key or key)
        fresh.chmod(0o600)
        con.execute("COPY FROM DATABASE old TO new")
        if _content(con, "old") != _content(con, "new"):
            raise _not_equal(path)
        con.execute("DETACH new")  # folds its log in
        sync(fresh)
        # The old file stays locked until its name means the new one: nobody writes into what is going away.
        fresh.replace(path)
        sync(path.parent)
    except duckdb.Error as error:
        raise _not_rewritten(path, error) from None
    finally:
        con.close()
        clear_leftovers(path)


def clear_leftovers(path: Path) -> None:
    """Remove what a killed rewriting of the file left beside it."""
    for name in (_fresh(path), log_of(_fresh(path))):
        name.unlink(missing_ok=True)


def _fresh(path: Path) -> Path:
    return path.with_name(f"{path.name}.rewriting")


def _attach(con: Connection, path: Path, name: str, key: str | None) -> None:
    encrypted = f" (ENCRYPTION_KEY {quoted_text(key)})" if key else ""
    con.execute(f"ATTACH {quoted_text(path)} AS {name}{encrypted}")


def _content(con: Connection, database: str) -> list[list[tuple[object, ...]]]:
    """The catalogue of an attached database, and the number of rows of each table."""
    found = [sorted(con.execute(query, [database]).fetchall(), key=str) for query in _CATALOGUE]
    tables = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL", [database]
    ).fetchall()
    counts: list[tuple[object, ...]] = []
    for schema, table in tables:
        name = f"{database}.{quoted_name(schema)}.{quoted_name(table)}"
        counts += con.execute(f"SELECT {quoted_text(table)}, count(*) FROM {name}").fetchall()
    return [*found, counts]


def _not_equal(path: Path) -> ZhaorenError:
    return ZhaorenError(
        "The database file could not be written anew.",
        path.name,
        "The copy does not hold everything that the original does.",
        "Nothing was changed. Please report this: it is a fault of the program.",
    )


def _not_rewritten(path: Path, error: duckdb.Error) -> ZhaorenError:
    text = str(error).lower()
    if "no space left" in text:
        return ZhaorenError(
            "The disk is full.",
            path.name,
            "To write a database file anew takes as much room again.",
            "Free some space and give the command again. Nothing was changed.",
            code="disk_full",
        )
    if "lock" in text:
        return ZhaorenError(
            "The database file is in use.",
            path.name,
            "Another process has it open.",
            "Wait for it to end and give the command again. Nothing was changed.",
        )
    return ZhaorenError(
        "The database file could not be written anew.",
        path.name,
        "It could not be read, or its copy not be written.",
        "Check the disk and the key, and give the command again. Nothing was changed.",
    )
