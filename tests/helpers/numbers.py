"""What polars gives as one of many types, as the number it is here."""

from __future__ import annotations

from decimal import Decimal


def number(value: object) -> float:
    """A sum, mean or extreme of a column of numbers that is not empty."""
    assert isinstance(value, int | float | Decimal), f"{value!r} is no number"
    return float(value)
