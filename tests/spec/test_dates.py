"""The table of dates (dates.yaml), case by case and in both directions."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.language.dates import months_before, months_between, years_between

TABLE = yaml.safe_load((Path(__file__).parent / "dates.yaml").read_text(encoding="utf-8"))
DAYS = st.dates(date(1920, 1, 1), date(2099, 12, 31))


def cases(name: str) -> list[Any]:
    return [pytest.param(row, id=f"{list(row.values())[:2]}") for row in TABLE[name]]


def birthday(born: date, age: int) -> date:
    """The day on which `age` years are completed, counted without the product."""
    year = born.year + age
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1)
    return born.replace(year=year)


def years(born: date, on: date) -> int:
    return pl.select(years_between(pl.lit(born), pl.lit(on))).item()


def months(since: date, on: date) -> int:
    return pl.select(months_between(pl.lit(since), pl.lit(on))).item()


def start(day: date, count: int) -> date:
    return pl.select(months_before(day, count)).item()


@pytest.mark.parametrize("case", cases("ages"))
def test_completed_years(case: dict[str, Any]) -> None:
    assert years(case["born"], case["at"]) == case["years"]
    assert birthday(case["born"], case["years"]) <= case["at"] < birthday(case["born"], case["years"] + 1)


@pytest.mark.parametrize("case", cases("birthdays"))
def test_the_day_an_age_is_reached(case: dict[str, Any]) -> None:
    day = birthday(case["born"], case["years"])
    assert day == case["day"]
    assert years(case["born"], day) == case["years"] == years(case["born"], day - timedelta(days=1)) + 1


@pytest.mark.parametrize("case", cases("months"))
def test_whole_months(case: dict[str, Any]) -> None:
    assert months(case["since"], case["at"]) == case["months"]


@pytest.mark.parametrize("case", cases("windows"))
def test_where_a_window_starts(case: dict[str, Any]) -> None:
    begun = start(case["day"], case["months"])
    assert begun == case["start"]
    assert months(begun, case["day"]) == case["months"]  # and back


@given(DAYS, st.integers(0, 110))
def test_an_age_is_reached_on_its_day_and_not_the_day_before(born: date, age: int) -> None:
    day = birthday(born, age)
    assert (years(born, day), years(born, day - timedelta(days=1))) == (age, age - 1)


@given(DAYS, st.integers(0, 36))
def test_a_window_of_months_is_so_many_months_long(day: date, count: int) -> None:
    begun = start(day, count)
    assert months(begun, day) == count
    # One day later it would be a month short, unless a shorter month's last day stands for several.
    assert months(begun + timedelta(days=1), day) in (count - 1, count)


@given(DAYS, DAYS, st.integers(1, 40))
def test_time_only_adds_months_and_years(since: date, on: date, more: int) -> None:
    later = on + timedelta(days=more)
    assert months(since, on) <= months(since, later)
    assert years(since, on) <= years(since, later)


def test_the_income_windows_are_different_facts() -> None:
    """One, six and twelve months are never the same column."""
    from policies.loading import load_catalogue

    facts = load_catalogue().facts
    named = [facts[f"household.income_{n}m_yuan_month"] for n in (1, 6, 12)]
    assert len({fact.sources for fact in named}) == 3
