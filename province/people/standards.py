"""The low-income standard of every household: what its place pays in a year, by the law of that year.

The months before the first delivered one live by that one's standards, so that a province begins settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TypeVar

import numpy as np

from province.people.plan import Block, Clock
from province.people.rates import Rates

_T = TypeVar("_T")


def standards(rates: Rates, block: Block, town: np.ndarray, tier: np.ndarray, year: int) -> np.ndarray:
    """Yuan a month per head for each household, by its town (index into the block's) and tier.

    A city may set more than the province's minimum for its tier, and then its own holds.
    """
    least = np.array(list(in_year(rates.standard_yuan, year).values()), dtype=float)
    cities = {
        code: in_year(years, year) for code, years in rates.city_standard_yuan.items() if min(years) <= year
    }
    own = np.array([cities.get(code[:4], 0) for code in block.town_codes], dtype=float)
    return np.maximum(least[tier], own[town])


def in_year(values: Mapping[int, _T], year: int) -> _T:
    """What is in force in a year: the newest that has begun, or the oldest there is."""
    begun = [first for first in values if first <= year]
    return values[max(begun) if begun else min(values)]


def first_year(clock: Clock) -> int:
    """The year whose standards hold from the first month on."""
    return int(clock.years[clock.first])


def changes(clock: Clock) -> dict[int, int]:
    """Month index -> year, for every delivered month that begins a new year."""
    months = range(clock.first, clock.last + 1)
    return {t: int(clock.years[t]) for s, t in pairwise(months) if clock.years[t] != clock.years[s]}
