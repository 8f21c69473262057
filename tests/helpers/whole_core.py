"""The frames that shards are cut from, whole: what sharded work is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import polars as pl

from data_contracts.contract.model import Contract
from transforms.linkage.person_ids import with_master_ids
from warehouse.database.connection import fetch
from warehouse.identity.person_aliases import aliases_at
from warehouse.shards.export import everywhere
from warehouse.shards.source import Source
from warehouse.shards.sources import sources


def core_frames(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], as_of: date
) -> dict[str, pl.DataFrame]:
    """Every frame of warehouse/shards/sources.py; ids are those of whom they stood for on the date."""
    frames = {source.name: _whole(con, source) for source in sources(con, contracts, as_of)}
    numbers = frames.pop("person")
    return with_master_ids(frames, aliases_at(con, as_of)) | {"person": numbers}


def _whole(con: duckdb.DuckDBPyConnection, source: Source) -> pl.DataFrame:
    rows = fetch(con, f"{source.sql} ORDER BY {', '.join(source.order)}")
    return pl.concat([everywhere(con, source).rows, rows])
