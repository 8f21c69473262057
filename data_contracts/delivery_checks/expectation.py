"""One expectation on the staged table, and how its SQL is written: rows that should not be there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data_contracts.contract.model import Rule
from zhaoren.sql_text import quoted_name, quoted_text


@dataclass(frozen=True)
class Expectation:
    """One expectation's type and arguments; or `why_not`: why there is nothing to check.

    counts_rows: the unexpected rows are the delivery's own, so that their number is the failing count.
    needs: columns of the staged table it reads.
    """

    type: str = "unexpected_rows_expectation"
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    counts_rows: bool = False
    needs: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class ExpectationConfig:
    """One Great Expectations expectation: its type and arguments, for one rule of the contract.

    why_not: why it cannot be run here (an unknown past); needs: the staged columns it reads.
    """

    rule_id: str
    level: str
    type: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    kind: str = ""
    counts_rows: bool = False
    needs: tuple[str, ...] = ()
    why_not: str = ""


def rows_query(failing: str, maximum: Any, needs: Iterable[str], of: str = "count(*)") -> Expectation:
    """An expectation that finds the failing rows, where they are more than `maximum` of the rows in `of`."""
    query = (
        f"SELECT row_no FROM {{batch}} WHERE {failing} AND (SELECT count(*) FILTER ({failing}) "
        f"> {float(maximum):.9f} * {of} FROM {{batch}})"
    )
    return Expectation(kwargs={"unexpected_rows_query": query}, counts_rows=True, needs=tuple(needs))


def numbers_query(select: str, broken: str, needs: Iterable[str] = ()) -> Expectation:
    """An expectation that finds the row of numbers that `select` gives, where `broken` holds of it."""
    query = f"SELECT * FROM ({select}) AS asked WHERE {broken}"
    return Expectation(kwargs={"unexpected_rows_query": query}, needs=tuple(needs))


def out_of_bounds(rule: Rule, number: str) -> str:
    """SQL that is true where the number is outside the rule's bounds."""
    signs = (("minimum", "<"), ("maximum", ">"), ("exclusiveMinimum", "<="), ("exclusiveMaximum", ">="))
    found = [f"{number} {sign} {float(rule.options[key])}" for key, sign in signs if key in rule.options]
    return " OR ".join(found) or "false"


def sql_name(column: str) -> str:
    """A column's name, quoted, in a text that `str.format` will read."""
    return quoted_name(column).replace("{", "{{").replace("}", "}}")


def sql_text(value: Any) -> str:
    """A value as a text literal, safe in a Great Expectations query."""
    plain = str(value).lower() if isinstance(value, bool) else str(value)
    return escaped(quoted_text(plain))


def escaped(sql: str) -> str:
    """SQL that neither `str.format` nor SQLAlchemy's `:name` parameters read as theirs."""
    doubled = sql.replace("{", "{{").replace("}", "}}")
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", doubled)
