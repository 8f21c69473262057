"""Notes, workers' names and reasons leave the warehouse for the vault; columns that held them are dropped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from data_contracts.contract.model import Contract
from warehouse.database.catalogue import columns_of, has_table
from warehouse.database.connection import Connection, fetch
from warehouse.identity.vault import Vault
from warehouse.written import words
from warehouse.written.names import called_list, keep_entry_names

_EMPTIED = {
    "ops.delivery": ("headers",),
    "mart.outcome": ("note_zh", "worker"),
    "ops.outcome_withdrawal": ("reason",),
    "ops.identity_decision": ("decided_by",),
}
# What each kind is about, who wrote it, and what, in the tables of a former version.
_FORMER = {
    words.VISIT: (
        "mart.outcome",
        "SELECT alert_id, result_code, found_date, known_date, feedback_sha256, "
        "worker AS author, note_zh AS text FROM mart.outcome ORDER BY ALL",
    ),
    words.VISIT_WITHDRAWN: (
        "ops.outcome_withdrawal",
        "SELECT alert_id, result_code, found_date, known_date, feedback_sha256, "
        "decided_by AS author, reason AS text FROM ops.outcome_withdrawal ORDER BY ALL",
    ),
    words.DELIVERY_DECISION: (
        "ops.delivery_event",
        "SELECT delivery_id || '|' || event || '|' || coalesce(decided_at::VARCHAR, '') AS about, "
        "effective_date AS known_date, decided_by AS author, reason AS text "
        "FROM ops.delivery_event WHERE decided_by <> 'rules' AND reason <> '' ORDER BY ALL",
    ),
    words.IDENTITY_DECISION: (
        "ops.identity_decision",
        "SELECT coalesce(file_sha256, '') || '|' || case_id AS about, known_date, decided_by AS author, "
        "NULL AS text FROM ops.identity_decision ORDER BY ALL",
    ),
}


def words_into_vault(con: Connection, vault: Vault, contracts: Mapping[str, Contract]) -> None:
    """Keep all of it in the vault, and empty where it stood."""
    for kind, (table, query) in _FORMER.items():
        if has_table(con, table) and set(_EMPTIED.get(table, ())) <= columns_of(con, table).keys():
            _keep(vault, kind, fetch(con, query))
    con.execute("UPDATE ops.delivery_event SET reason = '' WHERE decided_by <> 'rules'")
    for table, columns in _there(con).items():
        for column in columns_of(con, table).keys() & set(columns):
            con.execute(f"UPDATE {table} SET {column} = NULL")
    _rename_lists(con, vault)


def drop_emptied(con: Connection, vault: Vault, contracts: Mapping[str, Contract]) -> None:
    """DuckDB drops no column of a table that the same transaction has changed: hence a step of its own."""
    for table, columns in _there(con).items():
        for column in sorted(columns_of(con, table).keys() & set(columns)):
            con.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _there(con: Connection) -> dict[str, tuple[str, ...]]:
    """A table that a later version did away with is there in a home of an earlier one only."""
    return {table: columns for table, columns in _EMPTIED.items() if has_table(con, table)}


def _keep(vault: Vault, kind: str, rows: pl.DataFrame) -> None:
    if "about" not in rows.columns:
        rows = rows.with_columns(about=words.about_visit())
    for part in rows.cast({"text": pl.String}).partition_by("known_date", maintain_order=True):
        known: date = part.item(0, "known_date")
        words.keep_written(vault, kind, part.unique("about", keep="first", maintain_order=True), known)


def _rename_lists(con: Connection, vault: Vault) -> None:
    """Files that came back are called as they would be today."""
    rows = con.execute("SELECT sha256, file_name, received_date FROM ops.feedback_file ORDER BY 1").fetchall()
    for sha256, name, received in rows:
        called = called_list(name, sha256)
        if called != name:
            keep_entry_names(vault, received, [(called, name)], "feedback")
            con.execute("UPDATE ops.feedback_file SET file_name = ? WHERE sha256 = ?", [called, sha256])
