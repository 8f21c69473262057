"""Where shards lie: Parquet below one folder, a frame's or a table's rows in one file per shard.

    <root>/in/<frame>/shard=<n>/…parquet      what a shard's answers are made from
    <root>/out/<table>/<n>.parquet            its answers

The folder is on a disk, or in object storage as s3://bucket/folder; every process at work reaches it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from warehouse.shards.remote import content, is_remote, objects, reach, remove
from zhaoren.sql_text import quoted_text


@dataclass(frozen=True)
class ShardStore:
    """Shards below a folder."""

    root: str

    def prepare(self, con: duckdb.DuckDBPyConnection) -> None:
        """Empty the folder, and let the connection write there."""
        self.clear()
        if is_remote(self.root):
            reach(con)

    def clear(self) -> None:
        """Remove everything below the folder, and the folder."""
        if is_remote(self.root):
            remove(self.root)
        else:
            shutil.rmtree(self.root, ignore_errors=True)

    def new_folder(self, frame: str, shard: int | None = None) -> str:
        """Where a frame's rows are to be written: those of one shard, or of all of them, cut by shard."""
        folder = f"{self.root}/in/{frame}" + ("" if shard is None else f"/shard={shard}")
        if not is_remote(self.root):
            Path(folder).mkdir(parents=True)
        return folder

    def read(self, frame: str, shard: int, schema: pl.Schema, order: Sequence[str]) -> pl.DataFrame:
        """A frame's rows of one shard in their order; none where nothing was written."""
        files = self._files(f"in/{frame}/shard={shard}")
        if not files:
            return pl.DataFrame(schema=schema)
        rows = pl.concat([self._rows(file) for file in files]).select(list(schema))
        return rows.sort(order, maintain_order=True)

    def write(self, table: str, shard: int, rows: pl.DataFrame) -> None:
        """A shard's answers for one table; there whole or not at all."""
        place = self._result(table, shard)
        if is_remote(self.root):
            rows.write_parquet(place, statistics=False)
            return
        path = Path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        rows.write_parquet(unfinished, compression="lz4", statistics=False)
        unfinished.replace(path)

    def results(self, table: str, count: int) -> pl.LazyFrame:
        """Every shard's answers for a table, in the shards' order."""
        files = [self._result(table, shard) for shard in range(count)]
        if is_remote(self.root):
            return pl.concat([self._rows(file).lazy() for file in files])
        return pl.scan_parquet(files)

    def query(self, table: str, count: int) -> str:
        """The same, for DuckDB."""
        files = ", ".join(quoted_text(self._result(table, shard)) for shard in range(count))
        return f"SELECT * FROM read_parquet([{files}])"

    def _rows(self, file: str) -> pl.DataFrame:
        return pl.read_parquet(content(file) if is_remote(file) else file, hive_partitioning=False)

    def _files(self, below: str) -> list[str]:
        if is_remote(self.root):
            return objects(self.root, below)
        return sorted(str(path) for path in Path(self.root, below).glob("*.parquet"))

    def _result(self, table: str, shard: int) -> str:
        return f"{self.root}/out/{table}/{shard:05}.parquet"
