"""The made-up truth pays what the rules say for the same place and year; cities' published sums come out."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from policies.loading import load_catalogue
from province.people.plan import make_clock
from province.people.rates import load_rates
from province.people.standards import changes, first_year, in_year

CAT, RATES = load_catalogue(), load_rates()
STANDARD = "dibao.standard_yuan_month"


@pytest.mark.parametrize("year", range(2021, 2028))
def test_the_truth_s_standards_are_the_rules_of_the_year(year: int) -> None:
    value = CAT.value_at(STANDARD, date(year, 6, 1))
    assert value is not None and value.places == in_year(RATES.standard_yuan, year)  # type: ignore[attr-defined]
    own = {local.place: local.value for local in CAT.local_at(STANDARD, date(year, 6, 1))}
    begun = {c: in_year(years, year) for c, years in RATES.city_standard_yuan.items() if min(years) <= year}
    assert own == begun


# place, year, 特困基本生活标准 and 低保边缘 line as the city published them (sources in policies/parameters)
PUBLISHED = [
    ("4401", 2021, 1792, 1680),
    ("4401", 2023, 1981, 1857),
    ("4401", 2024, 2052, 1923),
    ("4403", 2021, 2080, 1950),
    ("4403", 2022, 2184, 2048),
]


@pytest.mark.parametrize(("place", "year", "tekun", "line"), PUBLISHED)
def test_published_sums_of_cities_follow_from_the_parameters(
    place: str, year: int, tekun: int, line: int
) -> None:
    day = date(year, 6, 1)

    def value(name: str) -> Decimal:
        own = next((v.value for v in CAT.local_at(name, day) if v.place == place), None)
        every = CAT.value_at(name, day)
        found = own if own is not None or every is None else every.value
        return Decimal(str(found))

    assert math.ceil(value(STANDARD) * value("tekun.multiple")) == tekun
    assert math.ceil(value(STANDARD) * value("dibao.edge_multiple")) == line


def test_a_new_year_brings_its_standard_and_what_lies_before_the_first_month_none() -> None:
    clock = make_clock(date(2024, 11, 1), 4)
    assert first_year(clock) == 2024
    ((month, year),) = changes(clock).items()
    assert year == 2025 and clock.starts[month] == np.datetime64("2025-01-01", "D").astype(int)
