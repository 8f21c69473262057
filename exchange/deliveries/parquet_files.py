"""Parquet as text, in batches: headers are its column names, counted as row 1."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from exchange import limits
from exchange.deliveries.packed import Source, unreadable


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file whose directory has been read."""

    source: Source
    names: tuple[str, ...]

    def batches(self) -> Iterator[pl.DataFrame]:
        """row_no and String columns column_0…, in order."""
        row, seen = 2, False
        try:
            with _opened(self.source) as stream:
                for batch in _file(stream).iter_batches(limits.PARQUET_BATCH_ROWS):
                    frame, seen = self._text(pl.from_arrow(batch)), True  # type: ignore[arg-type]
                    yield frame.with_columns(row_no=pl.int_range(row, row + frame.height, dtype=pl.Int64))
                    row += frame.height
        except GeneratorExit:
            raise
        except BaseException as error:  # arrow and polars raise several kinds
            raise _damaged(self.source.name, error) from error
        if not seen:
            empty = {f"column_{at}": pl.String for at in range(len(self.names))} | {"row_no": pl.Int64}
            yield pl.DataFrame(schema=empty)

    def _text(self, frame: pl.DataFrame) -> pl.DataFrame:
        named = [f"column_{at}" for at in range(frame.width)]
        frame.columns = named
        texts = zip(frame.dtypes, named, strict=True)
        return frame.select(_as_text(dtype, name) for dtype, name in texts)


def open_parquet(source: Source) -> ParquetTable:
    """Read the directory. ZhaorenError when the file is damaged or too wide."""
    try:
        with _opened(source) as stream:
            names = tuple(_file(stream).schema_arrow.names)
    except BaseException as error:
        raise _damaged(source.name, error) from error
    if len(names) > limits.MOST_COLUMNS:
        raise unreadable(
            "structure_suspect", source.name, f"it has {len(names)} columns", "deliver the promised columns"
        )
    return ParquetTable(source, names)


def _opened(source: Source) -> io.IOBase:
    return io.BytesIO(source.whole()) if source.packing else source.open()  # type: ignore[return-value]


def _file(stream: io.IOBase):  # type: ignore[no-untyped-def]
    from pyarrow.parquet import ParquetFile

    # Bounds against a directory that claims more than its file holds.
    most = {"thrift_string_size_limit": 100 * limits.MIB, "thrift_container_size_limit": 10**6}
    return ParquetFile(stream, **most)


def _damaged(name: str, error: BaseException) -> BaseException:
    from zhaoren.errors import ZhaorenError

    if isinstance(error, ZhaorenError | KeyboardInterrupt | SystemExit):
        return error
    return unreadable("not_readable", name, f"damaged Parquet ({type(error).__name__})")


def _as_text(dtype: pl.DataType, name: str) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("是")).when(~column).then(pl.lit("否")).alias(name)
    if dtype == pl.Binary:
        return column.cast(pl.String, strict=False)
    if dtype.is_nested():
        return pl.when(column.is_not_null()).then(pl.struct(column).struct.json_encode()).alias(name)
    if isinstance(dtype, pl.Duration):
        return column.dt.to_string("polars")
    if isinstance(dtype, pl.Datetime):
        return column.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    return column.cast(pl.String, strict=False)
