"""A home's own values for shipped parameters, as its policies/local/ holds them, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from policies.catalogue.parameter import LocalValue, ValueStatus
from policies.catalogue.shapes import Given, Number, Strict, Text
from zhaoren.yaml_lines import Place, Problem, YamlFile


class OwnValues(Strict):
    """What a home sets in the place of one shipped parameter's values."""

    parameter: Text
    values: tuple[LocalValue, ...] = Field(min_length=1)


class OwnExample(Given):
    """A worked example: the rule it is answered by, the town it happens in, and what must come out.

    The facts lie over those that the rule's own examples share. What is not stated is not compared.
    """

    name: Text
    rule: Text
    town_code: Annotated[str, Field(pattern=r"^\d{9}$")]
    as_of: date
    eligible: Literal["yes", "likely", "unknown_amount", "no", "unknown"] | None = None
    amount_yuan_month: Number | None = None
    amount_once_yuan: Number | None = None
    gap_yuan_month: Number | None = None
    amount_status: ValueStatus | None = None
    is_minimum_amount: bool | None = None
    state: Literal["yes", "no", "unknown"] | None = None
    level: Text | None = None
    sentence: Text | None = None
    missing: tuple[str, ...] = ()


class OwnFile(Strict):
    """One file of a home's `policies/local/`: its places' values, and examples that show what they do."""

    local: tuple[OwnValues, ...] = Field(min_length=1)
    examples: tuple[OwnExample, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Written:
    """An entry and where it is written, so that a problem found later can be pointed at."""

    file: YamlFile
    place: Place

    def problem(self, what: str, *key: str | int, todo: str = "") -> Problem:
        """A problem at the entry, or at a key of it."""
        return self.file.problem(what, *self.place, *key, todo=todo)


@dataclass(frozen=True)
class Own:
    """All that a home sets, in the order of its files; values are keyed as parameters are.

    `where` and `examples_where` run parallel to `values` and `examples`.
    """

    values: Mapping[str, tuple[LocalValue, ...]] = field(default_factory=dict)
    examples: tuple[OwnExample, ...] = ()
    where: Mapping[str, tuple[Written, ...]] = field(default_factory=dict, compare=False, repr=False)
    examples_where: tuple[Written, ...] = field(default=(), compare=False, repr=False)

    def of(self, parameter: str) -> tuple[LocalValue, ...]:
        """What it sets for one parameter."""
        return self.values.get(parameter, ())
