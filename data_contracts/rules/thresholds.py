"""The `mustBe…` operators of the standard: what a number must be, as bounds or as a query's verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhaoren.sql_text import quoted_text

_SIGNS = {
    "mustBe": "=",
    "mustNotBe": "<>",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": ">=",
    "mustBeGreaterThanOrEqualTo": ">=",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "<=",
    "mustBeLessThanOrEqualTo": "<=",
}
OPERATORS = (*_SIGNS, "mustBeBetween", "mustNotBeBetween")


@dataclass(frozen=True)
class Limit:
    """One operator and its value(s)."""

    operator: str
    value: Any

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Limit | None:
        """The entry's operator; None when it has none, or a pair that is no pair."""
        for operator in OPERATORS:
            if entry.get(operator) is not None:
                value = entry[operator]
                pair = operator.endswith("Between")
                return cls(operator, value) if not pair or _is_pair(value) else None
        return None

    @property
    def maximum(self) -> float:
        """The greatest number allowed, where the limit is a plain maximum."""
        return float(self.value[1] if self.operator == "mustBeBetween" else self.value)

    @property
    def is_plain_maximum(self) -> bool:
        """Whether every number up to `maximum`, itself included, is fine."""
        if self.operator == "mustBeBetween":
            return float(self.value[0]) <= 0
        if self.operator == "mustBe":
            return _is_number(self.value) and self.value == 0
        return self.operator in ("mustBeLessOrEqualTo", "mustBeLessThanOrEqualTo") and _is_number(self.value)

    @property
    def allows_none(self) -> bool:
        """Whether a count may only be zero."""
        below_one = self.operator == "mustBeLessThan" and _is_number(self.value) and 0 < self.value <= 1
        return below_one or self.is_zero

    @property
    def is_zero(self) -> bool:
        """Whether nothing above zero is allowed."""
        return self.is_plain_maximum and self.maximum == 0

    def whole_bounds(self) -> dict[str, int]:
        """Inclusive minimum and maximum for a count; {} when the operator is no such range."""
        # A number of rows is whole: more than 2.5 is at least 3.
        low, high = None, None
        if self.operator == "mustBeBetween":
            low, high = math.ceil(self.value[0]), math.floor(self.value[1])
        elif not _is_number(self.value):
            return {}
        elif self.operator == "mustBe" and float(self.value).is_integer():
            low = high = int(self.value)
        elif _SIGNS.get(self.operator) == ">":
            low = math.floor(self.value) + 1
        elif _SIGNS.get(self.operator) == ">=":
            low = math.ceil(self.value)
        elif _SIGNS.get(self.operator) == "<":
            high = math.ceil(self.value) - 1
        elif _SIGNS.get(self.operator) == "<=":
            high = math.floor(self.value)
        ends = {"minimum": low, "maximum": high}
        return {end: bound for end, bound in ends.items() if bound is not None}

    def on(self, query: str) -> dict[str, Any]:
        """Options of a `sql` rule: the query and inclusive bounds, or a query that answers 0 or 1."""
        ends = self._inclusive()
        if ends:
            return {"sql": query, **ends}
        # Not a range: the query itself decides, and answers 0 where the promise is kept.
        verdict = f"SELECT CASE WHEN {self._holds()} THEN 0 ELSE 1 END FROM ({query}) AS asked(answer)"
        return {"sql": verdict, "maximum": 0}

    def _inclusive(self) -> dict[str, Any]:
        if self.operator == "mustBeBetween":
            return {"minimum": self.value[0], "maximum": self.value[1]}
        if not _is_number(self.value):
            return {}
        if self.operator == "mustBe":
            return {"minimum": self.value, "maximum": self.value}
        sign = _SIGNS.get(self.operator)
        end = {">=": "minimum", "<=": "maximum"}.get(sign or "")
        return {end: self.value} if end else {}

    def _holds(self) -> str:
        if self.operator == "mustNotBeBetween":
            return f"answer NOT BETWEEN {self.value[0]} AND {self.value[1]}"
        return f"answer {_SIGNS[self.operator]} {_literal(self.value)}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(_is_number(end) for end in value)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if _is_number(value) else quoted_text(value)
