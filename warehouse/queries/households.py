"""Questions about one household."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.database.partitions import at


def household_rows(
    con: duckdb.DuckDBPyConnection, table: str, household_id: str, as_of: date
) -> pl.DataFrame:
    """One household's rows of a dated table (mart.alert, panel.person …) of one date, in a fixed order."""
    return fetch(
        con,
        f"SELECT * FROM {at(table, '$2')} WHERE household_id = $1 ORDER BY ALL",
        [household_id, as_of],
    )


def last_household(con: duckdb.DuckDBPyConnection) -> int:
    """The highest number of a registered household's id; 0 before there is one."""
    query = "SELECT max(TRY_CAST(substr(household_id, 2) AS BIGINT)) FROM core.household WHERE kind = 'hukou'"
    found = con.execute(query).fetchone()
    return int(found[0] or 0) if found else 0
