"""A parameter on one day: which value a row gets, by its place or case, and how far it is vouched for.

    choices(cat, "dibao.standard_yuan_month", as_of, "household")
        -> [Choice(test="SUBSTR(town_code, 1, 4) = '4401'", amount=1309, …), …]

The first choice whose test holds for a row is the row's. A home's own values come first, then the places' own
among the shipped, then what the province sets for a tier; within one place an unknown case is unknown, and
does not fall through to what holds elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policies.catalogue.model import HOUSEHOLD, Catalogue
from policies.catalogue.parameter import Cases, Entry, LocalValue, Value, ValueStatus
from policies.catalogue.shapes import Entity, Number

# From what may be relied on to what may not: a sum is worth what the weakest of its parameters is.
STATUSES: tuple[ValueStatus, ...] = ("verified", "unverified", "borrowed")


@dataclass(frozen=True)
class Choice:
    """One value of a parameter and the rows that get it.

    columns     what the test reads
    test        SQL over the row; empty where every row that is left gets the value
    amount      None where the place or the case has no value: unknown, not nothing
    origin      the entry it comes from; None where no entry is in force
    is_minimum  a place may have more, and its own value is not entered
    """

    columns: tuple[str, ...]
    test: str
    amount: Number | str | None
    origin: Entry | None
    is_minimum: bool = False

    @property
    def status(self) -> ValueStatus:
        """How far the value holds for the row: a minimum is not the place's own value."""
        found = self.origin.status if self.origin else "unverified"
        return "unverified" if self.is_minimum and found == "verified" else found


def choices(cat: Catalogue, name: str, as_of: date, entity: Entity) -> list[Choice]:
    """Every choice in the order in which they are tried; the last one takes every row that is left."""
    prefix = "" if entity == "household" else HOUSEHOLD
    local, general = cat.local_at(name, as_of), cat.value_at(name, as_of)
    found = [choice for value in local for choice in _local(value, prefix)]
    if found and not (isinstance(general, Value) and general.places):
        # whoever's town is not known may live in a place with a value of its own
        found.append(Choice(("town_code",), "town_code IS NULL", None, None))
    if general is None:
        return [*found, Choice((), "", None, None)]
    return [*found, *_general(general, prefix)]


def _local(value: LocalValue, prefix: str) -> Iterator[Choice]:
    place = value.place or ""
    here = f"SUBSTR(town_code, 1, {len(place)}) = '{place}'"
    for choice in _within(value, prefix):
        test = f"{here} AND {choice.test}" if choice.test else here
        yield Choice(("town_code", *choice.columns), test, choice.amount, value, choice.is_minimum)


def _general(value: Entry, prefix: str) -> Iterator[Choice]:
    """The value without a place; of a shipped one by place, the cities come before the tiers."""
    places = value.places if isinstance(value, Value) and value.places else {}
    # A city is the first four digits of a town's code (GB/T 2260). Its own value comes before the province's
    # minimum for the tier that the city belongs to, and is no minimum.
    for key, amount in places.items():
        if key.isdigit():
            yield Choice(("town_code",), f"SUBSTR(town_code, 1, 4) = '{key}'", amount, value)
    for key, amount in places.items():
        if not key.isdigit():
            tier = f"{prefix}place_tier_code"
            yield Choice((tier,), f"{tier} = '{key}'", amount, value, value.is_minimum)
    yield from _within(value, prefix)


def _within(value: Entry, prefix: str) -> Iterator[Choice]:
    """One entry without its place: by case, by town and country, or one value for all."""
    least = value.is_minimum
    cases: Cases | None = value.cases
    for key, amount in (cases.of if cases else {}).items():
        column = f"{prefix}{cases.fact if cases else ''}"
        yield Choice((column,), f"{column} = '{key}'", amount, value, least)
    if isinstance(value, LocalValue) and value.residence:
        column = f"{prefix}is_rural"
        yield Choice((column,), column, value.residence.rural, value, least)
        yield Choice((column,), f"NOT {column}", value.residence.urban, value, least)
    yield Choice((), "", value.value, value, least)
