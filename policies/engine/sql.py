"""Rules on polars: values put in the places of the parameters, and the text compiled as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from policies.catalogue.model import HOUSEHOLD, Catalogue
from policies.catalogue.parameter import Value
from policies.catalogue.shapes import Entity, Number
from policies.engine.expression import parsed
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_text


def with_parameters(cat: Catalogue, text: str, as_of: date, entity: Entity) -> str:
    """The rule's text with every `$group.name` replaced by its value at `as_of`, the rest unchanged.

    A value by place or by case becomes a CASE over the household's fact, so it is chosen row by row.
    A parameter without a value on that day becomes NULL, and the rule answers unknown.
    """
    pieces, at = [], 0
    for mention in parsed(text).mentions:
        if mention.is_parameter:
            pieces += [text[at : mention.start], literal(cat, mention.name, as_of, entity)]
            at = mention.end
    return "".join([*pieces, text[at:]])


def literal(cat: Catalogue, name: str, as_of: date, entity: Entity) -> str:
    """One parameter as SQL text."""
    value = cat.parameter(name).at(as_of)
    if value is None:
        # with a type, so that arithmetic over it still parses; a default would decide in the place of the law
        return "CAST(NULL AS DECIMAL(18,2))"
    if value.value is not None:
        return _constant(value.value)
    # a place or case without a value is unknown, not nothing
    return f"CASE {' '.join(_branches(value, entity))} ELSE NULL END"


def compiled(text: str) -> pl.Expr:
    """A text without parameters as a polars expression; one that polars cannot parse is a ZhaorenError."""
    try:
        return pl.sql_expr(text)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ZhaorenError(
            "a rule is not valid SQL", text, str(error).splitlines()[0], "correct the rule"
        ) from error


def columns_read(cat: Catalogue, text: str, as_of: date, entity: Entity) -> list[str]:
    """Columns a rule reads on a day, in order of first use; those by which a parameter differs included."""
    found: list[str] = []
    for mention in parsed(text).mentions:
        found += (
            parameter_columns(cat, mention.name, as_of, entity) if mention.is_parameter else [mention.name]
        )
    return list(dict.fromkeys(found))


def parameter_columns(cat: Catalogue, name: str, as_of: date, entity: Entity) -> list[str]:
    """Columns by which a parameter differs on a day; none where it is one value for everybody."""
    value = cat.parameter(name).at(as_of)
    return [] if value is None else list(dict.fromkeys(column for column, _, _, _ in _choices(value, entity)))


def _branches(value: Value, entity: Entity) -> Iterator[str]:
    for _, left, key, amount in _choices(value, entity):
        yield f"WHEN {left} = '{key}' THEN {_constant(amount)}"


def _choices(value: Value, entity: Entity) -> Iterator[tuple[str, str, str, Number]]:
    """(column, what of it is compared, key, amount) for each place or case of a value."""
    prefix = "" if entity == "household" else HOUSEHOLD
    if value.cases is not None:
        column = f"{prefix}{value.cases.fact}"
        yield from ((column, column, key, amount) for key, amount in value.cases.of.items())
    places = value.places or {}
    # A city is the first four digits of a town's code (GB/T 2260).
    # A city's own standard comes before the province's minimum for the tier the city belongs to.
    for key, amount in places.items():
        if key.isdigit():
            yield "town_code", "SUBSTR(town_code, 1, 4)", key, amount
    for key, amount in places.items():
        if not key.isdigit():
            yield f"{prefix}place_tier_code", f"{prefix}place_tier_code", key, amount


def _constant(value: Number | str) -> str:
    if isinstance(value, str):
        return quoted_text(value)
    if isinstance(value, int):
        return str(value)
    # DECIMAL keeps money and multiples exact in both engines; a bare 1.2 is a binary fraction in polars.
    return f"CAST({value} AS DECIMAL(18,{max(2, -_exponent(value))}))"


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
