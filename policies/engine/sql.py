"""Rules on polars: values put in the places of the parameters, and the text compiled as it was written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from policies.catalogue.model import Catalogue
from policies.catalogue.shapes import Entity, Number
from policies.engine.choices import STATUSES, choices
from policies.language.parsing import parsed
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
    found = choices(cat, name, as_of, entity)
    if all(choice.amount is None for choice in found):
        # with a type, so that arithmetic over it still parses; a default would decide in the place of the law
        return "CAST(NULL AS DECIMAL(18,2))"
    return case_of([(choice.test, _constant(choice.amount)) for choice in found])


def status_text(cat: Catalogue, name: str, as_of: date, entity: Entity) -> str:
    """SQL text of how far the row's value is vouched for: its index in STATUSES."""
    found = choices(cat, name, as_of, entity)
    return case_of([(choice.test, str(STATUSES.index(choice.status))) for choice in found])


def minimum_text(cat: Catalogue, name: str, as_of: date, entity: Entity) -> str:
    """SQL text of whether the row's value is a minimum that its place may exceed."""
    found = choices(cat, name, as_of, entity)
    return case_of([(choice.test, str(choice.is_minimum).upper()) for choice in found])


def choice_text(cat: Catalogue, name: str, as_of: date, entity: Entity) -> str:
    """SQL text of which of `choices` is the row's, counted from 0."""
    return case_of([(choice.test, str(i)) for i, choice in enumerate(choices(cat, name, as_of, entity))])


def case_of(parts: list[tuple[str, str]]) -> str:
    """A CASE over (test, result); the last part, which has no test, takes the rest."""
    # neighbours of one result need no test between them
    while len(parts) > 1 and parts[-2][1] == parts[-1][1]:
        parts = [*parts[:-2], parts[-1]]
    if len(parts) == 1:
        return parts[0][1]
    whens = " ".join(f"WHEN {test} THEN {result}" for test, result in parts[:-1])
    return f"CASE {whens} ELSE {parts[-1][1]} END"


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
    found = choices(cat, name, as_of, entity)
    return list(dict.fromkeys(column for choice in found for column in choice.columns))


def _constant(value: Number | str | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return quoted_text(value)
    if isinstance(value, int):
        return str(value)
    # DECIMAL keeps money and multiples exact in both engines; a bare 1.2 is a binary fraction in polars.
    return f"CAST({value} AS DECIMAL(18,{max(2, -_exponent(value))}))"


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
