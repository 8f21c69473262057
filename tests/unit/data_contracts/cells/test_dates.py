"""Dates as departments write them; an instant is a day in China."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data_contracts.cells.values import slow


def read(text: str, reads_as: str = "date") -> tuple[object, object, list[str]]:
    row = slow(pl.Series([text]), reads_as).row(0, named=True)
    return row["value"], row["error"], row["repairs"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-08-31T16:00:00.000Z", date(2025, 9, 1)),
        ("2025-08-31T15:59:59Z", date(2025, 8, 31)),
        ("2025-08-31T16:00:00+00:00", date(2025, 9, 1)),
        ("2025-08-31 16:00:00+0000", date(2025, 9, 1)),
        ("2025-08-31 16:00:00 UTC", date(2025, 9, 1)),
        ("2025-08-31T12:00:00-04:00", date(2025, 9, 1)),
        ("2025-09-01T00:30:00+09:00", date(2025, 8, 31)),
        ("2025-08-31T23:00:00+07:00", date(2025, 9, 1)),
        ("2025-09-01T00:00:00+08:00", date(2025, 9, 1)),
        ("2025-08-31T18:30+05:30", date(2025, 8, 31)),
        ("1939-12-31T16:00:00Z", date(1940, 1, 1)),
        ("1988-06-30T15:00:00Z", date(1988, 7, 1)),  # China kept summer time from 1986 to 1991
        ("1995-06-30T15:00:00Z", date(1995, 6, 30)),
    ],
)
def test_an_instant_is_a_day_in_china(text: str, day: date) -> None:
    """Tried from outside, case 09: the time was cut off, and midnight in China became the day before."""
    assert read(text) == (day, None, ["date_zone"])


def test_a_month_and_a_moment_follow_the_zone_too() -> None:
    assert read("2025-08-31T16:00:00Z", "month")[0] == date(2025, 9, 1)
    assert str(read("2025-08-31T16:00:00Z", "timestamp")[0]) == "2025-09-01 00:00:00"


@pytest.mark.parametrize(
    "text", ["2025-09-01 23:59:59", "2025-09-01T00:00:00", "2025/9/1 08:30", "2025年9月1日 08:30"]
)
def test_a_time_without_a_zone_stays_on_its_day(text: str) -> None:
    assert read(text)[:2] == (date(2025, 9, 1), None)


@pytest.mark.parametrize(
    "text", ["20250901083000", "2025年9月1号", "2025 年 9 月 1 日", "2025.9.1", "20250901"]
)
def test_further_ways_of_writing_a_day(text: str) -> None:
    """Case 23: fourteen digits and 号 were returned to the department."""
    assert read(text)[:2] == (date(2025, 9, 1), None)


@pytest.mark.parametrize("text", ["20250901253000", "星期一", "2025-09-01 上午", "31.12.2025", "2025-09"])
def test_what_cannot_be_read_for_sure_is_refused(text: str) -> None:
    assert read(text)[:2] == (None, "date_unknown_form")


@pytest.mark.parametrize(
    "text", ["2025-09-01T25:00Z", "2025-09-01T10:75Z", "2025-08-31T16:00:00+99:00", "2025-08-31T16:00-15:00"]
)
def test_an_instant_that_cannot_be_is_no_day(text: str) -> None:
    """It would be another day in silence."""
    assert read(text)[:2] == (None, "date_impossible")
    assert read("2025-08-31T16:00:00+99:00", "timestamp")[:2] == (None, "date_impossible")
