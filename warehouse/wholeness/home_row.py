"""ops.home, the one row that says which home a warehouse is and how it is laid out, by any version."""

from __future__ import annotations

from warehouse.database.catalogue import has_column
from warehouse.database.connection import Connection


def home_id_of(con: Connection) -> str:
    """The random name of the home; empty in one of a former version, or a new one."""
    return str(_value(con, "home_id") or "")


def layout_of(con: Connection) -> int:
    """The layout that the home bears; 0 of a former version."""
    return int(str(_value(con, "layout") or 0))


def key_check_of(con: Connection) -> str:
    """The check value of the home's key; empty where none is kept."""
    return str(_value(con, "key_check") or "")


def keep_key_check(con: Connection, check: str) -> None:
    """Keep it, in place of a former key's."""
    con.execute("UPDATE ops.home SET key_check = ?", [check])


def is_rewrite_due(con: Connection) -> bool:
    """Whether the warehouse's file still holds what was taken out of its tables for good."""
    return bool(_value(con, "is_rewrite_due"))


def note_rewrite_due(con: Connection) -> None:
    """Have the warehouse's file rewritten whole when it is opened next: something was deleted for good."""
    con.execute("UPDATE ops.home SET is_rewrite_due = true")


def rewritten(con: Connection) -> None:
    """Note that the warehouse's file was rewritten whole."""
    con.execute("UPDATE ops.home SET is_rewrite_due = false")


def _value(con: Connection, column: str) -> object:
    if not has_column(con, "ops.home", column):
        return None
    found = con.execute(f"SELECT {column} FROM ops.home").fetchone()
    return found[0] if found else None
