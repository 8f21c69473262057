"""DuckDB as the second engine for a rule's text: what polars answers is held against it."""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb
import polars as pl


def duckdb_answers(text: str, facts: pl.DataFrame, gives: str) -> list[Any]:
    """The text's answer for each row of the frame, run word for word; `gives` is what it must give."""
    shape = "BOOLEAN" if gives == "boolean" else "DECIMAL(38,6)"
    con = _engine()
    con.register("facts", facts.to_arrow())
    rows = con.execute(f"SELECT CAST(({text}) AS {shape}) FROM facts").fetchall()
    con.unregister("facts")
    return [row[0] for row in rows]


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for the whole session: to open another costs more than the answer."""
    return duckdb.connect(config={"threads": 1})
