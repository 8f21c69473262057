"""Files as tables of text: CSV in whatever encoding, XLSX, old XLS, Parquet; told by content, not name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from zhaoren.errors import ZhaorenError
from zhaoren.exchange.decoding import decoded

OVERFLOW_CELLS = 3
Finder = Callable[[Sequence[Sequence[str | None]]], int | None]


@dataclass(frozen=True)
class RawTable:
    """All rows of a file as text. frame: String columns and row_no (1-based, as a spreadsheet counts).

    head: the first rows of the file, the header among them; found_header: its place in head.
    """

    frame: pl.DataFrame
    head: tuple[tuple[str | None, ...], ...]
    found_header: int | None
    encoding: str
    format: str

    @property
    def columns(self) -> list[str]:
        return [name for name in self.frame.columns if name != "row_no"]

    def row(self, place: int) -> list[str | None]:
        """The cells of the head's row at `place`."""
        return list(self.head[place])

    def body(self, header: int) -> pl.DataFrame:
        """The rows below the header."""
        return self.frame.filter(pl.col("row_no") > header + 1)


def read_table(path: Path, find: Finder) -> RawTable:
    """Every row of the file. `find` tells the header's place among the first rows (needed for CSV widths).

    ZhaorenError when the file is missing, empty or cannot be read as any known format.
    """
    kind = file_kind(path)
    if kind == "parquet":
        return _parquet(path, find)
    if kind in ("xlsx", "xls"):
        from zhaoren.exchange.workbooks import read_sheet

        rows, head = read_sheet(path, kind, lambda cells: find(cells) is not None)
        return RawTable(rows, head, find(head), "utf-8", kind)
    return _csv(path, find)


def file_kind(path: Path) -> str:
    """parquet, xlsx, xls or csv, by the file's first bytes."""
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
    except FileNotFoundError as error:
        raise ZhaorenError("no such file", str(path), todo="check the path") from error
    except OSError as error:
        raise ZhaorenError(
            "the file cannot be opened", str(path), error.strerror or "", "check it"
        ) from error
    if not start:
        raise ZhaorenError(
            "the file is empty", path.name, "it has no bytes", "ask the department to send it again"
        )
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    return "xls" if start.startswith(b"\xd0\xcf\x11\xe0") else "csv"


def unreadable(
    path: Path, why: str, todo: str = "ask the department to export and send it again"
) -> ZhaorenError:
    """The error for a file that is no table."""
    return ZhaorenError("the file cannot be read", path.name, why, todo)


def _parquet(path: Path, find: Finder) -> RawTable:
    try:
        frame = pl.read_parquet(path, glob=False)
    except Exception as error:  # polars and arrow raise several kinds
        raise unreadable(path, f"damaged Parquet ({type(error).__name__})") from error
    headers = tuple(frame.columns)
    named = {name: f"column_{place}" for place, name in enumerate(headers)}
    text = frame.rename(named).select(_as_text(dtype, f"column_{i}") for i, dtype in enumerate(frame.dtypes))
    # The header counts as row 1.
    rows = text.with_columns(row_no=pl.int_range(2, text.height + 2, dtype=pl.Int64))
    return RawTable(rows, (headers,), 0, "utf-8", "parquet")


def _as_text(dtype: pl.DataType, name: str) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("是")).when(~column).then(pl.lit("否")).alias(name)
    if dtype == pl.Binary:
        return column.cast(pl.String, strict=False)
    if dtype.is_nested():
        return column.map_batches(lambda series: series.cast(pl.String, strict=False), return_dtype=pl.String)
    if isinstance(dtype, pl.Datetime):
        return column.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    return column.cast(pl.String)


def _csv(path: Path, find: Finder) -> RawTable:
    from zhaoren.exchange.delimited import parse_delimited, split_head

    data, encoding = decoded(path)
    head, offsets, separator = split_head(data, find)
    if not any(cell for row in head for cell in row):
        raise ZhaorenError(
            "the file is empty", path.name, "it holds no text", "ask the department to send it again"
        )
    place = find(head)
    start = place if place is not None else 0
    width = len(head[start]) + OVERFLOW_CELLS
    try:
        text = parse_delimited(data[offsets[start] :], width, separator)
    except pl.exceptions.PolarsError as error:
        raise unreadable(path, f"its cells cannot be told apart ({error})"[:300]) from error
    rows = text.with_columns(row_no=pl.int_range(start + 1, start + 1 + text.height, dtype=pl.Int64))
    return RawTable(rows, head, place, encoding, "csv")
