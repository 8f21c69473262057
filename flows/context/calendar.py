"""Days that are promised: by when a visit is due, and how often each extract comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import chinese_calendar
import polars as pl

from data_contracts.contract.model import Contract
from flows.context.parameters import group
from policies.catalogue.model import Catalogue


def due_dates(catalogue: Catalogue, as_of: date) -> dict[str, date]:
    """Level -> the last working day for its visit, by the parameters operations.due_working_days_<level>."""
    values = group(catalogue, "operations", as_of)
    prefix = "due_working_days_"
    allowed = {name.removeprefix(prefix): int(n) for name, n in values.items() if name.startswith(prefix)}
    return {level: working_day(as_of, days) for level, days in allowed.items()}


def working_day(start: date, number: int) -> date:
    """The working day of that number after `start`, by the State Council's calendar: 1 is the next one."""
    day = start
    while number > 0:
        day += timedelta(days=1)
        number -= _is_working_day(day)
    return day


def month_end(day: date) -> date:
    """The last working day of the day's month."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    while not _is_working_day(last):
        last -= timedelta(days=1)
    return last


def delivery_calendar(contracts: Mapping[str, Contract]) -> pl.DataFrame:
    """department, extract, period_months (null: it comes as things happen), grace_days of every contract."""
    rows = [(c.department, c.extract, c.period_months, c.grace_days) for c in contracts.values()]
    schema = {
        "department": pl.String,
        "extract": pl.String,
        "period_months": pl.Int64,
        "grace_days": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _is_working_day(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        # Each year's holidays are announced the autumn before. Until the calendar knows them, Monday to
        # Friday must do: a list with a due date a few days off is better than none.
        return day.weekday() < 5
