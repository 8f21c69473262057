"""How departments and stations named their files: kept in the vault alone, since a name may name people.

  delivery_name(delivery_id, known_date, folder, name, sha256, headers)   one row per delivery; no hash where
                                                                          nothing was opened: a link, a pipe
  entry_name(kind, called, noted_date, name)                              what else is called by a hash

headers: JSON, column -> the header it has in the department's own file, in the file's order. kind: `inbox`
for what the last run left there, `feedback` for files that came back. Together with the archive these rows
give the inbox again, also where the warehouse is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from warehouse.database.connection import fetch
from warehouse.deliveries.account import Delivery
from warehouse.identity.vault import Vault

# <code of town or county>[_<name of the town>].xlsx, as the lists are written; copies add to it.
_LIST = re.compile(r"([0-9]{6}|[0-9]{9})(?:\D.*)?\.xlsx?")


def keep_delivery_name(vault: Vault, delivery: Delivery, named: tuple[str, str], sha256: str | None) -> None:
    """Keep how a delivery's folder and file are named, and the hash under which the archive has it.

    The caller holds the transaction.
    """
    vault.con.execute(
        "INSERT INTO v.delivery_name (delivery_id, known_date, folder, name, sha256) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [delivery.delivery_id, delivery.known_date, *named, sha256],
    )


def keep_headers(vault: Vault, delivery_id: str, headers: Mapping[str, str]) -> None:
    """Keep under which headers a delivery has its columns; the caller holds the transaction."""
    vault.con.execute(
        "UPDATE v.delivery_name SET headers = ? WHERE delivery_id = ?",
        [json.dumps(headers, ensure_ascii=False), delivery_id],
    )


def delivery_names(vault: Vault) -> pl.DataFrame:
    """delivery_id, known_date, folder, name, sha256 of every delivery; by day, folder, name, newest first.

    A name that was taken out, since a person was erased whose number it held, is the digest's beginning.
    """
    return fetch(
        vault.con,
        "SELECT delivery_id, known_date, coalesce(folder, 'unnamed') AS folder, "
        "coalesce(name, left(sha256, 12)) AS name, sha256 FROM v.delivery_name "
        "ORDER BY known_date, folder, name, rowid DESC",
    )


def own_words(vault: Vault, delivery_ids: list[str]) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Per delivery the folder, the file's name and the headers, as its department wrote them."""
    rows = vault.con.execute(
        "SELECT delivery_id, folder, name, headers FROM v.delivery_name "
        "WHERE delivery_id IN (SELECT unnest(?))",
        [delivery_ids],
    ).fetchall()
    return {name: (folder, own, json.loads(headers or "{}")) for name, folder, own, headers in rows}


def keep_entry_names(
    vault: Vault, noted: date, names: Iterable[tuple[str, str]], kind: str = "inbox"
) -> None:
    """Keep (called, name) of files that are no deliveries; of the inbox those of the last run alone.

    The caller holds the transaction.
    """
    if kind == "inbox":
        vault.con.execute("DELETE FROM v.entry_name WHERE kind = 'inbox'")
    for called, name in names:
        vault.con.execute(
            "INSERT INTO v.entry_name (kind, called, noted_date, name) SELECT $1, $2, $3, $4 "
            "WHERE NOT EXISTS (FROM v.entry_name WHERE kind = $1 AND called = $2 AND name = $4)",
            [kind, called, noted, name],
        )


def called_list(name: str, sha256: str) -> str:
    """What a list that came back is called: by the code that we named it after, else by its digest."""
    found = _LIST.fullmatch(name)
    if found:
        return f"{found[1]}.xlsx"
    return name if name == "identity.xlsx" else f"file-{sha256[:12]}.xlsx"


def entry_names(vault: Vault) -> pl.DataFrame:
    """kind, called, noted_date, name of what is no delivery, in a fixed order."""
    return fetch(vault.con, "SELECT DISTINCT kind, called, noted_date, name FROM v.entry_name ORDER BY ALL")
