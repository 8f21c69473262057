"""SQL conditions over a row's typed columns.

The same text runs in polars (per row) and in DuckDB (on the staged delivery); NULL is unknown and passes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import polars as pl

from data_contracts.contract.model import AMOUNTS, Column
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name, quoted_text, too_much

# Formats of text that the standard names and a pattern can check.
FORMATS: Mapping[str, str] = {
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s.]+$",
    "uuid": r"^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.\-]*:\S+$",
    "hostname": r"^[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62})(?:\.[A-Za-z0-9\-]{1,63})*\.?$",
    "ipv4": r"^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$",
    "ipv6": r"^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$",
}
WHOLE_FORMATS = {f"{sign}{bits}": (sign, bits) for sign in "iu" for bits in (8, 16, 32)}


def literal(value: Any, column: Column | None) -> str | None:
    """A value in the column's own type as SQL writes it; None when the column can never hold it."""
    reads_as = column.reads_as if column else "text"
    try:
        if reads_as == "bool":
            truth = {"true": "TRUE", "1": "TRUE", "是": "TRUE", "false": "FALSE", "0": "FALSE", "否": "FALSE"}
            return truth.get(str(value).lower())
        if reads_as in AMOUNTS:
            return str(value) if float(str(value)) == float(str(value)) else None
        if reads_as in ("date", "month"):
            day = str(value)[:10] if len(str(value)) > 7 else f"{value}-01"
            return f"DATE '{date.fromisoformat(day)}'"
        if reads_as == "timestamp":
            moment = datetime.fromisoformat(str(value).replace("Z", "+00:00")).replace(tzinfo=None)
            return f"CAST('{moment:%Y-%m-%d %H:%M:%S}' AS TIMESTAMP)"
        if reads_as == "time":
            return f"CAST('{time.fromisoformat(str(value)):%H:%M:%S}' AS TIME)"
    except ValueError:
        return None
    return quoted_text(value)


def sql_condition(sql: str, where: str) -> pl.Expr:
    """A SQL boolean text as a polars expression; ZhaorenError when polars cannot parse it."""
    if why := too_much(sql):
        raise ZhaorenError("the rule's SQL is too long", where, why, "shorten the SQL")
    try:
        return pl.sql_expr(sql)
    except Exception as error:  # polars raises several kinds
        raise ZhaorenError("the rule's SQL cannot be read", where, str(error), "correct the SQL") from error


def is_one_of(name: str, column: Column | None, values: Iterable[Any]) -> str:
    """True where the value is one of `values`."""
    # A value that the column can never hold allows nothing; without any left, only an empty cell passes.
    listed = [known for value in values if value is not None and (known := literal(value, column))]
    return f"{quoted_name(name)} IN ({', '.join(listed)})" if listed else f"{quoted_name(name)} IS NULL"


def is_missing(name: str, column: Column | None, values: Iterable[Any]) -> str:
    """True where the cell is empty or holds one of the agreed words for “empty”."""
    words = [value for value in values if value is not None and literal(value, column)]
    return f"{quoted_name(name)} IS NULL" + (f" OR {is_one_of(name, column, words)}" if words else "")


def is_invalid(name: str, column: Column | None, values: Iterable[Any] | None, pattern: Any) -> str:
    """For the staged table: true where a filled cell is none of `values` or does not match."""
    broken = [f"NOT ({is_one_of(name, column, values)})"] if values else []
    broken += [f"NOT regexp_matches({quoted_name(name)}, {quoted_text(pattern)})"] if pattern else []
    return f"{quoted_name(name)} IS NOT NULL AND ({' OR '.join(broken)})"


@functools.cache
def _compiles(pattern: str) -> bool:
    try:
        pl.Series(["x"]).str.contains(pattern)
    except pl.exceptions.ComputeError:
        return False
    return True


def runs_as_pattern(pattern: str, column: Column | None) -> bool:
    """Whether our engines run this regular expression on this column (no look-around, text only)."""
    texts = ("text", "name", "code", "cn_id")
    return (column is None or column.reads_as in texts) and _compiles(pattern)


def option_conditions(column: Column) -> Iterator[tuple[str, str, str]]:
    """The promises in `logicalTypeOptions` beyond range, length and pattern: (option, SQL or '', why not)."""
    for option, value in column.options.items():
        if option in _BY_OPTION:
            yield option, *_BY_OPTION[option](column, value)
        elif option not in KNOWN_OPTIONS:
            yield option, "", WHY_NOT.get(option, f"nothing checks the option {option}")


def range_condition(column: Column) -> str:
    """The ranges of a column as SQL, for the types that have no check of their own; '' when unreadable."""
    signs = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}
    parts = []
    for option, sign in signs.items():
        if option in column.options:
            bound = literal(column.options[option], column)
            if bound is None:
                return ""
            parts.append(f"{quoted_name(column.name)} {sign} {bound}")
    return " AND ".join(parts)


def _multiple_of(column: Column, value: Any) -> tuple[str, str]:
    if not column.is_amount:
        return "", "only a number can be a multiple of a number"
    times = f"{quoted_name(column.name)} / {float(value)!r}"
    # A tolerance: 0.3 / 0.1 is not quite 3 in binary.
    return f"ABS({times} - ROUND({times})) < 0.000001", ""


def _format(column: Column, value: Any) -> tuple[str, str]:
    if column.reads_as == "int" and value in WHOLE_FORMATS:
        sign, bits = WHOLE_FORMATS[value]
        low, high = (0, 2**bits - 1) if sign == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return f"{quoted_name(column.name)} BETWEEN {low} AND {high}", ""
    if column.reads_as == "int" and str(value).startswith("u"):
        return f"{quoted_name(column.name)} >= 0", ""
    if column.reads_as == "text" and value in FORMATS:
        return f"{quoted_name(column.name)} ~ {quoted_text(FORMATS[value])}", ""
    if column.reads_as in ("date", "month", "timestamp", "time"):
        return "", "says how the column is written; other clear ways are read too, and noted as repairs"
    return "", f"the format “{value}” is how a value is kept, not what it may be"


_BY_OPTION = {"multipleOf": _multiple_of, "format": _format}
KNOWN_OPTIONS = {
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern"),
}
_NESTED = "a cell of a flat file holds no list or object; it is read as text"
_INSIDE = ("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required")
WHY_NOT = {
    **dict.fromkeys(_INSIDE, _NESTED),
    **dict.fromkeys(("dimensions", "elementType", "distanceMetric", "embeddingModel", "normalized"), _NESTED),
    "timezone": "says how a time is kept; times are read as written",
    "defaultTimezone": "says how a time is kept; times are read as written",
}  # fmt: skip
