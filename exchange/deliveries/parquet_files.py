"""Parquet as text, in batches: headers are its column names, counted as row 1."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from data_contracts.cells.dates import CHINA
from exchange import limits
from exchange.deliveries.packed import Source, unreadable
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    import pyarrow as pa

_FLOATS = ("double", "float", "halffloat")


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file whose directory has been read. rows: as it says.

    floats, no_cells: places of columns kept as floats, and of those that are no cells, with their type.
    """

    source: Source
    names: tuple[str, ...]
    rows: int
    floats: frozenset[int] = frozenset()
    no_cells: Mapping[int, str] = field(default_factory=dict)

    def batches(self) -> Iterator[pl.DataFrame]:
        """row_no and String columns column_0…, in order."""
        row = 2
        try:
            with _opened(self.source) as stream:
                for batch in _file(stream).iter_batches(limits.PARQUET_BATCH_ROWS):
                    frame = self._text(pl.from_arrow(batch))  # type: ignore[arg-type]
                    yield frame.with_columns(row_no=pl.int_range(row, row + frame.height, dtype=pl.Int64))
                    row += frame.height
        except GeneratorExit:
            raise
        except BaseException as error:  # arrow and polars raise several kinds
            raise _damaged(self.source.name, error) from error
        if row - 2 != self.rows:  # the library passes over a damaged part without a word
            why = f"damaged Parquet: it says it has {self.rows} rows, and {row - 2} can be read"
            raise unreadable("not_readable", self.source.name, why)
        if not self.rows:
            empty = {f"column_{at}": pl.String for at in range(len(self.names))} | {"row_no": pl.Int64}
            yield pl.DataFrame(schema=empty)

    def _text(self, frame: pl.DataFrame) -> pl.DataFrame:
        named = [f"column_{at}" for at in range(frame.width)]
        frame.columns = named
        texts = zip(frame.dtypes, named, strict=True)
        return frame.select(self._column(frame[name], dtype) for dtype, name in texts)

    def _column(self, cells: pl.Series, dtype: pl.DataType) -> pl.Series:
        try:
            return cells.to_frame().select(_as_text(dtype, cells.name)).to_series()
        except pl.exceptions.PolarsError as error:
            why = f"the cells of column {int(cells.name.removeprefix('column_')) + 1} are no text ({dtype})"
            raise unreadable("not_readable", self.source.name, why, "deliver it as text") from error


def open_parquet(source: Source) -> ParquetTable:
    """Read the directory. ZhaorenError when the file is damaged or too wide."""
    try:
        with _opened(source) as stream:
            file = _file(stream)
            names, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
            kinds = [field.type for field in file.schema_arrow]
    except BaseException as error:
        raise _damaged(source.name, error) from error
    if len(names) > limits.MOST_COLUMNS:
        raise unreadable(
            "structure_suspect", source.name, f"it has {len(names)} columns", "deliver the promised columns"
        )
    floats = frozenset(at for at, kind in enumerate(kinds) if str(kind) in _FLOATS)
    no_cells = {at: str(kind)[:40] for at, kind in enumerate(kinds) if _is_no_cell(kind)}
    return ParquetTable(source, names, rows, floats, no_cells)


def _is_no_cell(kind: pa.DataType) -> bool:
    """Lists, structures and lengths of time are nothing that a column of a contract may hold."""
    from pyarrow import types

    return bool(types.is_nested(kind) or types.is_duration(kind) or types.is_interval(kind))


def _opened(source: Source) -> io.IOBase:
    return io.BytesIO(source.whole()) if source.packing else source.open()  # type: ignore[return-value]


def _file(stream: io.IOBase):  # type: ignore[no-untyped-def]
    from pyarrow.parquet import ParquetFile

    # Bounds against a directory that claims more than its file holds.
    most = {"thrift_string_size_limit": 100 * limits.MIB, "thrift_container_size_limit": 10**6}
    return ParquetFile(stream, **most)


def _damaged(name: str, error: BaseException) -> BaseException:
    if isinstance(error, ZhaorenError | KeyboardInterrupt | SystemExit):
        return error
    return unreadable("not_readable", name, f"damaged Parquet ({type(error).__name__})")


def _as_text(dtype: pl.DataType, name: str) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("是")).when(~column).then(pl.lit("否")).alias(name)
    if dtype.is_float():
        # A float that is no number is a spreadsheet's #NUM!; NaN is how programs write an empty cell.
        return (
            pl.when(column.is_infinite()).then(pl.lit("#NUM!")).otherwise(column.cast(pl.String)).alias(name)
        )
    if dtype.is_nested():
        return pl.when(column.is_not_null()).then(pl.struct(column).struct.json_encode()).alias(name)
    if isinstance(dtype, pl.Duration):
        return column.dt.to_string("polars")
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:  # an instant: the day it was in China
            column = column.dt.convert_time_zone(CHINA)
        return column.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    return column.cast(pl.String, strict=False)
