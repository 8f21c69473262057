"""What each word gives for values that are known or not (None), as words.yaml says."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tests.spec.evaluator import arithmetic

Values = Sequence[Any]


def _strict(rule: Callable[..., Any]) -> Callable[[Values], Any]:
    """Unknown where any argument is."""
    return lambda values: None if any(value is None for value in values) else rule(*values)


def both(values: Values) -> bool | None:
    """One that fails settles it; otherwise unknown if one is."""
    return False if any(v is False for v in values) else None if any(v is None for v in values) else True


def either(values: Values) -> bool | None:
    """One that holds settles it; otherwise unknown if one is."""
    return True if any(v is True for v in values) else None if any(v is None for v in values) else False


def negated(value: bool | None) -> bool | None:
    """Unknown stays unknown."""
    return None if value is None else not value


def _between(values: Values) -> bool | None:
    value, low, high = values
    return both([WORDS[">="]([value, low]), WORDS["<="]([value, high])])


def _one_of(values: Values) -> bool | None:
    return either([WORDS["="]([values[0], other]) for other in values[1:]])


def _case(values: Values) -> Any:
    """The ways that are still possible, from above; a test that holds closes the list."""
    ways: list[Any] = []
    for test, value in zip(values[: len(values) // 2 * 2 : 2], values[1::2], strict=True):
        if test is not False:
            ways.append(value)
        if test is True:
            break
    else:
        ways.append(values[-1] if len(values) % 2 else None)
    return ways[0] if all(way is not None and way == ways[0] for way in ways) else None


def _at_least(values: Values) -> bool | None:
    needed, tests = values[0], values[1:]
    if needed is None:
        return None
    holding = sum(test is True for test in tests)
    if holding >= needed:
        return True
    return False if holding + sum(test is None for test in tests) < needed else None


def _quotient(a: Fraction, b: Fraction) -> Fraction | None:
    return None if b == 0 else arithmetic.result(a / b)


def _rounded(way: str) -> Callable[[Values], Any]:
    return _strict(lambda number, unit: arithmetic.multiple(number, unit, way))


def _months_later(day: date, count: Fraction) -> date | None:
    return arithmetic.add_months(day, int(count))


def _days_in_month(day: date) -> Fraction:
    return Fraction(calendar.monthrange(day.year, day.month)[1])


WORDS: dict[str, Callable[[Values], Any]] = {
    "AND": both,
    "OR": either,
    "NOT": lambda values: negated(values[0]),
    "=": _strict(lambda a, b: a == b),
    "<>": _strict(lambda a, b: a != b),
    "<": _strict(lambda a, b: a < b),
    "<=": _strict(lambda a, b: a <= b),
    ">": _strict(lambda a, b: a > b),
    ">=": _strict(lambda a, b: a >= b),
    "BETWEEN": _between,
    "IN": _one_of,
    "NOT IN": lambda values: negated(_one_of(values)),
    "CASE": _case,
    "AT_LEAST": _at_least,
    "IF_UNKNOWN": lambda values: values[1] if values[0] is None else values[0],
    "+": _strict(lambda a, b: arithmetic.result(a + b)),
    "-": _strict(lambda a, b: arithmetic.result(a - b)),
    "negative": _strict(lambda a: -a),
    "*": _strict(lambda a, b: arithmetic.result(a * b)),
    "/": _strict(_quotient),
    "GREATEST": _strict(max),
    "LEAST": _strict(min),
    "ABS": _strict(abs),
    "COUNT_TRUE": _strict(lambda *tests: Fraction(sum(tests))),
    "COUNT_KNOWN": lambda tests: Fraction(sum(test is True for test in tests)),
    "ROUND_UP": _rounded("UP"),
    "ROUND_DOWN": _rounded("DOWN"),
    "ROUND_HALF": _rounded("HALF"),
    "YEARS_BETWEEN": _strict(lambda a, b: Fraction(arithmetic.years_between(a, b))),
    "MONTHS_BETWEEN": _strict(lambda a, b: Fraction(arithmetic.months_between(a, b))),
    "DAYS_BETWEEN": _strict(lambda a, b: Fraction((b - a).days)),
    "ADD_MONTHS": _strict(_months_later),
    "YEAR_OF": _strict(lambda day: Fraction(day.year)),
    "MONTH_OF": _strict(lambda day: Fraction(day.month)),
    "DAY_OF": _strict(lambda day: Fraction(day.day)),
    "DAYS_IN_MONTH": _strict(_days_in_month),
}


def over_members(word: str, conditions: Values, values: Values, own: int | None) -> Any:
    """A word over the members of one household: of each, whether it satisfies the condition, and its value.

    `own` is the place of the person asked for in these lists.
    """
    if word in ("ANY_MEMBER", "ALL_MEMBERS"):
        return (either if word == "ANY_MEMBER" else both)(conditions)
    if any(condition is None for condition in conditions):
        return None
    among = [i for i, condition in enumerate(conditions) if condition]
    if word == "COUNT_MEMBERS":
        return Fraction(len(among))
    of_these = [values[i] for i in among]
    if any(value is None for value in of_these):
        return None
    if word == "SUM_MEMBERS":
        return arithmetic.result(sum(of_these, Fraction(0)))
    if word == "RANK_MEMBER":
        if own is None or own not in among:
            return None
        return Fraction(1 + sum(value > values[own] for value in of_these))
    return (min if word == "SMALLEST_MEMBER" else max)(of_these, default=None)
