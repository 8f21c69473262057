"""The facts of core as known by a date: what the panel is made from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import polars as pl

from data_contracts.contract.model import Contract
from transforms.linkage.person_ids import with_master_ids
from warehouse.database.connection import fetch
from warehouse.deliveries.deliveries import in_force
from warehouse.deliveries.outcomes import IN_FORCE
from warehouse.history import histories
from warehouse.identity.person_aliases import aliases_at

# What the lists and the run's fingerprint are made from; a withdrawal takes the row out, no column says it.
_OUTCOME = "alert_id, result_code, found_date, benefit_id, known_date, feedback_sha256"


def core_frames(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], as_of: date
) -> dict[str, pl.DataFrame]:
    """Each extract's facts known by the date and in force on it, plus `household_member` as then believed.

    A full roll repeats everybody each month, so only its two newest months are read; `<extract>.before` holds
    what older ones still tell (history.py). Person ids are those of whom they stood for on the date.
    """
    standing = in_force(con, as_of)
    frames = {c.extract: _extract(con, c, standing.filter(extract=c.extract)) for c in contracts.values()}
    # Assistance units and dwellings are derived from the panel made of this: only the register goes in.
    frames["household_member"] = _spells(con, as_of).filter(kind="hukou")
    return with_master_ids(frames | histories(con, standing), aliases_at(con, as_of))


def members_at(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """Who was in which household on the date, as believed then: household_id, person_id, kind, valid_from."""
    return _spells(con, as_of).filter(pl.col("valid_to").is_null()).drop("valid_to", "relation_code")


def _spells(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    # An end after the date was not known on it: for the date, the membership is open.
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
    rows = fetch(
        con,
        f"SELECT * FROM core._{contract.extract} WHERE delivery_id IN (SELECT unnest($1)) "
        "ORDER BY period_month, known_date, delivery_id, row_no",
        [chosen.get_column("delivery_id").to_list()],
    )
    if (chosen.get_column("part") == "").all():
        return rows  # nearly always
    parts = chosen.select("delivery_id", "part")
    return rows.join(parts, on="delivery_id", how="left", maintain_order="left")


def outcomes(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """What visits found, as known by the date, without what was withdrawn by then; oldest first."""
    return fetch(
        con,
        f"SELECT {_OUTCOME} FROM mart.outcome o WHERE {IN_FORCE} "
        "ORDER BY alert_id, known_date, found_date, result_code, feedback_sha256",
        [as_of],
    )


def households_found(con: duckdb.DuckDBPyConnection, as_of: date, since: date, result_code: str) -> pl.Series:
    """Households whose newest visit after `since`, as known by the date, ended in the result."""
    rows = fetch(
        con,
        "SELECT a.household_id, max_by(o.result_code, (o.found_date, o.known_date)) AS result_code "
        "FROM mart.outcome o JOIN (SELECT DISTINCT alert_id, household_id FROM mart.alert) a "
        "USING (alert_id) "
        f"WHERE {IN_FORCE} AND o.found_date > $2 GROUP BY 1 ORDER BY 1",
        [as_of, since],
    )
    return rows.filter(pl.col("result_code") == result_code).get_column("household_id")
