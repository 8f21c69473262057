"""When the vault's key was changed, and whether a key is one that was in use before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from warehouse.database.catalogue import has_table
from warehouse.database.connection import Connection


@dataclass(frozen=True)
class KeyChanged:
    """One row of `ops.key_change`."""

    begun_at: datetime
    finished_at: datetime
    changed_by: str
    file_cnt: int
    damaged_cnt: int
    former_key_check: str


def note_key_change(con: Connection, changed: KeyChanged) -> None:
    """Write the row, once however often the last steps of the change are repeated."""
    con.execute("DELETE FROM ops.key_change WHERE begun_at = ?", [changed.begun_at])
    con.execute(
        "INSERT INTO ops.key_change (begun_at, finished_at, changed_by, file_cnt, damaged_cnt, "
        "former_key_check) VALUES (?, ?, ?, ?, ?, ?)",
        list(vars(changed).values()),
    )


def key_in_use_until(con: Connection, key_check: str) -> date | None:
    """The day on which the key of this check value was given up; None for a key that never was the home's."""
    if not has_table(con, "ops.key_change"):
        return None
    row = con.execute(
        "SELECT max(finished_at) FROM ops.key_change WHERE former_key_check = ?", [key_check]
    ).fetchone()
    return row[0].date() if row and row[0] else None
