"""A date's facts written as shards, and what every shard must see beside its own rows.

export(con, sources, sharding, store, owners) -> {frame: Everywhere}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from transforms.sharding import Sharding
from warehouse.database.connection import fetch
from warehouse.database.partitions import shard_of
from warehouse.shards.assignment import master
from warehouse.shards.source import Source
from warehouse.shards.store import ShardStore
from zhaoren.sql_text import quoted_text

PERSON = "person_id"
# Light and quick: the files live as long as a step.
PARQUET = "FORMAT parquet, COMPRESSION lz4_raw"
# Rows of one key that are about different people: the newest counts for all, so they must lie together.
SHARED_KEY = """
SELECT r.delivery_id, r.row_no, p.shard FROM ({rows}) r
JOIN (SELECT {key} FROM ({rows}) GROUP BY ALL HAVING min(_who) <> max(_who)) s USING ({key})
JOIN ({rows}) o USING ({key}) JOIN ({places}) p ON p._who = o._who"""


@dataclass(frozen=True)
class Everywhere:
    """Of a frame: its columns, what sorts its rows, and rows about nobody that belong to every shard."""

    schema: pl.Schema
    order: tuple[str, ...]
    rows: pl.DataFrame


def export(
    con: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    sharding: Sharding,
    store: ShardStore,
    owners: Mapping[str, Sequence[str]],
) -> dict[str, Everywhere]:
    """Write every source's rows into the shards they are needed in; call after place_everybody.

    owners: extract -> further columns that name whom a row is about, beside person_id.
    """
    found = {}
    for source in sources:
        if sharding.count == 1:
            target, how = f"{store.new_folder(source.name, 0)}/rows.parquet", PARQUET
            rows = f"SELECT * FROM ({source.sql}) WHERE person_id IS NOT NULL"
        else:
            target, how = store.new_folder(source.name), f"{PARQUET}, PARTITION_BY (shard)"
            rows = _cut(source, sharding, owners.get(source.name, ()))
        con.execute(f"COPY ({rows}) TO {quoted_text(target)} ({how})")
        found[source.name] = everywhere(con, source)
    return found


def distinct_values(con: duckdb.DuckDBPyConnection, columns: Iterable[tuple[Source, str]]) -> pl.Series:
    """Every distinct value of these columns, sorted."""
    parts = [f"SELECT DISTINCT {name} AS code FROM ({source.sql})" for source, name in columns]
    rows = " UNION ".join(["SELECT NULL::VARCHAR AS code", *parts])
    return fetch(con, f"SELECT code FROM ({rows}) WHERE code IS NOT NULL ORDER BY 1").get_column("code")


def everywhere(con: duckdb.DuckDBPyConnection, source: Source) -> Everywhere:
    """What every shard must see of a source."""
    schema = fetch(con, f"SELECT * FROM ({source.sql}) LIMIT 0").schema
    rows = [fetch(con, source.everywhere)] if source.everywhere else []
    every = pl.concat([pl.DataFrame(schema=schema), *rows], how="diagonal")
    return Everywhere(schema, source.order, every.select(list(schema)))


def _cut(source: Source, sharding: Sharding, owners: Sequence[str]) -> str:
    """The source's rows, each once for every shard it is needed in."""
    own = (
        f"SELECT y.* EXCLUDE (_who), {_shard(sharding)} AS shard FROM ({_meant(source, PERSON, 'x.*')}) y "
        "LEFT JOIN shard_place p ON p.person_id = y._who"
    )
    extras = " UNION ".join(_extras(source, sharding, owners))
    if not extras:
        return own
    placed = _placed(source, PERSON, sharding)
    return (
        f"{own} UNION ALL SELECT x.*, e.shard FROM ({source.sql}) x "
        f"JOIN (({extras}) EXCEPT ({placed})) e USING (delivery_id, row_no)"
    )


def _extras(source: Source, sharding: Sharding, owners: Sequence[str]) -> Iterator[str]:
    """delivery_id, row_no and shard of rows that are needed elsewhere than where their person is."""
    yield from (_placed(source, column, sharding) for column in owners)
    if source.key:
        key = ", ".join(source.key)
        rows = _meant(source, PERSON, f"x.delivery_id, x.row_no, {', '.join(f'x.{k}' for k in source.key)}")
        places = (
            f"SELECT w._who, {_shard(sharding, 'w._who')} AS shard "
            f"FROM (SELECT DISTINCT _who FROM ({rows})) w LEFT JOIN shard_place p ON p.person_id = w._who"
        )
        yield SHARED_KEY.format(rows=rows, key=key, places=places)


def _placed(source: Source, column: str, sharding: Sharding) -> str:
    """delivery_id, row_no and shard by whom the column names."""
    return (
        f"SELECT y.delivery_id, y.row_no, {_shard(sharding)} AS shard "
        f"FROM ({_meant(source, column, 'x.delivery_id, x.row_no')}) y "
        "LEFT JOIN shard_place p ON p.person_id = y._who"
    )


def _meant(source: Source, column: str, columns: str) -> str:
    """The source's rows that name somebody in the column, with `_who`: whom that id stands for."""
    who, joins = master(column, source.name, "x")
    return f"SELECT {columns}, {who} AS _who FROM ({source.sql}) x {joins} WHERE x.{column} IS NOT NULL"


def _shard(sharding: Sharding, who: str = "y._who") -> str:
    return f"coalesce(p.shard, {shard_of(sharding, who)})"
