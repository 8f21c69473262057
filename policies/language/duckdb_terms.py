"""Terms as DuckDB's SQL: what analysts may copy, and what polars is held against.

    to_duckdb(term, Texts(...)) -> str

Every number is DECIMAL(38, scale) and every null law is written out, so that none of the engine's own
decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from policies.language.kinds import LIMIT, MOST_DECIMALS, MOST_DIGITS, Kind, Value
from policies.language.terms import CONSTANT, FACT, MEMBER_WORDS, PARAMETER, Term
from zhaoren.sql_text import quoted_name, quoted_text

_RAW = 10**MOST_DECIMALS


@dataclass(frozen=True)
class Texts:
    """How the values are called in SQL: each fact, parameter and member word, and the day asked for."""

    as_of: date
    fact: Callable[[str], str] = quoted_name
    parameter: Callable[[str], str] = lambda name: quoted_name(f"${name}")
    member: Callable[[Term], str] = lambda term: quoted_name(term.word)


def sql_type(kind: Kind) -> str:
    """The column type of a kind."""
    if kind.name == "number":
        return f"DECIMAL(38,{kind.scale})"
    return {"text": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE", "any": "INTEGER"}[kind.name]


def to_duckdb(term: Term, texts: Texts) -> str:
    """The term over a table of facts, of the SQL type of its kind."""
    if term.word == CONSTANT:
        return _constant(term.value, term.kind)
    if term.word == FACT:
        return _cast(texts.fact(term.name), term.kind)
    if term.word == PARAMETER:
        return _cast(texts.parameter(term.name), term.kind)
    if term.word in MEMBER_WORDS:
        return _cast(texts.member(term), term.kind)
    return _WORDS[term.word](term, [to_duckdb(arg, texts) for arg in term.args], texts)


def _constant(value: Value, kind: Kind) -> str:
    if value is None:
        return f"CAST(NULL AS {sql_type(kind)})"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return f"DATE '{value}'"
    if isinstance(value, str):
        return quoted_text(value)
    return f"CAST('{value}' AS {sql_type(kind)})"


def _cast(text: str, kind: Kind) -> str:
    return f"CAST({text} AS {sql_type(kind)})"


def _bounded(text: str, digits: int, scale: int) -> str:
    if digits <= MOST_DIGITS:
        return text
    # names the text once: named twice, every plus of a long sum would double it
    return f"TRY_CAST({text} AS DECIMAL({MOST_DIGITS + scale},{scale}))"


def _reckoned(term: Term, args: list[str], _: Texts) -> str:
    left, right = (side.kind for side in term.args)
    a, b = args
    if "any" in (left.name, right.name):
        return _constant(None, term.kind)
    if term.word == "/":
        return _divided(a, b)
    if term.word == "*":
        small = f"ABS(CAST({a} AS DOUBLE) * CAST({b} AS DOUBLE)) < 1.01 * {LIMIT}"
        scale = left.scale + right.scale
        product = f"CAST({a} AS DECIMAL(38,{left.scale})) * CAST({b} AS DECIMAL(38,{right.scale}))"
        exact = f"CASE WHEN {small} THEN {product} END"
        exact = f"ROUND({exact}, {MOST_DECIMALS})" if scale > MOST_DECIMALS else exact
        return _cast(_bounded(exact, left.digits + right.digits, min(scale, MOST_DECIMALS)), term.kind)
    wide = f"DECIMAL(38,{term.kind.scale})"
    exact = f"(CAST({a} AS {wide}) {term.word} CAST({b} AS {wide}))"
    return _cast(_bounded(exact, max(left.digits, right.digits) + 1, term.kind.scale), term.kind)


def _raw(text: str) -> str:
    return f"CAST(CAST({text} AS DECIMAL(38,{MOST_DECIMALS})) * {_RAW} AS HUGEINT)"


def _from_raw(text: str) -> str:
    # the whole part and the rest apart: the whole number of hundred-millionths is wider than a DECIMAL
    # with decimals
    whole, rest = (
        f"CAST(({text}) // {_RAW} AS DECIMAL(38,{MOST_DECIMALS}))",
        f"CAST(({text}) % {_RAW} AS DECIMAL(18,0))",
    )
    return f"({whole} + CAST({rest} * CAST('0.00000001' AS DECIMAL(18,8)) AS DECIMAL(38,{MOST_DECIMALS})))"


def _divided(a: str, b: str) -> str:
    over, under = f"({_raw(a)} * {_RAW})", _raw(b)
    size = f"((ABS({over}) * 2 + ABS({under})) // (ABS({under}) * 2))"
    signed = f"(CASE WHEN ({over} < 0) <> ({under} < 0) THEN -{size} ELSE {size} END)"
    return f"CASE WHEN {under} <> 0 AND {size} < {LIMIT * _RAW} THEN {_from_raw(signed)} END"


def _rounded(term: Term, args: list[str], _: Texts) -> str:
    value, unit = _raw(args[0]), _raw(args[1])
    size = f"ABS({value})"
    if term.word == "ROUND_HALF":
        whole = f"(({size} * 2 + {unit}) // ({unit} * 2))"
    else:
        up = f"{value} < 0" if term.word == "ROUND_DOWN" else f"{value} >= 0"
        whole = f"(CASE WHEN {up} THEN ({size} + {unit} - 1) // {unit} ELSE {size} // {unit} END)"
    raw = f"((CASE WHEN {value} < 0 THEN -{whole} ELSE {whole} END) * {unit})"
    return f"CASE WHEN {unit} > 0 AND ABS({raw}) < {LIMIT * _RAW} THEN {_cast(_from_raw(raw), term.kind)} END"


def _compared(term: Term, args: list[str], _: Texts) -> str:
    left, right = term.args
    if "any" in (left.kind.name, right.kind.name):
        return "CAST(NULL AS BOOLEAN)"
    return f"({args[0]} {term.word} {args[1]})"


def _extreme(term: Term, args: list[str], _: Texts) -> str:
    values = [_cast(arg, term.kind) for arg in args]
    known = " AND ".join(f"{value} IS NOT NULL" for value in values)
    return f"CASE WHEN {known} THEN {term.word}({', '.join(values)}) END"


def _case(term: Term, args: list[str], _: Texts) -> str:
    tests = args[:-1:2]
    values = [_cast(value, term.kind) for value in args[1::2]][: len(tests)]
    whens = " ".join(f"WHEN {test} THEN {value}" for test, value in zip(tests, values, strict=True))
    chosen = f"CASE {whens} ELSE {_cast(args[-1], term.kind)} END"
    doubts, earlier = [], "TRUE"
    for test, value in zip(tests, values, strict=True):
        doubts.append(f"({earlier} AND ({test}) IS NULL AND COALESCE({value} <> ({chosen}), TRUE))")
        earlier += f" AND NOT COALESCE({test}, FALSE)"
    return f"CASE WHEN NOT ({' OR '.join(doubts)}) THEN {chosen} END"


def _if_unknown(term: Term, args: list[str], _: Texts) -> str:
    return f"COALESCE({', '.join(_cast(arg, term.kind) for arg in args)})"


def _never(_: Term, args: list[str], __: Texts) -> str:
    return f"CASE WHEN {args[0]} IS NOT NULL THEN FALSE WHEN {args[1]} IS NOT NULL THEN TRUE END"


def _at_least(_: Term, args: list[str], __: Texts) -> str:
    known = " + ".join(f"CASE WHEN {test} THEN 1 ELSE 0 END" for test in args[1:])
    possible = " + ".join(f"CASE WHEN NOT {test} THEN 0 ELSE 1 END" for test in args[1:])
    return f"CASE WHEN {known} >= {args[0]} THEN TRUE WHEN {possible} < {args[0]} THEN FALSE END"


def _count_true(term: Term, args: list[str], _: Texts) -> str:
    known = " AND ".join(f"{test} IS NOT NULL" for test in args)
    total = " + ".join(f"CASE WHEN {test} THEN 1 ELSE 0 END" for test in args)
    return _cast(
        f"CASE WHEN {known} THEN {total} END" if term.word == "COUNT_TRUE" else f"({total})", term.kind
    )


def _add_months(_: Term, args: list[str], __: Texts) -> str:
    day, months = args[0], f"TRUNC(CAST({args[1]} AS DOUBLE))"
    month = f"(YEAR({day}) * 12 + MONTH({day}) - 1 + {months})"
    later = f"CAST({day} + TO_MONTHS(CAST({months} AS INTEGER)) AS DATE)"
    return f"CASE WHEN {month} >= 12 AND {month} < 120000 THEN {later} END"


def _whole_units(term: Term, args: list[str], _: Texts) -> str:
    """Completed years or months, by the rules of dates.py."""
    a, b = args
    years, months = f"(YEAR({b}) - YEAR({a}))", f"(MONTH({b}) - MONTH({a}))"
    if term.word == "YEARS_BETWEEN":
        birthday = f"(MONTH({b}) * 100 + DAY({b}) < MONTH({a}) * 100 + DAY({a}))"
        return _cast(f"({years} - CASE WHEN {birthday} THEN 1 ELSE 0 END)", term.kind)
    is_short = f"(DAY({b}) < DAY({a}) AND {b} <> LAST_DAY({b}))"
    return _cast(f"({years} * 12 + {months} - CASE WHEN {is_short} THEN 1 ELSE 0 END)", term.kind)


def _of_day(text: str) -> Callable[[Term, list[str], Texts], str]:
    return lambda term, args, _: _cast(text.format(*args), term.kind)


_Word = Callable[[Term, list[str], Texts], str]
_WORDS: dict[str, _Word] = {
    "AND": lambda _, args, __: "(" + " AND ".join(args) + ")",
    "OR": lambda _, args, __: "(" + " OR ".join(args) + ")",
    "NOT": lambda _, args, __: f"(NOT {args[0]})",
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), _compared),
    **dict.fromkeys(("+", "-", "*", "/"), _reckoned),
    **dict.fromkeys(("GREATEST", "LEAST"), _extreme),
    **dict.fromkeys(("ROUND_UP", "ROUND_DOWN", "ROUND_HALF"), _rounded),
    "CASE": _case,
    "IF_UNKNOWN": _if_unknown,
    "NEVER": _never,
    "AT_LEAST": _at_least,
    **dict.fromkeys(("COUNT_TRUE", "COUNT_KNOWN"), _count_true),
    "ABS": lambda _, args, __: f"ABS({args[0]})",
    "IN_PLACE": lambda term, args, __: f"STARTS_WITH({args[0]}, {quoted_text(term.name)})",
    "AS_OF": lambda _, __, texts: f"DATE '{texts.as_of}'",
    "ADD_MONTHS": _add_months,
    **dict.fromkeys(("YEARS_BETWEEN", "MONTHS_BETWEEN"), _whole_units),
    "DAYS_BETWEEN": _of_day("({1} - {0})"),
    "YEAR_OF": _of_day("YEAR({0})"),
    "MONTH_OF": _of_day("MONTH({0})"),
    "DAY_OF": _of_day("DAY({0})"),
    "DAYS_IN_MONTH": _of_day("DAY(LAST_DAY({0}))"),
}
