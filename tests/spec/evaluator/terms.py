"""A rule as a tree: a word of words.yaml with its arguments, and the text such a tree is written as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

# How tightly a form holds together, loosest first; not here: words with brackets and single values.
TIGHTNESS = {
    "OR": 1,
    "AND": 2,
    "NOT": 3,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", "NOT IN"), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/"), 6),
    "negative": 7,
}
MEMBER_WORDS = (
    *("COUNT_MEMBERS", "SUM_MEMBERS", "SMALLEST_MEMBER", "LARGEST_MEMBER"),
    *("ANY_MEMBER", "ALL_MEMBERS", "RANK_MEMBER"),
)


@dataclass(frozen=True)
class Term:
    """One node. `value` holds a literal, the name of a fact or a parameter, or a household's kind."""

    word: str
    parts: tuple[Term, ...] = ()
    value: Any = None

    def walk(self) -> Iterator[Term]:
        """The node itself and everything under it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def names(self, word: str) -> list[str]:
        """The facts (`fact`) or parameters (`parameter`) that are named in it, in order, each once."""
        return list(dict.fromkeys(one.value for one in self.walk() if one.word == word))


def literal(value: Any) -> Term:
    """A constant: a number, a text, yes or no, a day, or the unknown (None)."""
    return Term("literal", (), value)


def fact(name: str) -> Term:
    """What is known under that name, given or defined."""
    return Term("fact", (), name)


def written(term: Term, around: int = 0) -> str:
    """The tree as a rule's text, with as few brackets as the order of operations allows."""
    text = _written(term)
    return f"({text})" if TIGHTNESS.get(term.word, 9) < around else text


def _written(term: Term) -> str:
    word, parts, tight = term.word, term.parts, TIGHTNESS.get(term.word, 0)
    if word == "literal":
        return _literal(term.value)
    if word in ("fact", "parameter"):
        return term.value if word == "fact" else f"${term.value}"
    if word == "negative":
        return f"-{written(parts[0], 8)}"  # a second minus would begin a comment
    if word == "NOT":
        return f"NOT {written(parts[0], tight)}"
    if word == "CASE":
        return _case(parts)
    if word == "BETWEEN":
        value, low, high = (written(part, tight + 1) for part in parts)
        return f"{value} BETWEEN {low} AND {high}"
    if word in ("IN", "NOT IN"):
        return f"{written(parts[0], tight + 1)} {word} ({', '.join(map(written, parts[1:]))})"
    if tight:
        left = tight if tight in (1, 2, 5, 6) else tight + 1
        return f"{written(parts[0], left)} {word} {written(parts[1], tight + 1)}"
    kind = [_literal(term.value)] if word in MEMBER_WORDS and term.value else []
    reason = [_literal(term.value)] if word == "IF_UNKNOWN" else []
    return f"{word}({', '.join([*map(written, parts), *kind, *reason])})"


def _case(parts: tuple[Term, ...]) -> str:
    """Tests and values by turns; one left over is the value behind ELSE."""
    pairs = zip(parts[: len(parts) // 2 * 2 : 2], parts[1::2], strict=True)
    whens = " ".join(f"WHEN {written(test)} THEN {written(value)}" for test, value in pairs)
    return f"CASE {whens}{f' ELSE {written(parts[-1])}' if len(parts) % 2 else ''} END"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return decimal_text(Fraction(value))


def decimal_text(number: Fraction) -> str:
    """A number of at most eight decimals as people write it: 12, 0.5, 1309.00000001."""
    whole, rest = divmod(abs(number) * 10**8, 10**8)
    assert rest.denominator == 1, f"{number} has more than eight decimals"
    decimals = f"{int(rest):08d}".rstrip("0")
    return f"{'-' if number < 0 else ''}{int(whole)}{'.' if decimals else ''}{decimals}"
