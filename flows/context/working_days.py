"""Working days by the State Council's calendar, for due dates and clocks."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import polars as pl


def working_days(start: date, days: int = 120) -> pl.DataFrame:
    """One row per working day after `start`: `workday_no` from 1, and `date`.

    A year the calendar does not know yet counts Monday to Friday, so that a list can still be made.
    """
    dates = [start + timedelta(d) for d in range(1, days + 1)]
    worked = [d for d in dates if _is_workday(d)]
    return pl.DataFrame(
        {"workday_no": list(range(1, len(worked) + 1)), "date": worked},
        schema={"workday_no": pl.Int64, "date": pl.Date},
    )


def _is_workday(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
