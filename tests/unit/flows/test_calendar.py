"""Due dates count working days by the State Council's calendar, with its holidays and made-up Saturdays."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data_contracts.loading.contracts import load_contracts
from flows.context.calendar import delivery_calendar, due_dates, working_day
from flows.evaluation.evaluate import quarter_of
from policies.loading import load_catalogue


@pytest.mark.parametrize(
    ("start", "number", "day"),
    [
        (date(2025, 9, 5), 1, date(2025, 9, 8)),  # over a weekend
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # over the National Day week
        (date(2025, 9, 30), 3, date(2025, 10, 11)),  # a Saturday worked in exchange
        (date(2099, 1, 1), 1, date(2099, 1, 2)),  # a year nobody has announced yet: Monday to Friday
        (date(2099, 1, 1), 2, date(2099, 1, 5)),
    ],
)
def test_a_working_day_after(start: date, number: int, day: date) -> None:
    assert working_day(start, number) == day


def test_the_redder_the_sooner() -> None:
    due = due_dates(load_catalogue(), date(2025, 9, 5))
    assert list(due) and due["red"] < due["orange"] < due["yellow"] < due["blue"]
    assert due["red"] == date(2025, 9, 9)  # two working days


def test_every_contract_is_in_the_calendar() -> None:
    contracts = load_contracts()
    found = delivery_calendar(contracts)
    assert found["extract"].to_list() == [c.extract for c in contracts.values()]
    events = [c.extract for c in contracts.values() if c.cadence == "event"]
    assert found.filter(pl.col("period_months").is_null())["extract"].to_list() == events != []


@pytest.mark.parametrize(("month", "first"), [(1, 1), (3, 1), (4, 4), (11, 10), (12, 10)])
def test_a_quarter_begins_with_its_first_month(month: int, first: int) -> None:
    assert quarter_of(date(2025, month, 28)) == date(2025, first, 1)
