"""The floor: what the same files cost when nothing is asked of them but to become tables of text.

Each file is decoded with the codec it is written in, in pieces; then DuckDB reads it into a table in which
every column is text. No job over these files can go below this; how many times it costs is the main figure.
"""

from __future__ import annotations

import codecs
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.alone import alone
from tests.bench.job.stages import processor_seconds

PIECE = 4_000_000  # characters decoded at a time
CSV = "header = true, all_varchar = true, delim = ',', quote = '\"', null_padding = true, strict_mode = false"


@dataclass(frozen=True)
class Floor:
    """Processor seconds of decoding and of DuckDB's reading; the rows that came; the peak of memory."""

    decode_seconds: float
    load_seconds: float
    wall_seconds: float
    rows: int
    peak_bytes: int

    @property
    def cpu_seconds(self) -> float:
        return self.decode_seconds + self.load_seconds


def floor_of(inbox_date: Path, scratch: Path) -> Floor:
    """The floor of one date's folder, in a process of its own; scratch: where the tables may lie."""
    ran = alone(_floor, inbox_date, scratch)
    decode, load, wall, rows = ran.answer
    return Floor(decode, load, wall, rows, ran.peak_bytes)


def _floor(inbox_date: Path, scratch: Path) -> tuple[float, float, float, int]:
    import duckdb
    import fastexcel  # noqa: F401  what is imported is not the files' cost: the floor is to be low
    import pyarrow  # noqa: F401  which hands a sheet to DuckDB

    started = time.perf_counter()
    with TemporaryDirectory(dir=scratch) as name, duckdb.connect(f"{name}/floor.duckdb") as con:
        con.execute("SET enable_progress_bar = false")
        tables = _Tables(con, Path(name))
        for path in sorted(inbox_date.glob("*/*")):
            tables.read(path)
        tables.load("CHECKPOINT")
    wall = time.perf_counter() - started
    return tables.decode_seconds, tables.load_seconds, wall, tables.rows


class _Tables:
    """Files become tables of text, one after the other; what that costs is summed up."""

    def __init__(self, con: Any, folder: Path) -> None:
        self.con, self.folder = con, folder
        self.decode_seconds, self.load_seconds, self.rows, self.file_cnt = 0.0, 0.0, 0, 0

    def read(self, path: Path) -> None:
        """One file; of a workbook its first sheet, as the departments fill them."""
        table, plain = f"t{self.file_cnt}", self.folder / "plain.csv"
        self.file_cnt += 1
        before = processor_seconds()
        if path.suffix == ".csv":
            _decode(path, plain)
            source = f"read_csv('{plain}', {CSV})"
        elif path.suffix == ".parquet":
            source = f"read_parquet('{path}')"
        else:
            self.con.register("sheet", _sheet(path))
            source = "sheet"
        self.decode_seconds += processor_seconds() - before
        text = "CAST(COLUMNS(*) AS VARCHAR)" if path.suffix == ".parquet" else "*"
        self.load(f"CREATE TABLE {table} AS SELECT {text} FROM {source}")
        self.rows += self.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]

    def load(self, statement: str) -> None:
        """A statement, whose processor time is DuckDB's."""
        before = processor_seconds()
        self.con.execute(statement)
        self.load_seconds += processor_seconds() - before


def _decode(source: Path, target: Path) -> None:
    """A text file as UTF-8, a piece at a time; which of the two codecs it is in shows in its beginning."""
    with source.open("rb") as file:
        begin = file.read(1_000_000)
    codec = "utf-8-sig"
    try:
        codecs.getincrementaldecoder(codec)().decode(begin)
    except UnicodeDecodeError:
        codec = "gb18030"
    with (
        source.open(encoding=codec, newline="") as text,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while piece := text.read(PIECE):
            out.write(piece)


def _sheet(path: Path) -> Any:
    import fastexcel

    return fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_arrow()
