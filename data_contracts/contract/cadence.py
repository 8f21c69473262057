"""When a department promised to deliver: cadence and days of grace as calendar days."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta

from data_contracts.contract.model import Contract

# Months from one promised delivery to the next; one made "when it happens" has no promised day.
CADENCE_MONTHS: Mapping[str, int | None] = {
    "monthly": 1, "quarterly": 3, "termly": 6, "yearly": 12, "event": None,
}  # fmt: skip


def later(day: date, months: int) -> date:
    """The same day so many months later; a month's last day where that month is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def expected_by(contract: Contract, period_month: date) -> date:
    """The last day on which the data of a month is in time: the month has ended, and the grace has passed.

    `period_month`: the first of the month. With 5 days of grace, August's roll is in time to 6 September.
    """
    return later(period_month, 1) + timedelta(days=contract.grace_days)


def next_expected_by(contract: Contract, last_known_date: date) -> date | None:
    """The last day on which the delivery after one of `last_known_date` is in time; None for events."""
    months = CADENCE_MONTHS[contract.cadence]
    return None if months is None else later(last_known_date, months) + timedelta(days=contract.grace_days)
