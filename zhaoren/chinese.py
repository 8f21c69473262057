"""How dates are written in Chinese, on lists, receipts, reports and pages: 2025年9月5日, no leading zeros."""

from __future__ import annotations

from datetime import date

import polars as pl


def date_zh(day: date) -> str:
    """2025年9月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def month_zh(day: date) -> str:
    """2025年9月."""
    return f"{day.year}年{day.month}月"


def dates_zh(column: pl.Expr) -> pl.Expr:
    """A column of dates as text, 2025年9月5日; null stays null."""
    return column.dt.strftime("%Y年%-m月%-d日")
