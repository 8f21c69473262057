"""When a department promised to deliver: cadence and days of grace as calendar days."""

from __future__ import annotations

from datetime import date, timedelta

from data_contracts.contract.model import Contract
from data_contracts.contract.period import later


def expected_by(contract: Contract, period_month: date) -> date:
    """The last day on which the data of a month is in time: the month has ended, and the grace has passed.

    `period_month`: the first of the month. With 5 days of grace, August's roll is in time to 6 September.
    """
    return later(period_month, 1) + timedelta(days=contract.grace_days)


def next_expected_by(contract: Contract, last_known_date: date) -> date | None:
    """The last day on which the delivery after one of `last_known_date` is in time; None for events."""
    months = contract.period_months
    return None if months is None else later(last_known_date, months) + timedelta(days=contract.grace_days)
