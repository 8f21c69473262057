"""The four kinds of value in a rule, and how large and how fine a number of each place can become.

A number is exact. `digits` before and `scale` after the point are bounds known before anything is
computed: they
decide the column type in which it is reckoned, and whether a result has to be looked at for being too large.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

# Decimals that a result keeps, half away from zero beyond them (words.yaml).
MOST_DECIMALS = 8
# A number of so many digits or more is no amount of anything: it is unknown.
MOST_DIGITS = 18
LIMIT = 10**MOST_DIGITS

KindName = Literal["number", "text", "boolean", "date", "any"]
Value = bool | int | Decimal | str | date | None


@dataclass(frozen=True)
class Kind:
    """What a term gives; `any` is the bare NULL, which takes the kind of what stands beside it."""

    name: KindName
    digits: int = 0
    scale: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether it is a number without decimals."""
        return self.name == "number" and self.scale == 0


TEXT, BOOLEAN, DATE, ANY = Kind("text"), Kind("boolean"), Kind("date"), Kind("any")
# By the type of a fact (facts.yaml): how it is stored is how large it can be.
OF_FACT = {
    "integer": Kind("number", MOST_DIGITS, 0),
    "yuan": Kind("number", 16, 2),
    "number": Kind("number", 16, 2),
    "text": TEXT,
    "boolean": BOOLEAN,
    "date": DATE,
}
KIND_EN = {
    "number": "a number",
    "text": "a text",
    "boolean": "true or false",
    "date": "a day",
    "any": "anything",
}


# A number with all the digits and decimals of the language.
EXACT = Kind("number", MOST_DIGITS, MOST_DECIMALS)


def number(digits: int, scale: int = 0) -> Kind:
    """A number within the bounds of the language."""
    return Kind("number", min(digits, MOST_DIGITS), min(scale, MOST_DECIMALS))


def kind_of(value: Value) -> Kind:
    """The kind of one constant."""
    if value is None:
        return ANY
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, str):
        return TEXT
    if isinstance(value, date):
        return DATE
    return number(*digits_and_scale(value))


def digits_and_scale(value: int | Decimal) -> tuple[int, int]:
    """How many digits it has before and after the point."""
    exact = Decimal(value)
    exponent = exact.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    return max(1, exact.adjusted() + 1), scale


def joined(kinds: Iterable[Kind]) -> Kind | None:
    """The kind that holds all of them; None where they are of different kinds."""
    found = [kind for kind in kinds if kind.name != "any"]
    if not found:
        return ANY
    if len({kind.name for kind in found}) > 1:
        return None
    if found[0].name != "number":
        return found[0]
    return number(max(kind.digits for kind in found), max(kind.scale for kind in found))
