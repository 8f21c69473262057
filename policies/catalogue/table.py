"""A parameter's value as a table keyed by facts, places and seasons, or as a scale of slices."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from policies.catalogue.shapes import Number, Strict, Text

By = Literal["value", "range", "place", "season"]
SEASON = "season"
_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
Bound = Number | date
Cell = Number | str | bool


class Key(Strict):
    """What a table differs by: a fact, or the season of the day asked for."""

    fact: Text | None = None
    by: By

    @property
    def name(self) -> str:
        """How the rows call it."""
        return self.fact or SEASON

    @model_validator(mode="after")
    def _named(self) -> Key:
        if (self.by == SEASON) != (self.fact is None):
            raise ValueError("a key names its fact; only by: season has none, it is about the day asked for")
        return self


class Range(Strict):
    """From one bound to another: `from` and `to` belong to it, `above` and `below` do not."""

    model_config = ConfigDict(populate_by_name=True)

    from_: Bound | None = Field(default=None, alias="from")
    above: Bound | None = None
    to: Bound | None = None
    below: Bound | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Range:
        if self.from_ is not None and self.above is not None:
            raise ValueError("give from (it belongs to the range) or above (it does not), not both")
        if self.to is not None and self.below is not None:
            raise ValueError("give to (it belongs to the range) or below (it does not), not both")
        low, high = self.low, self.high
        if low is not None and high is not None and (ordinal(low) > ordinal(high) or self.is_empty):
            raise ValueError("the range ends before it begins: nothing can lie in it")
        return self

    @property
    def low(self) -> Bound | None:
        """The lower bound, if there is one."""
        return self.from_ if self.from_ is not None else self.above

    @property
    def high(self) -> Bound | None:
        """The upper bound, if there is one."""
        return self.to if self.to is not None else self.below

    @property
    def is_empty(self) -> bool:
        """Whether nothing can lie in it."""
        return self.low == self.high and (self.above is not None or self.below is not None)

    def holds(self, value: Bound) -> bool:
        """Whether a known value lies in it."""
        number = ordinal(value)
        if self.low is not None and not (
            number >= ordinal(self.low) if self.above is None else number > ordinal(self.low)
        ):
            return False
        return self.high is None or (
            number <= ordinal(self.high) if self.below is None else number < ordinal(self.high)
        )


class Season(Strict):
    """From a day of the year to a day of the year, both included, over New Year's where it ends before it
    begins.
    """

    model_config = ConfigDict(populate_by_name=True)

    from_: Text = Field(alias="from")
    to: Text

    @field_validator("from_", "to")
    @classmethod
    def _day(cls, value: str) -> str:
        if not _DAY.fullmatch(value):
            raise ValueError("a day of the year is written MM-DD")
        return value

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        at = f"{day:%m-%d}"
        if self.from_ <= self.to:
            return self.from_ <= at <= self.to
        return at >= self.from_ or at <= self.to


class Further(Strict):
    """What each unit of a fact beyond a number adds."""

    of: Text
    beyond: Number
    add: Number


class Slice(Strict):
    """The rate of what lies from here to the next slice."""

    model_config = ConfigDict(populate_by_name=True)

    from_: Number = Field(alias="from")
    rate: Number


class Slices(Strict):
    """A scale: the sum of each rate times the part of the fact that lies in its slice."""

    of: Text
    rows: tuple[Slice, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Slices:
        starts = [row.from_ for row in self.rows]
        if starts != sorted(set(starts)):
            raise ValueError("the slices are not in order: each begins above the one before")
        return self


class Table(Strict):
    """Rows of keys and values. A row holds for every value of a key that it does not state."""

    keys: tuple[Key, ...] = Field(min_length=1)
    rows: tuple[dict[str, Any], ...] = Field(min_length=1)
    otherwise: Cell | None = None

    @field_validator("rows", mode="before")
    @classmethod
    def _shaped(cls, rows: Any) -> Any:
        """Ranges and seasons of the rows as their own shapes; what is none of a row's keys is refused."""
        if not isinstance(rows, list | tuple):
            raise ValueError("rows is a list")
        return tuple(_row(row, i) for i, row in enumerate(rows))

    @model_validator(mode="after")
    def _of_one_kind(self) -> Table:
        names = [key.name for key in self.keys]
        if len(set(names)) < len(names):
            raise ValueError("a key is named twice")
        for i, row in enumerate(self.rows):
            _fits(i, row, {key.name: key for key in self.keys})
        kinds = {_kind(row["value"]) for row in self.rows}
        if self.otherwise is not None and self.otherwise != "unknown":
            kinds.add(_kind(self.otherwise))
        if len(kinds) > 1:
            raise ValueError(f"the values are of several kinds: {', '.join(sorted(kinds))}")
        return self


def _row(row: Any, i: int) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise ValueError(f"row {i + 1} is no mapping of keys to values")
    shaped: dict[str, Any] = {}
    for name, cell in row.items():
        if name == "further":
            shaped[name] = Further.model_validate(cell)
        elif name == SEASON and isinstance(cell, dict):
            shaped[name] = Season.model_validate(cell)
        elif isinstance(cell, dict):
            shaped[name] = Range.model_validate(cell)
        else:
            shaped[name] = tuple(cell) if isinstance(cell, list) else cell
    return shaped


def _fits(i: int, row: dict[str, Any], keys: dict[str, Key]) -> None:
    """Refuse what a row cannot say."""
    if "value" not in row:
        raise ValueError(f"row {i + 1} has no value")
    if isinstance(row["value"], tuple | Range | Season | None.__class__):
        raise ValueError(f"row {i + 1}: the value is a number, a text, true or false")
    for name, cell in row.items():
        if name in ("value", "further"):
            continue
        if name not in keys:
            raise ValueError(f"row {i + 1}: '{name}' is none of the table's keys ({', '.join(keys)})")
        wanted = {"range": Range, "season": Season}.get(keys[name].by)
        if wanted is not None and not isinstance(cell, wanted):
            example = "{from: 0, below: 1000}" if wanted is Range else "{from: 11-01, to: 03-31}"
            raise ValueError(f"row {i + 1}: '{name}' is written {example}")
        if wanted is None and isinstance(cell, Range | Season):
            raise ValueError(
                f"row {i + 1}: '{name}' is compared by {keys[name].by}, so it is a value or a list of values"
            )
        if keys[name].by == "place" and not all(isinstance(c, str) and c.isdigit() for c in listed(cell)):
            raise ValueError(f"row {i + 1}: '{name}' is a division code in quotation marks, such as \"4401\"")


def listed(cell: Any) -> tuple[Any, ...]:
    """A cell's values: one or several."""
    return cell if isinstance(cell, tuple) else (cell,)


def _kind(value: Any) -> str:
    return "yes or no" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def ordinal(value: Bound) -> Decimal:
    """A bound, or a value held against bounds, as a number: a day by its count."""
    return Decimal(value.toordinal()) if isinstance(value, date) else Decimal(value)
