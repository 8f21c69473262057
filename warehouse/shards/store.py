"""Where shards lie: Parquet below one folder, a frame's or a table's rows in one file per shard.

<root>/in/<frame>/shard=<n>/…parquet      what a shard's answers are made from
<root>/out/<table>/<n>.parquet            its answers
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from zhaoren.sql_text import quoted_text


@dataclass(frozen=True)
class ShardStore:
    """Shards below a folder that every process at work can reach."""

    root: Path

    def frame_folder(self, frame: str) -> Path:
        """Where a frame's rows are written, cut by shard."""
        return self.root / "in" / frame

    def read(self, frame: str, shard: int, schema: pl.Schema, order: Sequence[str]) -> pl.DataFrame:
        """A frame's rows of one shard in their order; none where nothing was written."""
        files = sorted(self.frame_folder(frame).glob(f"shard={shard}/*.parquet"))
        if not files:
            return pl.DataFrame(schema=schema)
        rows = pl.read_parquet(files, hive_partitioning=False).select(list(schema))
        return rows.sort(order, maintain_order=True)

    def write(self, table: str, shard: int, rows: pl.DataFrame) -> None:
        """A shard's answers for one table; there whole or not at all."""
        path = self._result(table, shard)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        rows.write_parquet(unfinished, compression="lz4", statistics=False)
        unfinished.replace(path)

    def results(self, table: str, count: int) -> pl.LazyFrame:
        """Every shard's answers for a table, in the shards' order."""
        return pl.concat([pl.scan_parquet(self._result(table, shard)) for shard in range(count)])

    def query(self, table: str, count: int) -> str:
        """The same, for DuckDB."""
        files = ", ".join(quoted_text(self._result(table, shard)) for shard in range(count))
        return f"SELECT * FROM read_parquet([{files}])"

    def _result(self, table: str, shard: int) -> Path:
        return self.root / "out" / table / f"{shard:05}.parquet"
