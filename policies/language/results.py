"""What the words with brackets take and give: their arguments read, and the bounds of what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlglot import exp

from policies.language.kinds import BOOLEAN, DATE, KIND_EN, MOST_DIGITS, Kind, number
from policies.language.mistakes import at
from policies.language.terms import FACT, Term

# A town's code, or what it begins with: province, city, county (GB/T 2260, GB/T 10114).
PLACE_DIGITS = (2, 4, 6, 9)


class Reader(Protocol):
    """Who reads the arguments (meaning.Reader)."""

    def read(self, node: exp.Expr) -> Term:
        """The term of a node."""

    def of_kind(self, node: exp.Expr, wanted: str, what: str) -> Term:
        """The term of a node that must give a kind."""

    def number(self, node: exp.Expr, what: str) -> Term:
        """The term of a node that must give a number."""

    def same(self, nodes: Sequence[exp.Expr], what: str) -> tuple[list[Term], Kind]:
        """The terms of nodes of one kind."""

    def fact(self, name: str) -> Kind | None:
        """The kind of a fact."""

    def known_by(self, name: str) -> str | None:
        """The fact that says what an empty cell means."""


def reckoned(word: str, left: Kind, right: Kind) -> Kind:
    """The bounds of a sum, difference, product or quotient."""
    if word in ("+", "-"):
        return number(max(left.digits, right.digits) + 1, max(left.scale, right.scale))
    if word == "*":
        return number(left.digits + right.digits, left.scale + right.scale)
    return number(MOST_DIGITS, 8)


def _extreme(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    terms, kind = reader.same(args, word)
    if kind.name not in ("number", "any"):
        raise at(args[0], f"{word} takes numbers, and this is {KIND_EN[kind.name]}")
    return Term(word, kind, tuple(terms))


def _absolute(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    term = reader.number(args[0], word)
    return Term(word, term.kind, (term,))


def _rounded(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    value, unit = reader.number(args[0], word), reader.number(args[1], word)
    # a large unit may lift a small value to itself
    digits = max(value.kind.digits, unit.kind.digits) + 1
    return Term(word, number(digits, unit.kind.scale), (value, unit))


def _counted(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    return Term(word, number(2), tuple(reader.of_kind(arg, "boolean", word) for arg in args))


def _at_least(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    tests = (reader.of_kind(arg, "boolean", word) for arg in args[1:])
    return Term(word, BOOLEAN, (reader.number(args[0], word), *tests))


def _if_unknown(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    terms, kind = reader.same(args[:2], word)
    reason = args[2]
    if not (isinstance(reason, exp.Literal) and reason.is_string and reason.this.strip()):
        raise at(
            reason, "IF_UNKNOWN needs its reason, a text in quotation marks", "write IF_UNKNOWN(a, b, '理由')"
        )
    return Term(word, kind, tuple(terms), name=reason.this.strip())


def _never(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    term = reader.read(args[0])
    if term.word != FACT:
        raise at(args[0], "NEVER takes the name of a fact", "write NEVER(fact)")
    known_by = reader.known_by(term.name)
    if known_by is None:
        what = f"the dictionary does not say what an empty “{term.name}” means"
        raise at(args[0], what, "add `never` to the fact, or use IF_UNKNOWN(test, TRUE, '理由')")
    witness = reader.fact(known_by)
    assert witness is not None, "the lint of facts sees to it"
    return Term(word, BOOLEAN, (term, Term(FACT, witness, name=known_by)), name=term.name)


def _in_place(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    code = args[0].this if isinstance(args[0], exp.Literal) and args[0].is_string else ""
    if not (code.isascii() and code.isdigit() and len(code) in PLACE_DIGITS):
        raise at(args[0], "IN_PLACE takes a division code of 2, 4, 6 or 9 digits", "write IN_PLACE('4401')")
    town = reader.fact("town_code")
    assert town is not None, "every frame has it"
    return Term(word, BOOLEAN, (Term(FACT, town, name="town_code"),), name=code)


def _as_of(_: Reader, word: str, __: list[exp.Expr]) -> Term:
    return Term(word, DATE)


def _counting_days(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    return Term(word, number(7), tuple(reader.of_kind(arg, "date", word) for arg in args))


def _add_months(reader: Reader, word: str, args: list[exp.Expr]) -> Term:
    return Term(word, DATE, (reader.of_kind(args[0], "date", word), reader.number(args[1], word)))


BUILDERS: dict[str, Callable[[Reader, str, list[exp.Expr]], Term]] = {
    "GREATEST": _extreme,
    "LEAST": _extreme,
    "ABS": _absolute,
    "ROUND_UP": _rounded,
    "ROUND_DOWN": _rounded,
    "ROUND_HALF": _rounded,
    "COUNT_TRUE": _counted,
    "COUNT_KNOWN": _counted,
    "AT_LEAST": _at_least,
    "IF_UNKNOWN": _if_unknown,
    "NEVER": _never,
    "IN_PLACE": _in_place,
    "AS_OF": _as_of,
    "ADD_MONTHS": _add_months,
    **dict.fromkeys(("YEARS_BETWEEN", "MONTHS_BETWEEN", "DAYS_BETWEEN"), _counting_days),
    **dict.fromkeys(("YEAR_OF", "MONTH_OF", "DAY_OF", "DAYS_IN_MONTH"), _counting_days),
}
