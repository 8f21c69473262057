"""A dated quantity that rules name as `$group.name`: one file of parameters/."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import model_validator

from policies.catalogue.shapes import Dated, Number, PlaceCode, Source, Strict, Text
from policies.catalogue.table import Slices, Table

# borrowed: read in a source, but of another place, which stands in until the place's own value is entered.
ValueStatus = Literal["verified", "unverified", "borrowed"]


class Cases(Strict):
    """A value that differs by a text fact of the household, such as the benefit tier."""

    fact: Text
    of: dict[str, Number]


class Entry(Dated):
    """What every dated value states, whomever it is for."""

    value: Number | str | bool | None = None
    cases: Cases | None = None
    table: Table | None = None
    slices: Slices | None = None
    is_unknown: bool = False  # known not to be known: not published, or not found
    status: ValueStatus
    source: Source
    is_minimum: bool = False

    @property
    def key_facts(self) -> tuple[str, ...]:
        """The facts by which it differs, beside the place."""
        found = [self.cases.fact] if self.cases else []
        if self.table:
            found += [key.fact for key in self.table.keys if key.fact]
            found += [row["further"].of for row in self.table.rows if "further" in row]
        return tuple(dict.fromkeys([*found, *([self.slices.of] if self.slices else [])]))


class Value(Entry):
    """A parameter's value for one period: one for all, one per place or case, a table, or a scale.

    `is_minimum`: what a higher level sets and a place may exceed. Where the place's own value is not entered,
    a sum reckoned with it is "not less than", and an answer that rests on it is not verified for that place.
    """

    places: dict[str, Number] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Value:
        forms = (self.value, self.places, self.cases, self.table, self.slices, self.is_unknown or None)
        if sum(form is not None for form in forms) != 1:
            raise ValueError("give exactly one of value, places, cases, table, slices or is_unknown")
        return self


class Residence(Strict):
    """A value that differs between town and country within one place."""

    urban: Number
    rural: Number


class LocalValue(Entry):
    """One place's own value for one period; it comes before the parameter's `values` there.

    place   a division code (province 2 digits, city 4, county 6, town 9). Without one, in a home's own file,
            the value holds for the whole installation.
    """

    place: PlaceCode | None = None
    residence: Residence | None = None

    @model_validator(mode="after")
    def _one_form(self) -> LocalValue:
        forms = (self.value, self.residence, self.cases, self.table, self.slices, self.is_unknown or None)
        if sum(form is not None for form in forms) != 1:
            raise ValueError("give exactly one of value, residence, cases, table, slices or is_unknown")
        return self


class Parameter(Strict):
    """A dated quantity that rules name as `$group.name`.

    Without `values` nobody has published one: a place enters its own, and elsewhere it stays unknown.
    """

    name: Text
    zh: Text
    unit: str
    region: Text
    values: tuple[Value, ...] = ()
    local: tuple[LocalValue, ...] = ()

    def at(self, as_of: date) -> Value | None:
        """The value in force on the date; None when there is none, which is not zero."""
        # at most one: the lint refuses values that overlap
        return next((value for value in self.values if value.in_force(as_of)), None)


class ParameterFile(Strict):
    """One file of `parameters/`: values that belong together."""

    group: Text
    zh: Text
    parameters: tuple[Parameter, ...]
