"""A staged copy of one delivery for its suite of delivery checks; it holds no identifier."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from warehouse.database.connection import connect, run


def stage(path: Path, rows: pl.DataFrame) -> Path:
    """Write `rows` (CheckedRows.stage) as table `staged` of a new DuckDB file."""
    path.unlink(missing_ok=True)
    con = connect(path)
    try:
        con.execute("PRAGMA force_compression = 'uncompressed'")  # it is read once and thrown away
        run(con, "CREATE TABLE staged AS SELECT * FROM rows", rows=rows)
    finally:
        con.close()
    return path
