"""Who opened the vault and the archive's originals, when and what for (ops.vault_opening)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from warehouse.database.catalogue import has_table
from warehouse.database.connection import Connection, fetch

OPENED, REFUSED = "opened", "refused"


@dataclass(frozen=True)
class Opening:
    """One opening. subject: the delivery, household or file it is about, by id or hash; empty: many.

    result: `opened`, or `refused` where the key was wrong or the file could not be opened; error_code says
    which.
    """

    opened_at: datetime
    as_of: date
    purpose: str
    opened_by: str
    command: str = ""
    subject: str = ""
    result: str = OPENED
    error_code: str = ""


def log_opening(con: Connection, opening: Opening) -> None:
    """Write the line; it is on the disk before anything is opened."""
    con.execute(
        "INSERT INTO ops.vault_opening (opened_at, as_of, purpose, opened_by, command, subject, result, "
        "error_code) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        list(vars(opening).values()),
    )


def log_refused(con: Connection, opening: Opening) -> None:
    """Note that the vault was not opened, in a warehouse whose tables were not brought up to date yet."""
    if not has_table(con, "ops.vault_opening"):
        return  # a new home: there is nothing to watch over
    for column in ("opened_by", "command", "subject", "result", "error_code"):
        con.execute(f"ALTER TABLE ops.vault_opening ADD COLUMN IF NOT EXISTS {column} VARCHAR")
    log_opening(con, opening)


def openings(con: Connection, last: int) -> pl.DataFrame:
    """The newest openings, the newest first; those on record from before have no asker."""
    return fetch(
        con,
        "SELECT opened_at, opened_by, command, purpose, as_of, subject, "
        "coalesce(result, 'opened') AS result, error_code FROM ops.vault_opening "
        "ORDER BY opened_at DESC, rowid DESC LIMIT ?",
        [last],
    )
