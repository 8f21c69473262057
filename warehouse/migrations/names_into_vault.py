"""Names of files, folders and headers leave the warehouse for the vault; where they stood are known words.

Ids of deliveries that were made from such names are made anew, wherever they stand; a receipt handed out
under an old one was for a file of which nothing was loaded, or is found by its new one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any

import polars as pl

from data_contracts.contract.file_names import UNPLACED, KnownWords
from data_contracts.contract.model import Contract
from warehouse.database.catalogue import columns_of
from warehouse.database.connection import Connection, fetch, run
from warehouse.identity.vault import Vault
from warehouse.identity.vault_secrets import NAME_KEY, secret

_ID_COLUMNS = ("delivery_id", "superseded_id", "other_delivery_id", "amends_delivery_id")


def names_into_vault(con: Connection, vault: Vault, contracts: Mapping[str, Contract]) -> None:
    """Do it for every delivery on record; what the inbox held at the last run is told by the next."""
    words = KnownWords.of(contracts.values(), secret(vault.con, NAME_KEY))
    columns = columns_of(con, "ops.delivery")
    rows = fetch(con, "SELECT * FROM ops.delivery ORDER BY delivery_id").rows(named=True)
    new_of = {row["delivery_id"]: _delivery_id(words, row) for row in rows}
    for row in rows:
        _keep(vault, row, new_of[row["delivery_id"]])
    _rename(con, words, rows)
    _renumber(con, vault, new_of)
    con.execute("DELETE FROM ops.inbox_note")
    con.execute(
        "UPDATE ops.reading_note SET place = '' WHERE code IN ('member_read', 'sheet_read', 'sheets_unread', "
        "'sheets_hidden_unread') AND place NOT LIKE '第%个'"
    )
    if "headers" in columns:
        con.execute("UPDATE ops.delivery SET headers = NULL")


def _keep(vault: Vault, row: Mapping[str, Any], delivery_id: str) -> None:
    # Under the new id: done again after a kill between vault and warehouse, it finds its row.
    names = [delivery_id, *(row[name] for name in ("known_date", "department", "file_name"))]
    opened = row["sha256"] if row["sha256"] != _plain(row["file_name"]) else None
    vault.con.execute(
        "INSERT INTO v.delivery_name (delivery_id, known_date, folder, name, sha256, headers) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [*names, opened, row.get("headers")],
    )


def _rename(con: Connection, words: KnownWords, rows: list[dict[str, Any]]) -> None:
    """What a delivery is called, in its own row."""
    called = [_called(words, row) for row in rows]
    run(
        con,
        "UPDATE ops.delivery d SET department = c.department, extract = c.extract, file_name = c.file_name, "
        "part = c.part, name_hash = c.name_hash, sha256 = c.sha256, reason = c.reason "
        "FROM called c WHERE c.delivery_id = d.delivery_id",
        called=pl.DataFrame(called, schema=dict.fromkeys(_CALLED, pl.String)),
    )
    run(
        con,
        "UPDATE ops.delivery_event e SET reason = c.reason FROM called c "
        "WHERE c.delivery_id = e.delivery_id AND e.decided_by = 'rules' AND c.is_text",
        called=pl.DataFrame(
            [
                (row["delivery_id"], one["reason"], "\n" in row["reason"])
                for row, one in zip(rows, called, strict=True)
            ],
            schema={"delivery_id": pl.String, "reason": pl.String, "is_text": pl.Boolean},
            orient="row",
        ),
    )


_CALLED = ("delivery_id", "department", "extract", "file_name", "part", "name_hash", "sha256", "reason")


def _called(words: KnownWords, row: Mapping[str, Any]) -> dict[str, str]:
    digest, name = _digest(words, row), row["file_name"]
    return {
        "delivery_id": row["delivery_id"],
        "department": words.folder(row["department"]),
        "extract": words.extract(row["extract"]),
        "file_name": words.file(name, digest),
        "part": words.part(row["part"] or ""),
        "name_hash": words.hashed(row["department"], name)[:16],
        "sha256": digest,
        # Of an error its first line alone is certain to name nobody; of the checks it is all rules and ids.
        "reason": (row["reason"] or "").partition("\n")[0],
    }


def _digest(words: KnownWords, row: Mapping[str, Any]) -> str:
    """The file's own; of what was never opened, where a plain hash of its name stood for it, a keyed one."""
    name = row["file_name"]
    return words.hashed(name) if row["sha256"] == _plain(name) else str(row["sha256"])


def _plain(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()


def _delivery_id(words: KnownWords, row: Mapping[str, Any]) -> str:
    """The id without the words that were in its name; most stay as they are."""
    begun, sha = f"{row['known_date']:%Y%m%d}", _digest(words, row)[:12]
    old, part = str(row["delivery_id"]), row["part"] or ""
    if old.startswith(f"{begun}-{row['department']}.{row['extract']}-"):
        is_known = row["department"] in words.departments and row["extract"] in words.extracts
        if is_known:
            return f"{begun}-{row['department']}.{row['extract']}-{sha}"
        return f"{begun}-{UNPLACED}-{words.hashed(row['department'], row['file_name'])[:8]}-{sha}"
    stem = old.rpartition("-")[0].removesuffix(f"-{part}") if part else old.rpartition("-")[0]
    return "-".join([stem, *([words.part(part)] if part else []), sha])


def _renumber(con: Connection, vault: Vault, new_of: Mapping[str, str]) -> None:
    """New ids in place of old ones, wherever one stands in warehouse and vault."""
    changed = [(old, new) for old, new in new_of.items() if old != new]
    if not changed:
        return
    for old, new in changed:
        con.execute("UPDATE ops.delivery SET reason = replace(reason, ?, ?)", [old, new])
        con.execute("UPDATE ops.delivery_event SET reason = replace(reason, ?, ?)", [old, new])
    ids = pl.DataFrame(changed, schema=["old", "new"], orient="row")
    for one, where in (
        (con, "NOT internal AND schema_name IN ('core', 'ops')"),
        (vault.con, "database_name = 'v'"),
    ):
        found = one.execute(
            "SELECT c.database_name, c.schema_name, c.table_name, c.column_name FROM duckdb_columns() c "
            "JOIN duckdb_tables() t USING (database_name, schema_name, table_name) "
            f"WHERE {where.replace('NOT internal', 'NOT c.internal')} AND list_contains(?, c.column_name)",
            [list(_ID_COLUMNS)],
        ).fetchall()
        for database, schema, table, column in found:
            run(
                one,
                f'UPDATE "{database}"."{schema}"."{table}" t SET "{column}" = i.new '
                f'FROM ids i WHERE t."{column}" = i.old',
                ids=ids,
            )
