"""Secrets that the vault keeps for itself: derived once from the key it was made with.

They stay as they are when the key is changed, so that what was made with them goes on being equal; two vaults
made with one key have the same.
"""

from __future__ import annotations

import duckdb

from warehouse.database.derived_keys import derived_key
from warehouse.database.number_hashes import NumberHashes

DDL = "CREATE TABLE IF NOT EXISTS v.secret (name VARCHAR PRIMARY KEY, value VARCHAR);"
NUMBER_KEY = "number_key"  # of the keyed hashes that core holds in place of departments' numbers
NAME_KEY = (
    "name_key"  # of those that stand for names of files and folders (data_contracts/contract/file_names.py)
)
NAMES = (NUMBER_KEY, NAME_KEY)


def make_secrets(con: duckdb.DuckDBPyConnection, key: str) -> None:
    """Derive the secrets that the vault does not have yet. `key`: the vault's."""
    con.execute(DDL)
    there = {name for (name,) in con.execute("SELECT name FROM v.secret").fetchall()}
    for name in NAMES:
        if name not in there:
            con.execute("INSERT INTO v.secret VALUES (?, ?)", [name, derived_key(key, name).hex()])


def secret(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The secret of that name, as hexadecimal digits."""
    return str(con.execute("SELECT value FROM v.secret WHERE name = ?", [name]).fetchall()[0][0])


def number_hashes(con: duckdb.DuckDBPyConnection) -> NumberHashes:
    """The keyed hashes of departments' numbers that go with the vault."""
    return NumberHashes(secret(con, NUMBER_KEY))
