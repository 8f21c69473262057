"""A parameter on one day as a list of options: which value goes to whom, and how far it is vouched for.

    options(cat, "dibao.standard_yuan_month", as_of, "household")
        -> Options([Option({"town_code": Prefix("4401")}, amount=1309, …), …, NOT_KNOWN])

The first option whose tests hold for a row is the row's. A home's own values come first, then the places' own
among the shipped, then what the province sets for a tier; a table's rows follow, the longest place first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from policies.catalogue.model import HOUSEHOLD, KEYS, Catalogue
from policies.catalogue.parameter import Cases, Entry, LocalValue, Value, ValueStatus
from policies.catalogue.shapes import Entity
from policies.catalogue.table import Range, Slices, Table, listed
from policies.language.kinds import ANY, EXACT, Kind, joined, kind_of, number

# From what may be relied on to what may not: a sum is worth what the weakest of its parameters is.
STATUSES: tuple[ValueStatus, ...] = ("verified", "unverified", "borrowed")


@dataclass(frozen=True)
class Among:
    """The column is one of these values."""

    values: tuple[Any, ...]

    def holds(self, value: Any) -> bool:
        """Whether a known value is one of them."""
        return value in self.values


@dataclass(frozen=True)
class Prefix:
    """The column, a division code, begins so."""

    codes: tuple[str, ...]

    def holds(self, value: str) -> bool:
        """Whether a known code begins with one of them."""
        return value.startswith(self.codes)


Test = Among | Prefix | Range


@dataclass(frozen=True)
class Growth:
    """What is added for each unit of a column beyond a number; nothing below it."""

    column: str
    beyond: Decimal
    add: Decimal


@dataclass(frozen=True)
class Option:
    """One value of a parameter and the rows that get it.

    tests       by column; without any, every row that is left gets the value
    amount      None where the place or the case has no value: unknown, not nothing
    origin      the entry it comes from; None where no entry is in force
    is_minimum  a place may have more, and its own value is not entered
    growth      what is added row by row
    """

    tests: Mapping[str, Test] = field(default_factory=dict)
    amount: Decimal | int | str | bool | None = None
    origin: Entry | None = None
    is_minimum: bool = False
    growth: Growth | None = None

    @property
    def status(self) -> ValueStatus:
        """How far the value holds for the row: a minimum is not the place's own value."""
        found = self.origin.status if self.origin else "unverified"
        return "unverified" if self.is_minimum and found == "verified" else found


NOT_KNOWN = Option()


