"""A rule's text as a tree: a reader of its own, so that no parser's habits decide what a rule means."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from tests.spec.evaluator.terms import MEMBER_WORDS, Term, fact, literal

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<text>'(?:[^']|'')*')|(?P<parameter>\$\w+\.\w+)"
    r"|(?P<name>[^\W\d]\w*)|(?P<mark><>|<=|>=|[-+*/=<>(),]))",
)
COMPARED = ("=", "<>", "<", "<=", ">", ">=")


class Unreadable(ValueError):
    """The text is not of the language."""


def read(text: str) -> Term:
    """The tree of a whole text."""
    reader = Reader(text)
    found = reader.alternatives()
    if reader.at < len(reader.tokens):
        raise Unreadable(f"too much: {reader.tokens[reader.at :]} in {text}")
    return found


class Reader:
    """One method for each step of the order of operations, loosest first."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        place, text = 0, text.rstrip()
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found:
                raise Unreadable(f"cannot read {text[place:]!r}")
            kind = found.lastgroup or ""
            self.tokens.append((kind, found[kind]))
            place = found.end()

    def sees(self, *words: str) -> bool:
        """Whether the next token is one of these words or marks."""
        kind, token = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        return kind in ("name", "mark") and token.upper() in words

    def takes(self, *words: str) -> str:
        """The next token if it is one of these, else nothing."""
        if not self.sees(*words):
            return ""
        self.at += 1
        return self.tokens[self.at - 1][1].upper()

    def needs(self, word: str) -> None:
        """That token and no other."""
        if not self.takes(word):
            raise Unreadable(f"{word} expected before {self.tokens[self.at :]}")

    def alternatives(self) -> Term:
        """a OR b."""
        left = self.conjunction()
        while self.takes("OR"):
            left = Term("OR", (left, self.conjunction()))
        return left

    def conjunction(self) -> Term:
        """a AND b."""
        left = self.negation()
        while self.takes("AND"):
            left = Term("AND", (left, self.negation()))
        return left

    def negation(self) -> Term:
        """NOT a."""
        return Term("NOT", (self.negation(),)) if self.takes("NOT") else self.comparison()

    def comparison(self) -> Term:
        """a = b and the like; a BETWEEN low AND high; a IN (x, y)."""
        left = self.sum()
        if mark := self.takes(*COMPARED):
            return Term(mark, (left, self.sum()))
        negated = bool(self.takes("NOT"))
        if self.takes("BETWEEN"):
            low = self.sum()
            self.needs("AND")
            found = Term("BETWEEN", (left, low, self.sum()))
            return Term("NOT", (found,)) if negated else found
        if self.takes("IN"):
            return Term("NOT IN" if negated else "IN", (left, *self.list()))
        return left

    def sum(self) -> Term:
        """a + b - c, from left to right."""
        left = self.product()
        while mark := self.takes("+", "-"):
            left = Term(mark, (left, self.product()))
        return left

    def product(self) -> Term:
        """a * b / c, from left to right."""
        left = self.signed()
        while mark := self.takes("*", "/"):
            left = Term(mark, (left, self.signed()))
        return left

    def signed(self) -> Term:
        """-a."""
        return Term("negative", (self.signed(),)) if self.takes("-") else self.single()

    def list(self) -> tuple[Term, ...]:
        """(a, b, …), or () for nothing."""
        self.needs("(")
        found: list[Term] = []
        while not self.takes(")"):
            found.append(self.alternatives())
            if not self.sees(")"):
                self.needs(",")
        return tuple(found)

    def single(self) -> Term:
        """A value, a name, brackets, a CASE, or a word with its arguments."""
        if self.takes("("):
            found = self.alternatives()
            self.needs(")")
            return found
        if self.at >= len(self.tokens):
            raise Unreadable("the text ends too early")
        kind, token = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return literal(Fraction(token))
        if kind == "text":
            return literal(token[1:-1].replace("''", "'"))
        if kind == "parameter":
            return Term("parameter", (), token[1:])
        if kind != "name":
            raise Unreadable(f"{token} where a value belongs")
        return self.named(token)

    def named(self, token: str) -> Term:
        """What begins with a name."""
        word = token.upper()
        if word in ("TRUE", "FALSE", "NULL"):
            return literal({"TRUE": True, "FALSE": False}.get(word))
        if word == "DATE" and self.tokens[self.at : self.at + 1][0][0] == "text":
            self.at += 1
            return literal(date.fromisoformat(self.tokens[self.at - 1][1][1:-1]))
        if word == "CASE":
            return self.case()
        return _with_its_text(word, self.list()) if self.sees("(") else fact(token)

    def case(self) -> Term:
        """CASE WHEN test THEN value … ELSE value END."""
        parts: list[Term] = []
        while self.takes("WHEN"):
            parts.append(self.alternatives())
            self.needs("THEN")
            parts.append(self.alternatives())
        if self.takes("ELSE"):
            parts.append(self.alternatives())
        self.needs("END")
        return Term("CASE", tuple(parts))


def _with_its_text(word: str, parts: tuple[Term, ...]) -> Term:
    """A reason and a household's kind are no values: they belong to the word."""
    last = parts[-1] if parts else None
    is_text = last is not None and last.word == "literal" and isinstance(last.value, str)
    if last is not None and is_text and word in ("IF_UNKNOWN", *MEMBER_WORDS):
        return Term(word, parts[:-1], last.value)
    return Term(word, parts)
