"""The file is read as an analyst would; what is wrong stops it, and the old one stays."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from data_contracts.registry.published import PublishedTable
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name

# Eleven digits and more: a phone, a village's code, an ID number, a card. Not part of a longer word, such as
# a hash.
_NUMBER = "(^|[^0-9A-Za-z])[0-9]{11,19}([^0-9A-Za-z]|$)"
# Ends in part of the file's hash, which chance may make of digits alone.
_HASHED = ("delivery_id", "amends_delivery_id")
_KEPT = "The analysts' file is as it was before."


def refuse_lone_rows(con: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable], k: int) -> None:
    """A ZhaorenError if any row of a table about people stands in `p` fewer than k times."""
    for table in tables:
        columns = ", ".join(map(quoted_name, [*table.columns, "not_shown"]))
        count = "sum(cnt)" if table.counted else "count(*)"
        least = con.execute(
            f"SELECT min(n) FROM (SELECT {columns}, {count} AS n FROM p.{table.name} GROUP BY ALL)"
        ).fetchall()[0][0]
        if least is not None and least < k:
            raise ZhaorenError(
                "Nothing was published: somebody would stand out.",
                table.name,
                f"A row of it stands there {least} times, and at least {k} must be alike. {_KEPT}",
                "See what was changed in data_contracts/tables/published; if nothing was, it is a defect.",
            )


def refuse_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """A ZhaorenError if any text in `p` holds a number as long as a village's, a phone's or a person's."""
    texts = con.execute(
        "SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns() "
        f"WHERE database_name = 'p' AND data_type = 'VARCHAR' AND column_name NOT IN {_HASHED} GROUP BY 1"
    ).fetchall()
    for table, columns in texts:
        tests = ", ".join(f"bool_or(regexp_matches({quoted_name(c)}, '{_NUMBER}'))" for c in columns)
        distinct = f"SELECT DISTINCT {', '.join(map(quoted_name, columns))} FROM p.{table}"
        found = con.execute(f"SELECT {tests} FROM ({distinct})").fetchall()[0]
        for column in [column for column, is_found in zip(columns, found, strict=True) if is_found]:
            raise ZhaorenError(
                "Nothing was published: a text holds a number that may be a person's or a village's.",
                f"{table}.{column}",
                f"Analysts get no such number. {_KEPT}",
                "Withhold the column in data_contracts/tables, or correct what it comes from.",
            )
