"""Visits put on record without a filled list, for tests of what is made from them."""

from __future__ import annotations

from typing import Any

import polars as pl

from data_contracts.registry.tables import schema
from warehouse.casework.visits import add_visits
from warehouse.database.connection import Connection


def put_visits(con: Connection, *rows: dict[str, Any]) -> None:
    """Add visits of these columns of mart.visit; row_no keeps those apart that say the same."""
    known = schema("mart.visit")
    given = [{"row_no": place, **row} for place, row in enumerate(rows, start=1)]
    names = [name for name in known if any(name in row for row in given)]
    add_visits(con, pl.DataFrame(given, schema={name: known[name] for name in names}))
