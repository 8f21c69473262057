"""A dated quantity that rules name as `$group.name`: one file of parameters/."""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from policies.catalogue.shapes import Dated, Number, Source, Status, Strict, Text


class Cases(Strict):
    """A value that differs by a text fact of the household, such as the benefit tier."""

    fact: Text
    of: dict[str, Number]


class Value(Dated):
    """A parameter's value for one period: a single value, one per place, or one per case."""

    value: Number | str | None = None
    places: dict[str, Number] | None = None
    cases: Cases | None = None
    status: Status
    source: Source

    @model_validator(mode="after")
    def _one_form(self) -> Value:
        if sum(form is not None for form in (self.value, self.places, self.cases)) != 1:
            raise ValueError("give exactly one of value, places or cases")
        return self


class Parameter(Strict):
    """A dated quantity that rules name as `$group.name`."""

    name: Text
    zh: Text
    unit: str
    region: Text
    values: tuple[Value, ...] = Field(min_length=1)

    def at(self, as_of: date) -> Value | None:
        """The value in force on the date; None when there is none, which is not zero."""
        # at most one: the lint refuses values that overlap
        return next((value for value in self.values if value.in_force(as_of)), None)


class ParameterFile(Strict):
    """One file of `parameters/`: values that belong together."""

    group: Text
    zh: Text
    parameters: tuple[Parameter, ...]
