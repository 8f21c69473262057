"""Dates in Chinese: one writing for single dates and for columns, without leading zeros."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from zhaoren.chinese import date_zh, dates_zh, month_zh


@pytest.mark.parametrize(
    ("day", "whole", "month"),
    [
        (date(2025, 9, 5), "2025年9月5日", "2025年9月"),
        (date(2024, 2, 29), "2024年2月29日", "2024年2月"),
        (date(2026, 12, 31), "2026年12月31日", "2026年12月"),
    ],
)
def test_a_date_is_written_as_people_write_it(day: date, whole: str, month: str) -> None:
    assert (date_zh(day), month_zh(day)) == (whole, month)


def test_a_column_is_written_as_its_single_dates_are() -> None:
    days = pl.date_range(date(2023, 12, 1), date(2025, 1, 31), eager=True)
    written = pl.select(text=dates_zh(pl.lit(days)))["text"]
    assert written.to_list() == [date_zh(day) for day in days]


def test_a_date_that_is_not_known_stays_unknown() -> None:
    assert pl.select(dates_zh(pl.lit(None, pl.Date))).item() is None
