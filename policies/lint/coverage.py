"""Ranges and seasons beside each other: where two meet, and where none holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from policies.catalogue.table import Range, Season, ordinal

# A leap year has every day that a season may name.
_YEAR = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]


def meet(one: Range | Season, other: Range | Season) -> bool:
    """Whether something lies in both."""
    if isinstance(one, Season) and isinstance(other, Season):
        return any(one.holds(day) and other.holds(day) for day in _YEAR)
    if not (isinstance(one, Range) and isinstance(other, Range)):
        return False
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: Range, other: Range) -> bool:
    if one.low is None or other.high is None:
        return True
    low, high = ordinal(one.low), ordinal(other.high)
    both_belong = one.above is None and other.below is None
    return low < high or (low == high and both_belong)


def gap_between(cells: Sequence[Any], is_whole: bool) -> str:
    """The first number that no range holds, in words; '' where all do from 0, or from the first bound
    below, on.
    """
    ranges = sorted((cell for cell in cells if isinstance(cell, Range)), key=_start)
    low = ranges[0]
    if low.low is not None and (ordinal(low.low) > 0 or (low.above is not None and ordinal(low.low) == 0)):
        return f"below {low.low}" if low.above is None else f"up to {low.low}"
    reached = ranges[0]
    for following in ranges[1:]:
        if _leaves_open(reached, following, is_whole):
            return f"between {reached.high} and {following.low}"
        if reached.high is not None and (
            following.high is None or ordinal(following.high) >= ordinal(reached.high)
        ):
            reached = following
    if reached.high is not None:
        return f"above {reached.high}" if reached.below is None else f"from {reached.high} on"
    return ""


def _start(cell: Range) -> tuple[bool, Decimal, bool]:
    return (
        cell.low is not None,
        ordinal(cell.low) if cell.low is not None else Decimal(0),
        cell.above is not None,
    )


def _leaves_open(before: Range, after: Range, is_whole: bool) -> bool:
    if before.high is None or after.low is None:
        return False
    end, begin = ordinal(before.high), ordinal(after.low)
    if is_whole:
        last = end - (1 if before.below is not None else 0)
        first = begin + (1 if after.above is not None else 0)
        return first > last + 1
    return begin > end or (begin == end and before.below is not None and after.above is not None)


def gap_in_year(cells: Sequence[Any]) -> str:
    """The first day of the year that no season holds, in words."""
    seasons = [cell for cell in cells if isinstance(cell, Season)]
    day = next((day for day in _YEAR if not any(season.holds(day) for season in seasons)), None)
    return f"on {day:%m-%d}" if day else ""
