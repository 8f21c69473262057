"""Rules as SQL text: parameters put in, compiled for polars, and the same text for DuckDB."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from policies.catalogue.parameter import Value
from policies.catalogue.shapes import Number
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    from policies.catalogue.model import Catalogue

PARAMETER = re.compile(r"\$([a-z0-9_]+)\.([a-z0-9_]+)")
# Where polars and DuckDB disagree on nulls or on exactness, or where a rule would leave its row.
_REFUSED = re.compile(
    r"\bIS\s+(?:NOT\s+)?(?:TRUE|FALSE)\b|\b(?:SELECT|OVER|SUM|AVG|COUNT|MIN|MAX|RANDOM|INTERVAL)\b"
    r"|(?<!DISTINCT )\bFROM\b|/|--|;",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"'[^']*'")
_NUMBER = re.compile(r"(?<![\w.'$])\d+(?:\.\d+)?(?![\w.'])")
# Counting and calendar numbers; everything else is policy and belongs in a parameter.
_PLAIN_NUMBERS = {"0", "1", "2", "12"}


def parameters_in(sql: str) -> list[str]:
    """Names `group.name` of the parameters a rule uses, in order of first use."""
    return list(dict.fromkeys(f"{group}.{name}" for group, name in PARAMETER.findall(sql)))


def refused_words(sql: str) -> list[str]:
    """Words a rule may not hold because the two engines would differ or the rule would leave its row."""
    return [match.group(0) for match in _REFUSED.finditer(_QUOTED.sub("''", sql))]


def loose_numbers(sql: str) -> list[str]:
    """Numbers in the text that should be parameters."""
    return [n for n in _NUMBER.findall(_QUOTED.sub("''", PARAMETER.sub("p", sql))) if n not in _PLAIN_NUMBERS]


def with_parameters(cat: Catalogue, sql: str, as_of: date, entity: str) -> str:
    """The rule's text with every `$group.name` replaced by its value at `as_of`.

    A value by place or by case becomes a CASE over the household's fact, so it is chosen row by row.
    A parameter without a value on that day becomes NULL, and the rule answers unknown.
    """
    return PARAMETER.sub(lambda m: literal(cat, f"{m.group(1)}.{m.group(2)}", as_of, entity), sql)


def literal(cat: Catalogue, name: str, as_of: date, entity: str) -> str:
    """One parameter as SQL text."""
    value = cat.parameter(name).at(as_of)
    if value is None:
        return "CAST(NULL AS DECIMAL(18,2))"
    if value.value is not None:
        return _constant(value.value)
    return f"CASE {' '.join(_branches(value, '' if entity == 'household' else 'household_'))} ELSE NULL END"


def _branches(value: Value, prefix: str) -> list[str]:
    if value.cases is not None:
        return [_branch(f"{prefix}{value.cases.fact}", key, amount) for key, amount in value.cases.of.items()]
    places = value.places or {}
    # A city's own standard comes before the province's minimum for the tier the city belongs to.
    cities = [_branch("SUBSTR(town_code, 1, 4)", k, v) for k, v in places.items() if k.isdigit()]
    return cities + [_branch(f"{prefix}place_tier_code", k, v) for k, v in places.items() if not k.isdigit()]


def _branch(left: str, key: str, amount: Number) -> str:
    return f"WHEN {left} = '{key}' THEN {_constant(amount)}"


def _constant(value: Number | str) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    # DECIMAL keeps money and multiples exact in both engines.
    return (
        f"CAST({value} AS DECIMAL(18,{max(2, -_exponent(value))}))"
        if isinstance(value, Decimal)
        else str(value)
    )


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def compiled(sql: str) -> pl.Expr:
    """A rule's text as a polars expression; a text that cannot be parsed is a ZhaorenError."""
    try:
        return pl.sql_expr(sql)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ZhaorenError(
            "a rule is not valid SQL", sql, str(error).splitlines()[0], "correct the rule"
        ) from error


def columns_in(sql: str) -> list[str]:
    """Columns a rule reads, in order of first use in the text (parameters left out)."""
    text = PARAMETER.sub("NULL", sql)
    names = set(compiled(text).meta.root_names())
    words = re.findall(r"[A-Za-z_]\w*", _QUOTED.sub("''", text))
    return [word for word in dict.fromkeys(words) if word in names]


def duckdb_sql(cat: Catalogue, sql: str, as_of: date, entity: str) -> str:
    """The text DuckDB runs: the same as polars runs, word for word."""
    return with_parameters(cat, sql, as_of, entity)
