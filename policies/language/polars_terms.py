"""Terms as polars expressions, with the meaning of words.yaml and none of the engine's own about nulls.

    to_polars(term, Columns(...)) -> pl.Expr

Whole numbers below 10^18 are Int64, all others Decimal(38, scale); the bounds of a term's kind say which.
Where a
result can pass the language's bounds, the rows that do become null: one absurd value spoils its own row only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce

import polars as pl

from policies.language.dates import days_in_month, months_between, months_later, years_between
from policies.language.kinds import LIMIT, MOST_DECIMALS, MOST_DIGITS, Kind, Value
from policies.language.terms import CONSTANT, FACT, MEMBER_WORDS, PARAMETER, Term

_RAW = 10**MOST_DECIMALS  # so many hundred-millionths make one
_PLACES = 38  # digits of the widest exact number of the engine


@dataclass(frozen=True)
class Columns:
    """Where the values are: an expression for each fact, parameter and member word, and the day asked for."""

    as_of: date
    fact: Callable[[str], pl.Expr]
    parameter: Callable[[str], pl.Expr]
    member: Callable[[Term], pl.Expr]


def dtype(kind: Kind) -> pl.DataType:
    """The column type in which a kind is reckoned."""
    if kind.name == "number":
        return pl.Int64() if _is_int(kind) else pl.Decimal(_PLACES, kind.scale)
    return {"text": pl.String(), "boolean": pl.Boolean(), "date": pl.Date(), "any": pl.Null()}[kind.name]


def to_polars(term: Term, columns: Columns) -> pl.Expr:
    """The term over a frame of facts."""
    if term.word == CONSTANT:
        return constant(term.value, term.kind)
    if term.word == FACT:
        return columns.fact(term.name)
    if term.word == PARAMETER:
        return columns.parameter(term.name)
    if term.word in MEMBER_WORDS:
        return columns.member(term)
    return _WORDS[term.word](term, [to_polars(arg, columns) for arg in term.args], columns)


def constant(value: Value, kind: Kind) -> pl.Expr:
    """A constant as a kind."""
    if kind.name == "number" and value is not None and not _is_int(kind):
        return pl.lit(Decimal(value), dtype=dtype(kind))  # type: ignore[arg-type]
    return pl.lit(value, dtype=dtype(kind))


def as_kind(expr: pl.Expr, now: Kind, wanted: Kind) -> pl.Expr:
    """A value of one kind as a wider one."""
    return expr if dtype(now) == dtype(wanted) else expr.cast(dtype(wanted))


def _is_int(kind: Kind) -> bool:
    return kind.scale == 0 and kind.digits <= MOST_DIGITS


def _wide(expr: pl.Expr, scale: int) -> pl.Expr:
    return expr.cast(pl.Decimal(_PLACES, scale))


def _bounded(expr: pl.Expr, digits: int, scale: int) -> pl.Expr:
    """Null where the number has more digits than the language; nothing to do where it cannot."""
    if digits <= MOST_DIGITS:
        return expr
    # names the expression once: named twice, every plus of a long sum would double it
    return expr.cast(pl.Decimal(MOST_DIGITS + scale, scale), strict=False)


def _connected(term: Term, args: list[pl.Expr], _: Columns) -> pl.Expr:
    # three-valued in polars as in the language
    return reduce(lambda a, b: a & b if term.word == "AND" else a | b, (_boolean(arg) for arg in args))


def _boolean(expr: pl.Expr) -> pl.Expr:
    return expr.cast(pl.Boolean)


def _compared(term: Term, args: list[pl.Expr], _: Columns) -> pl.Expr:
    left, right = term.args
    a, b = args
    if "any" in (left.kind.name, right.kind.name):
        return pl.lit(None, pl.Boolean)
    if left.kind.name == "number":
        scale = max(left.kind.scale, right.kind.scale)
        if not (_is_int(left.kind) and _is_int(right.kind)):
            a, b = _at_scale(a, left, scale), _at_scale(b, right, scale)
    found: pl.Expr = _COMPARISONS[term.word](a, b)
    return found


def _at_scale(expr: pl.Expr, term: Term, scale: int) -> pl.Expr:
    """A number with so many decimals; a constant is made so at once."""
    if term.word == CONSTANT:
        value = None if term.value is None else Decimal(term.value)  # type: ignore[arg-type]
        return pl.lit(value, dtype=pl.Decimal(_PLACES, scale))
    return expr if term.kind.scale == scale and not _is_int(term.kind) else _wide(expr, scale)


_COMPARISONS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _reckoned(term: Term, args: list[pl.Expr], _: Columns) -> pl.Expr:
    left, right = term.args
    if "any" in (left.kind.name, right.kind.name):
        return pl.lit(None, dtype(term.kind))
    if term.word == "/":
        return _divided(args[0], args[1])
    if term.word == "*":
        return _product(term, args)
    digits = max(left.kind.digits, right.kind.digits) + 1
    if _is_int(term.kind) and digits <= MOST_DIGITS:
        a, b = args
    else:
        a, b = (_at_scale(arg, side, term.kind.scale) for arg, side in zip(args, term.args, strict=True))
    exact = _bounded(a + b if term.word == "+" else a - b, digits, term.kind.scale)
    return exact.cast(dtype(term.kind))


def _product(term: Term, args: list[pl.Expr]) -> pl.Expr:
    left, right = (side.kind for side in term.args)
    digits, scale = left.digits + right.digits, left.scale + right.scale
    a, b = args
    if _is_int(term.kind) and digits <= MOST_DIGITS:
        return a * b
    if digits + scale > _PLACES - 2:
        # the engine stops at a product that its widest number cannot hold: such rows are left out before
        small = (a.cast(pl.Float64) * b.cast(pl.Float64)).abs() < 1.01 * LIMIT
        a = pl.when(small).then(a)
    exact = _wide(a, scale) * _wide(b, right.scale)
    if scale > MOST_DECIMALS:
        exact = exact.round(MOST_DECIMALS, mode="half_away_from_zero").cast(
            pl.Decimal(_PLACES, MOST_DECIMALS)
        )
    return _bounded(exact, digits, min(scale, MOST_DECIMALS)).cast(dtype(term.kind))


def _raw(expr: pl.Expr) -> pl.Expr:
    """A number in hundred-millionths, whole."""
    return (_wide(expr, MOST_DECIMALS) * pl.lit(Decimal(_RAW), dtype=pl.Decimal(_PLACES, 0))).cast(pl.Int128)


def _from_raw(raw: pl.Expr) -> pl.Expr:
    fraction = pl.lit(Decimal(1).scaleb(-MOST_DECIMALS), dtype=pl.Decimal(_PLACES, MOST_DECIMALS))
    return raw.cast(pl.Decimal(_PLACES, MOST_DECIMALS)) * fraction


def _int128(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.Int128)


def _divided(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """To eight decimals, half away from zero; null by zero."""
    over, under = _raw(a) * _int128(_RAW), _raw(b)
    size = (over.abs() * 2 + under.abs()) // (under.abs() * 2)
    quotient = pl.when((over < 0) != (under < 0)).then(_int128(0) - size).otherwise(size)
    limit = _int128(LIMIT * _RAW)
    return _from_raw(pl.when((under != 0) & (size < limit)).then(quotient))


def _rounded(term: Term, args: list[pl.Expr], _: Columns) -> pl.Expr:
    value, unit = (_raw(arg) for arg in args)
    size = value.abs()
    if term.word == "ROUND_HALF":
        whole = (size * 2 + unit) // (unit * 2)
    else:
        # up for what is below zero is down in size
        up = (value < 0) if term.word == "ROUND_DOWN" else (value >= 0)
        whole = pl.when(up).then((size + unit - 1) // unit).otherwise(size // unit)
    raw = pl.when(value < 0).then(_int128(0) - whole).otherwise(whole) * unit
    raw = pl.when((unit > 0) & (raw.abs() < _int128(LIMIT * _RAW))).then(raw)
    return _from_raw(raw).cast(dtype(term.kind))


def _extreme(term: Term, args: list[pl.Expr], _: Columns) -> pl.Expr:
    if any(arg.kind.name == "any" for arg in term.args):
        return pl.lit(None, dtype(term.kind))
    values = [as_kind(a, side.kind, term.kind) for a, side in zip(args, term.args, strict=True)]
    chosen = pl.max_horizontal(values) if term.word == "GREATEST" else pl.min_horizontal(values)
    # the engine leaves nulls out of a maximum; here one unknown makes it unknown
    return pl.when(~pl.any_horizontal(value.is_null() for value in values)).then(chosen)


def _case(term: Term, args: list[pl.Expr], _: Columns) -> pl.Expr:
    """The first that holds; where an earlier test is unknown, only what every possible way gives."""
    tests = [_boolean(test) for test in args[:-1:2]]
    values = [as_kind(a, side.kind, term.kind) for a, side in zip(args[1::2], term.args[1::2], strict=False)]
    values = [*values[: len(tests)], as_kind(args[-1], term.args[-1].kind, term.kind)]
    chosen = values[-1]
    for test, value in zip(reversed(tests), reversed(values[:-1]), strict=True):
        chosen = pl.when(test).then(value).otherwise(chosen)
    differs, settled = pl.lit(False), pl.lit(False)
    for test, value in zip(tests, values[:-1], strict=True):
        differs = differs | (~settled & test.is_null() & (value == chosen).fill_null(False).not_())
        settled = settled | test.fill_null(False)
    return pl.when(~differs).then(chosen).cast(dtype(term.kind))


def _if_unknown(term: Term, args: list[pl.Expr], _: Columns) -> pl.Expr:
    a, b = (as_kind(arg, side.kind, term.kind) for arg, side in zip(args, term.args, strict=True))
    return pl.when(a.is_not_null()).then(a).otherwise(b)


def _never(_: Term, args: list[pl.Expr], __: Columns) -> pl.Expr:
    value, witness = args
    return pl.when(value.is_not_null()).then(False).when(witness.is_not_null()).then(True)


def _at_least(term: Term, args: list[pl.Expr], _: Columns) -> pl.Expr:
    tests = [_boolean(test) for test in args[1:]]
    known = pl.sum_horizontal(test.fill_null(False).cast(pl.Int64) for test in tests)
    possible = pl.sum_horizontal(test.fill_null(True).cast(pl.Int64) for test in tests)
    least = args[0] if _is_int(term.args[0].kind) else args[0].cast(pl.Decimal(_PLACES, MOST_DECIMALS))
    enough, too_few = known >= least, possible < least
    return pl.when(enough).then(True).when(too_few).then(False).otherwise(None).cast(pl.Boolean)


def _count_true(_: Term, args: list[pl.Expr], __: Columns) -> pl.Expr:
    tests = [_boolean(test) for test in args]
    total = pl.sum_horizontal(test.cast(pl.Int64) for test in tests)
    return pl.when(~pl.any_horizontal(test.is_null() for test in tests)).then(total)


def _count_known(_: Term, args: list[pl.Expr], __: Columns) -> pl.Expr:
    return pl.sum_horizontal(_boolean(test).fill_null(False).cast(pl.Int64) for test in args)


def _absolute(_: Term, args: list[pl.Expr], __: Columns) -> pl.Expr:
    return args[0].abs()


def _of_day(read: Callable[..., pl.Expr]) -> Callable[[Term, list[pl.Expr], Columns], pl.Expr]:
    return lambda _, args, __: read(*(arg.cast(pl.Date) for arg in args)).cast(pl.Int64)


_Word = Callable[[Term, list[pl.Expr], Columns], pl.Expr]
_WORDS: dict[str, _Word] = {
    **dict.fromkeys(("AND", "OR"), _connected),
    "NOT": lambda _, args, __: ~_boolean(args[0]),
    **dict.fromkeys(_COMPARISONS, _compared),
    **dict.fromkeys(("+", "-", "*", "/"), _reckoned),
    **dict.fromkeys(("GREATEST", "LEAST"), _extreme),
    **dict.fromkeys(("ROUND_UP", "ROUND_DOWN", "ROUND_HALF"), _rounded),
    "CASE": _case,
    "IF_UNKNOWN": _if_unknown,
    "NEVER": _never,
    "AT_LEAST": _at_least,
    "COUNT_TRUE": _count_true,
    "COUNT_KNOWN": _count_known,
    "ABS": _absolute,
    "IN_PLACE": lambda term, args, __: args[0].str.starts_with(term.name),
    "AS_OF": lambda _, __, columns: pl.lit(columns.as_of, dtype=pl.Date),
    "ADD_MONTHS": lambda _, args, __: months_later(args[0].cast(pl.Date), args[1]),
    "YEARS_BETWEEN": _of_day(years_between),
    "MONTHS_BETWEEN": _of_day(months_between),
    "DAYS_BETWEEN": _of_day(lambda a, b: (b - a).dt.total_days()),
    "YEAR_OF": _of_day(lambda day: day.dt.year()),
    "MONTH_OF": _of_day(lambda day: day.dt.month()),
    "DAY_OF": _of_day(lambda day: day.dt.day()),
    "DAYS_IN_MONTH": _of_day(days_in_month),
}
