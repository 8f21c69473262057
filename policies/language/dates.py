"""Date arithmetic in one place: completed years, windows of months, whole months between two days.

    years_between(birth, on) -> Expr      completed years; a birthday counts from its day on
    months_between(since, on) -> Expr     whole months; a month is whole on the same day of the next
    months_before(day, n) -> Expr         the day n calendar months earlier; a window of n months is (it, day]

29 February: in a common year a birthday falls on 1 March, since on 28 February the year is not yet complete
(民法典第二百零四条: 期间从次日起算). A month's end: there is no 31 June, so a month from 31 May is whole
on 30 June, and the day one month before 31 July is 30 June. The table of cases is tests/spec/dates.yaml.

    born 29 Feb 2004: on 28 Feb 2022 years_between gives 17, on 1 Mar 2022 it gives 18
    since 31 May:     on 29 Jun months_between gives 0, on 30 Jun (the month's last day) it gives 1
    window of 12 months on 15 Sep 2025: after 15 Sep 2024, up to and including 15 Sep 2025
"""

from __future__ import annotations

from datetime import date

import polars as pl


def years_between(birth: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Completed years from `birth` to `on`; negative before birth. Null stays null."""
    whole = on.dt.year().cast(pl.Int64) - birth.dt.year().cast(pl.Int64)
    return whole - (_month_and_day(on) < _month_and_day(birth)).cast(pl.Int64)


def months_between(since: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Whole calendar months from `since` to `on`; a shorter month is whole on its last day. Null: null."""
    years = on.dt.year().cast(pl.Int64) - since.dt.year().cast(pl.Int64)
    months = on.dt.month().cast(pl.Int64) - since.dt.month().cast(pl.Int64)
    is_short = (on.dt.day() < since.dt.day()) & (on != on.dt.month_end())
    return years * 12 + months - is_short.cast(pl.Int64)


def months_before(day: date, months: int) -> pl.Expr:
    """The day `months` calendar months before; where that month is shorter, its last day."""
    return pl.lit(day).dt.offset_by(f"-{months}mo")


def _month_and_day(day: pl.Expr) -> pl.Expr:
    return day.dt.month().cast(pl.Int64) * 100 + day.dt.day().cast(pl.Int64)


def months_later(day: pl.Expr, months: pl.Expr) -> pl.Expr:
    """The day so many calendar months later; where that month is shorter, its last day. Outside the years
    1 to 9999: null.
    """
    # truncated towards zero, and kept where the calendar of the engine ends
    whole = months.cast(pl.Float64).cast(pl.Int64, strict=False)
    month = day.dt.year().cast(pl.Int64) * 12 + day.dt.month().cast(pl.Int64) - 1 + whole
    whole = pl.when((month >= 12) & (month < 120_000)).then(whole)
    return day.dt.offset_by(pl.format("{}mo", whole))


def days_in_month(day: pl.Expr) -> pl.Expr:
    """How many days the day's month has."""
    return day.dt.month_end().dt.day()