@dataclass(frozen=True)
class Options:
    """A parameter's options on a day in the order in which they are tried, the unknown one last."""

    listed: tuple[Option, ...]
    kind: Kind

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns by which it differs."""
        return tuple(dict.fromkeys(column for option in self.listed for column in option.tests))

    def tests_of(self, column: str) -> list[Test]:
        """What the options ask of one column."""
        return [option.tests[column] for option in self.listed if column in option.tests]

    @cached_property
    def all_columns(self) -> tuple[str, ...]:
        """Those, and the columns by which it grows."""
        grown = (option.growth.column for option in self.listed if option.growth)
        return tuple(dict.fromkeys((*self.columns, *grown)))


def options(cat: Catalogue, name: str, as_of: date, entity: Entity) -> Options:
    """Every option in the order in which they are tried; the last, which nobody is meant for, is unknown."""
    key = ("options", name, as_of, entity)
    if key not in cat.computed:
        cat.computed[key] = _options(cat, name, as_of, entity)
    found: Options = cat.computed[key]
    return found


def parameter_kind(cat: Catalogue, name: str) -> Kind | None:
    """What a parameter gives, whatever the day and place; None where there is none of that name."""
    key = ("kind", name)
    if key not in cat.computed:
        cat.computed[key] = _kind(cat, name) if name in cat.parameters else None
    found: Kind | None = cat.computed[key]
    return found


def _kind(cat: Catalogue, name: str) -> Kind:
    """Wide enough for every value; a parameter without any is a number that nobody knows."""
    parameter = cat.parameters[name]
    entries: tuple[Entry, ...] = (*parameter.values, *parameter.local, *cat.own.of(name))
    kinds = [kind for entry in entries for kind in value_kinds(entry)]
    return joined(kinds) or ANY if kinds else number(16, 2)


def value_kinds(entry: Entry) -> Iterator[Kind]:
    """What an entry gives, case by case."""
    for option in _within(entry, _Facts("", frozenset(), ANY_DAY)):
        yield kind_of(option.amount)
        if option.growth:
            # what it grows by times a fact of any decimals: amounts are rounded once, at the end
            yield EXACT
    if isinstance(entry, Value) and entry.places:
        yield from map(kind_of, entry.places.values())


ANY_DAY = None  # of what a parameter gives in any season


@dataclass(frozen=True)
class _Facts:
    """How the keys of an entry are called where the rule stands: its own facts, and the household's by a
    prefix.
    """

    prefix: str
    own: frozenset[str]
    as_of: date | None

    def column(self, fact: str) -> str:
        """The column of a fact that an entry names."""
        return fact if fact in self.own or fact in KEYS or not self.prefix else f"{self.prefix}{fact}"


def _options(cat: Catalogue, name: str, as_of: date, entity: Entity) -> Options:
    own = frozenset(fact.name for fact in cat.facts.values() if fact.entity == entity)
    facts = _Facts("" if entity == "household" else HOUSEHOLD, own, as_of)
    local, general = cat.local_at(name, as_of), cat.value_at(name, as_of)
    found = [option for value in local for option in _local(value, facts)]
    found += _general(general, facts) if general is not None else ()
    kind = parameter_kind(cat, name)
    return Options((*found, NOT_KNOWN), kind or ANY)


def _local(value: LocalValue, facts: _Facts) -> Iterator[Option]:
    here: dict[str, Test] = {"town_code": Prefix((value.place or "",))}
    for option in _within(value, facts):
        tests = here | dict(option.tests)
        if "town_code" in option.tests:
            codes = _both(value.place or "", option.tests["town_code"])
            if not codes:
                continue
            tests["town_code"] = Prefix(codes)
        yield Option(tests, option.amount, value, option.is_minimum, option.growth)
    if value.value is None:
        yield Option(here, None, value)  # what a place leaves open is not what holds elsewhere


def _both(place: str, within: Test) -> tuple[str, ...]:
    """The codes of a table within one place: smaller places are narrower; of a wider one only the place."""
    codes = within.codes if isinstance(within, Prefix) else ()
    narrower = [code for code in codes if code.startswith(place)]
    is_wider = any(place.startswith(code) for code in codes)
    return (place,) if is_wider else tuple(narrower)


def _general(value: Entry, facts: _Facts) -> Iterator[Option]:
    """The value without a place; of a shipped one by place, the cities come before the tiers."""
    places = value.places if isinstance(value, Value) and value.places else {}
    # A city is the first four digits of a town's code (GB/T 2260). Its own value comes before the province's
    # minimum for the tier that the city belongs to, and is no minimum.
    for key, amount in places.items():
        if key.isdigit():
            yield Option({"town_code": Prefix((key,))}, amount, value)
    for key, amount in places.items():
        if not key.isdigit():
            yield Option({facts.column("place_tier_code"): Among((key,))}, amount, value, value.is_minimum)
    yield from _within(value, facts)


def _within(value: Entry, facts: _Facts) -> Iterator[Option]:
    """One entry without its place: by table, scale or case, by town and country, or one value for all."""
    least = value.is_minimum
    if value.table:
        yield from _of_table(value.table, value, facts)
    if value.slices:
        yield from _of_slices(value.slices, value, facts)
    cases: Cases | None = value.cases
    for key, amount in (cases.of if cases else {}).items():
        column = facts.column(cases.fact if cases else "")
        yield Option({column: Among((key,))}, amount, value, least)
    if isinstance(value, LocalValue) and value.residence:
        column = facts.column("is_rural")
        yield Option({column: Among((True,))}, value.residence.rural, value, least)
        yield Option({column: Among((False,))}, value.residence.urban, value, least)
    if value.value is not None:
        yield Option({}, value.value, value, least)


def _of_table(table: Table, value: Entry, facts: _Facts) -> Iterator[Option]:
    place = next((key.name for key in table.keys if key.by == "place"), None)
    rows = [row for row in table.rows if key_holds(row, facts.as_of)]
    if place:
        rows.sort(key=lambda row: -max(len(code) for code in listed(row.get(place, ""))))
    for row in rows:
        tests = {
            facts.column(key.name): cell_test(key.by, row[key.name])
            for key in table.keys
            if key.fact and key.name in row
        }
        further = row.get("further")
        growth = (
            Growth(facts.column(further.of), Decimal(further.beyond), Decimal(further.add))
            if further
            else None
        )
        yield Option(tests, row["value"], value, value.is_minimum, growth)
    if table.otherwise is not None and table.otherwise != "unknown":
        yield Option({}, table.otherwise, value, value.is_minimum)


def key_holds(row: Mapping[str, Any], as_of: date | None) -> bool:
    """Whether the day lies in the row's season, if it states one."""
    season = row.get("season")
    return season is None or as_of is ANY_DAY or bool(season.holds(as_of))


def cell_test(by: str, cell: Any) -> Test:
    """What a cell asks of its column."""
    if isinstance(cell, Range):
        return cell
    return Prefix(listed(cell)) if by == "place" else Among(listed(cell))


def _of_slices(slices: Slices, value: Entry, facts: _Facts) -> Iterator[Option]:
    """Each slice holds what lies below it already, and grows by its own rate."""
    column, base = facts.column(slices.of), Decimal(0)
    first = slices.rows[0]
    yield Option({column: Range.model_validate({"below": first.from_})}, 0, value, value.is_minimum)
    for row, following in zip(slices.rows, (*slices.rows[1:], None), strict=True):
        end = {} if following is None else {"below": following.from_}
        within = Range.model_validate({"from": row.from_, **end})
        yield Option(
            {column: within},
            base,
            value,
            value.is_minimum,
            Growth(column, Decimal(row.from_), Decimal(row.rate)),
        )
        if following is not None:
            base += Decimal(row.rate) * (Decimal(following.from_) - Decimal(row.from_))
