"""Exact numbers and the calendar. None is what nobody knows; what goes in is known."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

TOO_LARGE = 10**18
GRAIN = 10**8  # eight decimals


def nearest(number: Fraction) -> int:
    """The nearest whole number, a half away from zero."""
    whole = int(abs(number) + Fraction(1, 2))
    return -whole if number < 0 else whole


def result(number: Fraction) -> Fraction | None:
    """A number as the language keeps it: eight decimals; unknown from a million million million on."""
    kept = Fraction(nearest(number * GRAIN), GRAIN)
    return None if abs(kept) >= TOO_LARGE else kept


def value(given: Any) -> Any:
    """What a file or a frame gives, as the evaluator keeps it: every number exact."""
    if isinstance(given, float):
        given = Decimal(repr(given))
    if isinstance(given, int | Decimal | Fraction) and not isinstance(given, bool):
        return result(Fraction(given))
    return given


def multiple(number: Fraction, unit: Fraction, way: str) -> Fraction | None:
    """Rounded to a whole multiple of the unit: UP, DOWN or to the nearest (HALF)."""
    if unit <= 0:
        return None
    times = number / unit
    whole = {"UP": -(-times // 1), "DOWN": times // 1, "HALF": nearest(times)}[way]
    return result(whole * unit)


def years_between(start: date, end: date) -> int:
    """Completed years: birthdays count from their day on; 29 February falls on 1 March in a common year."""
    years = end.year - start.year
    return years if _birthday(start, end.year) <= (end.month, end.day) else years - 1


def _birthday(born: date, year: int) -> tuple[int, int]:
    leaps = (born.month, born.day) == (2, 29) and not calendar.isleap(year)
    return (3, 1) if leaps else (born.month, born.day)


def add_months(day: date, count: int) -> date | None:
    """So many calendar months later; the last day of a shorter month. Unknown outside the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> int:
    """Whole months: the largest number of months after `start` that does not lie behind `end`."""
    count = (end.year - start.year) * 12 + end.month - start.month
    there = add_months(start, count)
    return count if there is not None and there <= end else count - 1
