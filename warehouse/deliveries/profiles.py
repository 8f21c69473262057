"""What each delivery looked like, kept so that the next one can be compared with it.

`ops.profile` has one row per delivery, column and value (profile.profile_of's columns); `ops.validation`
the suite's validation document as JSON, from which Data Docs are made; `ops.partition` the months and
parts that were promised and are not there, as seen on each date. None of them holds an identifier.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import polars as pl

from data_contracts.contract.cadence import expected_by
from data_contracts.contract.model import Contract
from data_contracts.contract.period import later
from data_contracts.delivery_checks.past import Past
from warehouse.database.connection import fetch, run


def keep_profile(con: duckdb.DuckDBPyConnection, delivery_id: str, profile: pl.DataFrame) -> None:
    """Write one delivery's profile; the caller holds the transaction."""
    con.execute("DELETE FROM ops.profile WHERE delivery_id = ?", [delivery_id])
    run(
        con,
        "INSERT INTO ops.profile BY NAME "
        "SELECT ? AS delivery_id, column_name, value, share, cnt FROM profile",
        [delivery_id],
        profile=profile,
    )


def keep_validation(con: duckdb.DuckDBPyConnection, delivery_id: str, document: Mapping[str, Any]) -> None:
    """Write one delivery's validation document; the caller holds the transaction."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    con.execute(
        "INSERT OR REPLACE INTO ops.validation (delivery_id, document) VALUES (?, ?)", [delivery_id, text]
    )


def keep_partitions(con: duckdb.DuckDBPyConnection, as_of: date, found: pl.DataFrame) -> None:
    """Write what is missing, late, held or rejected on the date, in place of an earlier run's answer.

    `found`: partitions.missing_partitions' columns. The caller holds the transaction.
    """
    con.execute("DELETE FROM ops.partition WHERE as_of = ?", [as_of])
    run(con, "INSERT INTO ops.partition BY NAME SELECT ?::DATE AS as_of, * FROM found", [as_of], found=found)


def validations(con: duckdb.DuckDBPyConnection, known: date) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(delivery, document) of every delivery of the date, by department and extract.

    delivery: delivery_id, department, extract, file_name, known_date (ISO), status.
    """
    rows = con.execute(
        "SELECT delivery_id, department, extract, file_name, known_date, status, document "
        "FROM ops.delivery JOIN ops.validation USING (delivery_id) WHERE known_date = ? "
        "ORDER BY department, extract, delivery_id",
        [known],
    ).fetchall()
    names = ("delivery_id", "department", "extract", "file_name", "known_date", "status")
    return [(dict(zip(names, map(str, row[:-1]), strict=True)), json.loads(row[-1])) for row in rows]


def whole_deliveries_at(con: duckdb.DuckDBPyConnection, known: date) -> pl.DataFrame:
    """Every whole delivery in force on the day: what a new one can be compared with."""
    return fetch(
        con,
        "SELECT department, extract, delivery_id, known_date, period_month, part, rows_loaded "
        "FROM ops.delivery_at($1) WHERE status = 'accepted' AND kind = 'full' "
        "ORDER BY period_month, known_date, delivery_id",
        [known],
    )


def past_of(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    known: date,
    period: date,
    *,
    part: str = "",
    standing: pl.DataFrame | None = None,
) -> Past:
    """What is known on `known` of the extract's earlier periods, for a delivery that speaks of `period`.

    The delivery before it is the newest one of an earlier period and the same part in force on that day.
    `standing`: whole_deliveries_at(con, known), where the caller has it already.
    """
    whole = whole_deliveries_at(con, known) if standing is None else standing
    here = whole.filter(department=contract.department, extract=contract.extract)
    here = here.drop("department", "extract")
    # By period, not by day of arrival: a file that comes late is compared with the month before its own.
    before = here.filter((pl.col("period_month") < period) & (pl.col("part") == part)).tail(1)
    parts = here.filter((pl.col("period_month") == period) & (pl.col("part") != ""))["part"].unique().sort()
    if before.is_empty():
        promised = _promised(contract, period, None)
        return Past(known_date=known, promised_date=promised, delivered_parts=tuple(parts))
    delivery_id, last_known, last_period, _, rows = before.row(0)
    return Past(
        previous_rows=int(rows),
        previous_profile=profile(con, delivery_id),
        known_date=known,
        promised_date=_promised(contract, period, last_period),
        last_known_date=last_known,
        delivered_parts=tuple(parts),
    )


def profile(con: duckdb.DuckDBPyConnection, delivery_id: str) -> pl.DataFrame | None:
    """column_name, value, share, cnt of one delivery; None when none was kept."""
    found = fetch(
        con,
        "SELECT column_name, value, share, cnt FROM ops.profile WHERE delivery_id = $1 "
        "ORDER BY column_name, value NULLS FIRST",
        [delivery_id],
    )
    return None if found.is_empty() else found


def _promised(contract: Contract, period: date, last_period: date | None) -> date | None:
    """The last day in time: of this month's data, or of the next data after the last where it is rarer."""
    months = contract.period_months
    if months == 1:
        return expected_by(contract, period)
    if months is None or last_period is None:
        return None
    return expected_by(contract, later(last_period, months))
