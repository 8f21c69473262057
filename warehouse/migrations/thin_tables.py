"""Rows that were written whole for each date become rows with the span of dates they hold for.

A thin table (data_contracts/tables) was a table with the rows of every date; its dates are written into the
two that are stored now, the oldest first, and a view takes its name. What it shows stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_contracts.contract.model import Contract
from data_contracts.registry.tables import Table, shipped_tables
from warehouse.database.catalogue import has_table
from warehouse.database.connection import Connection
from warehouse.database.views import make_views
from warehouse.identity.vault import Vault
from warehouse.thin_rows import write_thin


def thin_tables(con: Connection, vault: Vault, contracts: Mapping[str, Contract]) -> None:
    """Do it for each thin table that is not stored so; the caller holds the transaction."""
    for table in shipped_tables().values():
        if table.thin and has_table(con, table.name):
            _take_over(con, table)
    make_views(con, contracts.values(), anew=True)


def _take_over(con: Connection, table: Table) -> None:
    dates = con.execute(f"SELECT DISTINCT as_of FROM {table.name} ORDER BY 1").fetchall()
    for (as_of,) in dates:
        write_thin(con, table, as_of, f"SELECT * FROM {table.name} WHERE as_of = DATE '{as_of}'")
    con.execute(f"DROP TABLE {table.name}")
