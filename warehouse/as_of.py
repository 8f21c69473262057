"""Reading the warehouse as of a date, and writing each date's results in one commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import duckdb
import polars as pl

from data_contracts.loading.loading import Contract
from transforms.linkage.person_ids import renamed
from warehouse.database.connection import fetch, run, transaction
from warehouse.deliveries.deliveries import in_force
from warehouse.history import histories
from warehouse.identity.person_aliases import aliases_at
from zhaoren.errors import ZhaorenError


def core_frames(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], as_of: date
) -> dict[str, pl.DataFrame]:
    """Each extract's facts known by the date and in force on it, plus `household_member` as then believed.

    A full roll repeats everybody each month, so only its two newest months are read; `<extract>.before` holds
    what older ones still tell (history.py). Person ids are those of whom they stood for on the date.
    """
    standing = in_force(con, as_of)
    frames = {c.extract: _extract(con, c, standing.filter(extract=c.extract)) for c in contracts.values()}
    # Purse and roof are derived from the panel that is made of this: only the register goes in.
    frames["household_member"] = _spells(con, as_of).filter(kind="hukou")
    return renamed(frames | histories(con, standing), aliases_at(con, as_of))


def members_at(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """Who was in which household on the date, as believed then: household_id, person_id, kind, valid_from."""
    return _spells(con, as_of).filter(pl.col("valid_to").is_null()).drop("valid_to", "relation_code")


def _spells(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    return fetch(
        con,
        "SELECT household_id, person_id, relation_code, kind, valid_from, "
        "CASE WHEN valid_to <= $1 THEN valid_to END AS valid_to FROM core._household_member "
        "WHERE valid_from <= $1 AND known_from <= $1 AND (known_to IS NULL OR known_to > $1) "
        "ORDER BY household_id, person_id, valid_from",
        [as_of],
    )


def _extract(con: duckdb.DuckDBPyConnection, contract: Contract, chosen: pl.DataFrame) -> pl.DataFrame:
    if contract.loads == "roll":
        months = chosen.get_column("period_month").unique().sort(descending=True)[:2]
        chosen = chosen.filter(pl.col("period_month").is_in(months.implode()))
    return fetch(
        con,
        f"SELECT * FROM core._{contract.extract} WHERE delivery_id IN (SELECT unnest($1)) "
        "ORDER BY period_month, known_date, delivery_id, row_no",
        [chosen.get_column("delivery_id").to_list()],
    )


def outcomes(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """What visits found, as known by the date."""
    return fetch(
        con, "SELECT * FROM mart.outcome WHERE known_date <= $1 ORDER BY alert_id, known_date", [as_of]
    )


def households_found(con: duckdb.DuckDBPyConnection, as_of: date, since: date, result_code: str) -> pl.Series:
    """Households whose newest visit after `since`, as known by the date, ended in the result."""
    rows = fetch(
        con,
        "SELECT a.household_id, max_by(o.result_code, (o.found_date, o.known_date)) AS result_code "
        "FROM mart.outcome o JOIN (SELECT DISTINCT alert_id, household_id FROM mart.alert) a "
        "USING (alert_id) "
        "WHERE o.known_date <= $1 AND o.found_date > $2 GROUP BY 1 ORDER BY 1",
        [as_of, since],
    )
    return rows.filter(pl.col("result_code") == result_code).get_column("household_id")


def rows_before(con: duckdb.DuckDBPyConnection, table: str, as_of: date) -> pl.DataFrame:
    """The rows of a dated table of every earlier date."""
    return fetch(con, f"SELECT * FROM {table} WHERE as_of < $1 ORDER BY ALL", [as_of])


# What makes a row of a wide table unique; sorting by all its columns would take most of the reading time.
ROW_KEYS = {
    "panel.person": "person_id",
    "panel.golden": "person_id",
    "panel.household": "household_id",
    "mart.alert": "alert_id",
}


def partition(con: duckdb.DuckDBPyConnection, table: str, as_of: date, *columns: str) -> pl.DataFrame:
    """The rows of one date of a dated table, in a fixed order; only `columns` where some are named."""
    order = "ALL" if columns else ROW_KEYS.get(table, "ALL")
    asked = ", ".join(columns) or "*"
    return fetch(con, f"SELECT {asked} FROM {table} WHERE as_of = $1 ORDER BY {order}", [as_of])


def listed(con: duckdb.DuckDBPyConnection, table: str, as_of: date) -> pl.DataFrame:
    """The date's rows of a panel table of the households that were on a list: those a visit can tell of."""
    return fetch(
        con,
        f"SELECT * FROM {table} WHERE as_of = $1 AND household_id IN (SELECT household_id FROM mart.alert "
        f"WHERE as_of = $1 AND is_listed) ORDER BY {ROW_KEYS[table]}",
        [as_of],
    )


def row_count(con: duckdb.DuckDBPyConnection, table: str, as_of: date) -> int:
    """How many rows a dated table has of one date."""
    found = con.execute(f"SELECT count(*) FROM {table} WHERE as_of = ?", [as_of]).fetchone()
    return int(found[0]) if found else 0


def as_of_dates(con: duckdb.DuckDBPyConnection) -> list[date]:
    """The dates scored so far, oldest first."""
    rows = con.execute("SELECT DISTINCT as_of FROM ops.step WHERE step = 'score' ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def newest_date(con: duckdb.DuckDBPyConnection) -> date:
    """The newest date scored. Raises ZhaorenError when there is none."""
    dates = as_of_dates(con)
    if not dates:
        raise ZhaorenError(
            "No date was run yet.",
            "",
            "There is nothing to measure.",
            "Run `zhaoren run --inbox INBOX --all`.",
        )
    return dates[-1]


def replace_partitions(
    con: duckdb.DuckDBPyConnection, as_of: date, tables: Mapping[str, pl.DataFrame], step: StepDone
) -> None:
    """Write one date's rows of several tables, and that the step is done, in one commit."""
    with transaction(con):
        for table, frame in tables.items():
            con.execute(f"DELETE FROM {table} WHERE as_of = ?", [as_of])
            columns = frame if "as_of" in frame.columns else frame.with_columns(as_of=pl.lit(as_of))
            run(con, f"INSERT INTO {table} BY NAME SELECT * FROM part", part=columns)
        step.record(con)


class StepDone:
    """One row of `ops.step`: what was done for a date, and from what (the fingerprint of its inputs)."""

    def __init__(self, as_of: date, step: str, fingerprint: str, at: datetime, detail: str = "") -> None:
        self.row = [as_of, step, fingerprint, at, detail]

    def record(self, con: duckdb.DuckDBPyConnection) -> None:
        """Insert or replace the row; the caller holds the transaction."""
        con.execute("INSERT OR REPLACE INTO ops.step VALUES (?, ?, ?, ?, ?)", self.row)


def step_fingerprint(con: duckdb.DuckDBPyConnection, as_of: date, step: str) -> str | None:
    """The inputs' fingerprint of the step as last done for the date, or None."""
    row = con.execute(
        "SELECT fingerprint FROM ops.step WHERE as_of = ? AND step = ?", [as_of, step]
    ).fetchone()
    return None if row is None else str(row[0])
