"""Lengths of time that a contract promises: one type, one table of units, one parser.

ODCS gives a service promise as a value and a unit: “d, day, days for days; y, yr, years for years, etc.
Units use the ISO standard”. ISO 8601 writes Y, M, W, D for a calendar period, and h, min, s are the ISO
symbols of time: so `m` is a month, and a minute is `min`.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhaoren.errors import ZhaorenError

_HOUR, _DAY = 3_600, 86_400
# A year without a leap day: the shortest run of months is looked for in it.
_MONTH_LENGTHS = tuple(calendar.monthrange(2023, month)[1] for month in range(1, 13))


@dataclass(frozen=True)
class Period:
    """So many calendar months and so many seconds, kept apart: months differ in length."""

    months: int = 0
    seconds: float = 0

    @property
    def days(self) -> float:
        """Its usual length: a month has 30 days, a quarter 91, half a year 182, a year 365."""
        return self.months * 365 // 12 + self.seconds / _DAY

    @property
    def shortest_days(self) -> int:
        """The whole days that it lasts at least, in whichever month it begins."""
        runs = (
            sum(_MONTH_LENGTHS[(first + n) % 12] for n in range(self.months))
            for first in range(len(_MONTH_LENGTHS))
        )
        return min(runs) + int(self.seconds // _DAY)


def _spelt(period: Period, *spellings: str) -> dict[str, Period]:
    return dict.fromkeys(spellings, period)


# Every spelling that is understood, in lower case.
UNITS: Mapping[str, Period] = {
    **_spelt(Period(seconds=1), "s", "sec", "second", "seconds"),
    **_spelt(Period(seconds=60), "min", "minute", "minutes"),
    **_spelt(Period(seconds=_HOUR), "h", "hr", "hour", "hours"),
    **_spelt(Period(seconds=_DAY), "d", "day", "days"),
    **_spelt(Period(seconds=7 * _DAY), "w", "week", "weeks"),
    **_spelt(Period(months=1), "m", "mo", "month", "months"),
    **_spelt(Period(months=3), "q", "quarter", "quarters"),
    **_spelt(Period(months=12), "y", "yr", "year", "years"),
}
# Our names for how often an extract comes; what is delivered "when it happens" has no promised day.
CADENCES: Mapping[str, Period | None] = {
    "monthly": Period(months=1),
    "quarterly": Period(months=3),
    "termly": Period(months=6),
    "yearly": Period(months=12),
    "event": None,
}
# Other tools read the unit `m` of a latency as minutes. Fifteen months of grace where fifteen minutes were
# meant would hide every late delivery, so a latency must say which: `min` or `month`.
AMBIGUOUS_IN_LATENCY = "m"


def parse_period(value: Any, unit: Any) -> Period | None:
    """The length of time that a value and a unit of the standard give; None when they give none.

    Months, quarters and years come in whole months (0.5 years do, 0.5 months do not); nothing is negative.
    """
    one = UNITS.get(str(unit or "").strip().lower())
    try:
        count = float(value)
    except (TypeError, ValueError):
        return None
    if one is None or isinstance(value, bool) or not 0 <= count < math.inf:
        return None
    months = count * one.months
    return Period(int(months), count * one.seconds) if months.is_integer() else None


def period_of(cadence: str) -> Period | None:
    """The time between two deliveries of a cadence; None for `event`. ZhaorenError when it is unknown."""
    if cadence not in CADENCES:
        raise ZhaorenError(f"unknown cadence “{cadence}”", todo=f"use one of {', '.join(CADENCES)}")
    return CADENCES[cadence]


def nearest_cadence(period: Period | None) -> str:
    """Our name for a promised frequency; `event` (never stale) where there is none, or one below a month."""
    # 25 days: “every four weeks” is monthly, “every two weeks” is a cadence that we have no calendar for.
    if period is None or period.days < 25:
        return "event"
    regular = {name: length.days for name, length in CADENCES.items() if length is not None}
    return min(regular, key=lambda name: abs(regular[name] - period.days))


def later(day: date, months: int) -> date:
    """The same day so many months later; a month's last day where that month is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
