"""Types that other people's contracts have and our departments' do not: plain numbers, timestamps, times.

Each has a fast expression for text as agreed and a slow reader, as in values.py. A moment with a zone becomes
wall time in China; a time of day alone is read as written.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from data_contracts.cells.dates import OFFSET, in_china, offset_minutes

DTYPES: Mapping[str, pl.DataType] = {
    "number": pl.Float64(),
    "timestamp": pl.Datetime("us"),
    "time": pl.Time(),
}
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_GROUPED = r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$"
_MOMENT = (
    r"^([0-9]{4})\s*[-./年]\s*([0-9]{1,2})\s*[-./月]\s*([0-9]{1,2})\s*日?"
    r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
    rf"\s*(?:(?P<utc>Z|UTC|GMT)|{OFFSET})?$"
)
_CLOCK = r"^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?$"


def fast(column: pl.Expr, reads_as: str) -> pl.Expr:
    """The typed value where the text is written as agreed, else null."""
    if reads_as == "number":
        return pl.when(column.str.contains(_NUMBER)).then(column).cast(pl.Float64, strict=False)
    if reads_as == "timestamp":
        return column.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    return column.str.to_time("%H:%M:%S", strict=False)


def read_number(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    """frame (text, tidy) with value, error and kind."""
    grouped = pl.col("tidy").str.contains(_GROUPED)
    bare = pl.when(grouped).then(pl.col("tidy").str.replace_all(",", "")).otherwise(pl.col("tidy"))
    value = fast(bare, "number")
    wrong = pl.when(value.is_null() & pl.col("tidy").is_not_null()).then(pl.lit("number_unknown_form"))
    return frame.with_columns(value=value, error=wrong, kind=pl.when(grouped).then(pl.lit("thousands")))


def read_timestamp(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    """frame (text, tidy) with value, error and kind."""
    frame = frame.with_columns(_parts=_groups(_MOMENT))
    year, month, day, hour, minute, second = (_part(n) for n in range(1, 7))
    written = pl.format(
        "{}-{}-{} {}:{}:{}", year, month, day, *(p.fill_null(0) for p in (hour, minute, second))
    )
    value = written.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    return _read(frame, in_china(value, offset_minutes(pl.col("_parts"))), "date_form")


def read_time(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    """frame (text, tidy) with value, error and kind."""
    frame = frame.with_columns(_parts=_groups(_CLOCK))
    written = pl.format("{}:{}:{}", _part(1), _part(2), _part(3).fill_null(0))
    return _read(frame, written.str.to_time("%H:%M:%S", strict=False), "date_form")


def _read(frame: pl.DataFrame, value: pl.Expr, kind: str) -> pl.DataFrame:
    shaped = pl.col("_parts").is_not_null()
    wrong = pl.when(shaped).then(pl.lit("date_impossible")).otherwise(pl.lit("date_unknown_form"))
    frame = frame.with_columns(value=value)
    missing = pl.col("value").is_null() & pl.col("tidy").is_not_null()
    read = pl.col("value").is_not_null()
    return frame.with_columns(error=pl.when(missing).then(wrong), kind=pl.when(read).then(pl.lit(kind)))


def _groups(pattern: str) -> pl.Expr:
    fits = pl.col("tidy").str.contains(pattern)
    return pl.when(fits).then(pl.col("tidy").str.extract_groups(pattern))


def _part(number: int) -> pl.Expr:
    return pl.col("_parts").struct.field(str(number)).cast(pl.Int32, strict=False)


READERS = {"number": read_number, "timestamp": read_timestamp, "time": read_time}
