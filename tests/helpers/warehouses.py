"""An empty warehouse of all shipped contracts and facts: its tables are made once, and then copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from data_contracts.loading.contracts import load_contracts
from policies.loading import load_catalogue
from warehouse.database.connection import Connection, connect
from warehouse.database.schema import create


def empty_warehouse(path: Path) -> Connection:
    """A connection to a warehouse of one's own at `path`."""
    path.write_bytes(_made())
    return connect(path)


@cache
def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        con = connect(Path(folder) / "w.duckdb")
        create(con, load_contracts(), load_catalogue().panel_facts())
        con.close()
        return (Path(folder) / "w.duckdb").read_bytes()
