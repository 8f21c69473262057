"""Dates and months as departments write them. A day is a day in China: an instant elsewhere is turned there.

A time without a zone stays on its day. Cutting the time off an instant in UTC would move every midnight in
China to the day before.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

# Departments write 9999-12-31 for "no end": read as empty.
OPEN_END_YEAR = 9999
CHINA = "Asia/Shanghai"
FURTHEST_EAST = 14 * 60  # minutes; the Line Islands
# A spreadsheet's day 1 is 1900-01-01, and it believes in 1900-02-29: so counting begins two days earlier.
EXCEL_DAY_ZERO = pl.lit("1899-12-30").str.to_date("%Y-%m-%d")
# A workbook may count from 1904-01-01 as day 0 instead.
DAYS_BETWEEN_EPOCHS = 1462
# Clock and zone behind a date: 00:00, T16:00:00.000Z, 08:30:00+0800, " 16:00:00 UTC".
OFFSET = r"(?P<sign>[+-])(?P<zh>[0-9]{2}):?(?P<zm>[0-9]{2})?"
_ZONE = rf"\s*(?:(?P<utc>[Zz]|UTC|GMT)|{OFFSET})"
_CLOCK = rf"[ Tt]+(?P<h>[0-9]{{1,2}}):(?P<m>[0-9]{{2}})(?::(?P<s>[0-9]{{2}})(?:[.,][0-9]+)?)?(?:{_ZONE})?$"
_COMPACT_CLOCK = r"^([0-9]{8})(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$"
_DAY = (
    r"^([0-9]{4})\s*[-./年]\s*([0-9]{1,2})\s*[-./月]\s*([0-9]{1,2})\s*[日号]?$",
    r"^([0-9]{4})([0-9]{2})([0-9]{2})$",
)
_MONTH = (
    r"^([0-9]{4})\s*[-./年]\s*([0-9]{1,2})(?:\s*[-./月]\s*([0-9]{1,2})\s*[日号]?|月)?$",
    r"^([0-9]{4})([0-9]{2})([0-9]{2})?$",
)


def fast_date(column: pl.Expr, form: str) -> pl.Expr:
    """The day where the text is written in the form, else null."""
    day = column.str.to_date(form, strict=False)
    return pl.when(day.dt.year().is_between(1000, OPEN_END_YEAR - 1)).then(day)


def read_date(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    """frame (text, tidy) with value (a day), error and kind."""
    return _dated(frame, *_DAY)


def read_month(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    """frame (text, tidy) with value (a month's first day), error and kind."""
    return _dated(frame, *_MONTH).with_columns(value=pl.col("value").dt.truncate("1mo"))


def offset_minutes(groups: pl.Expr) -> pl.Expr:
    """Minutes east of Greenwich from the groups utc, sign, zh and zm; null where no zone is given."""
    hours, minutes = (groups.struct.field(name).cast(pl.Int32) for name in ("zh", "zm"))
    east = (hours * 60 + minutes.fill_null(0)) * pl.when(groups.struct.field("sign") == "-").then(
        -1
    ).otherwise(1)
    return pl.when(groups.struct.field("utc").is_not_null()).then(0).otherwise(east)


def in_china(written: pl.Expr, minutes_east: pl.Expr) -> pl.Expr:
    """A wall time of a zone as wall time in China, summer times of 1940 to 1991 included; null for no zone's.

    No place is further than FURTHEST_EAST from Greenwich: a larger offset is a slip, and would move the day.
    """
    instant = (written - pl.duration(minutes=minutes_east)).dt.replace_time_zone("UTC")
    there = instant.dt.convert_time_zone(CHINA).dt.replace_time_zone(None)
    on_earth = pl.when(minutes_east.abs() <= FURTHEST_EAST).then(there)
    return pl.when(minutes_east.is_null()).then(written).otherwise(on_earth)


def _dated(frame: pl.DataFrame, spaced: str, compact: str) -> pl.DataFrame:
    tidy = pl.col("tidy")
    frame = frame.with_columns(
        bare=tidy.str.replace(_CLOCK, "").str.replace(_COMPACT_CLOCK, "${1}"),
        timed=tidy.str.contains(_CLOCK) | tidy.str.contains(_COMPACT_CLOCK),
        clock=pl.when(tidy.str.contains(_CLOCK)).then(tidy.str.extract_groups(_CLOCK)),
    )
    frame = frame.with_columns(
        groups=pl.coalesce(_groups(spaced), _groups(compact)),
        serial=pl.col("bare").str.extract(r"^([1-6][0-9]{4})(?:\.0+)?$").cast(pl.Int32),
        east=offset_minutes(pl.col("clock")),
    )
    year, month, day = (pl.col("groups").struct.field(f"{n}").cast(pl.Int32) for n in (1, 2, 3))
    zero = (year == 0) | pl.col("bare").is_in(["0", "00000000", "000000"])
    open_end = year == OPEN_END_YEAR
    text = pl.format("{}-{}-{}", year, month, day.fill_null(1))
    written = pl.when(year.is_between(1000, OPEN_END_YEAR - 1)).then(
        text.str.to_date("%Y-%m-%d", strict=False)
    )
    value = pl.coalesce(_on_chinas_day(written), EXCEL_DAY_ZERO + pl.duration(days=pl.col("serial")))
    wrong = pl.when(year.is_not_null()).then(pl.lit("date_impossible")).otherwise(pl.lit("date_unknown_form"))
    blank = pl.col("bare").is_null() | zero.fill_null(False) | open_end.fill_null(False)
    kind = (
        pl.when(zero).then(pl.lit("zero_date"))
        .when(open_end).then(pl.lit("open_end"))
        .when(pl.col("serial").is_not_null()).then(pl.lit("date_serial"))
        .when(pl.col("east").is_not_null()).then(pl.lit("date_zone"))
        .when("timed").then(pl.lit("date_with_time"))
        .when(year.is_not_null()).then(pl.lit("date_form"))
    )  # fmt: skip
    return frame.with_columns(value=value, error=pl.when(value.is_null() & ~blank).then(wrong), kind=kind)


def _on_chinas_day(written: pl.Expr) -> pl.Expr:
    """The day in China of a day with a clock and a zone; the day itself where no zone is given."""
    hours, minutes = (pl.col("clock").struct.field(name).cast(pl.Int32) for name in ("h", "m"))
    moment = written.cast(pl.Datetime("us")) + pl.duration(hours=hours, minutes=minutes)
    # 24:00 is the end of the day; past it, or at minute 75, the clock is a slip and the instant unknown.
    possible = pl.when((hours * 60 + minutes <= 24 * 60) & (minutes < 60)).then(moment)
    return (
        pl.when(pl.col("east").is_null())
        .then(written)
        .otherwise(in_china(possible, pl.col("east")).dt.date())
    )


def _groups(pattern: str) -> pl.Expr:
    """The pattern's groups as a struct, null where it does not match."""
    return pl.when(pl.col("bare").str.contains(pattern)).then(pl.col("bare").str.extract_groups(pattern))
