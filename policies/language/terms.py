"""What a rule's text means: a tree of terms, each a word over other terms, of a known kind.

A term is written back as text in one way only (`written`), so that the same thing asked for twice is
computed once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from policies.language.kinds import Kind, Value
from zhaoren.sql_text import quoted_text

# Terms without arguments; every other word is one of words.yaml or an operator.
FACT, PARAMETER, CONSTANT = "fact", "parameter", "constant"
MEMBER_WORDS = (
    *("COUNT_MEMBERS", "SUM_MEMBERS", "SMALLEST_MEMBER", "LARGEST_MEMBER"),
    *("ANY_MEMBER", "ALL_MEMBERS", "RANK_MEMBER"),
)
OPERATORS = ("AND", "OR", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/")


@dataclass(frozen=True)
class Term:
    """One word with what it is about.

    name    of a fact, of a parameter (`group.name`), the reason of IF_UNKNOWN, the kind of household of a
    member word
    value   of a constant
    """

    word: str
    kind: Kind
    args: tuple[Term, ...] = ()
    name: str = ""
    value: Value = None

    def walk(self, *, into_members: bool = True) -> Iterator[Term]:
        """The term and all below it; a member word's arguments are about other persons and may be left
        out.
        """
        yield self
        if self.word in MEMBER_WORDS and not into_members:
            return
        for arg in self.args:
            yield from arg.walk(into_members=into_members)

    def facts(self) -> list[str]:
        """The facts it names of its own entity, each once, in order."""
        own = (term for term in self.walk(into_members=False) if term.word == FACT)
        return list(dict.fromkeys(term.name for term in own))

    def parameters(self) -> list[str]:
        """The parameters it names for its own entity, as `group.name`."""
        own = (term for term in self.walk(into_members=False) if term.word == PARAMETER)
        return list(dict.fromkeys(term.name for term in own))

    def member_terms(self) -> list[Term]:
        """The member words in it, each once."""
        return list(
            dict.fromkeys(term for term in self.walk(into_members=False) if term.word in MEMBER_WORDS)
        )


def without_fallbacks(term: Term) -> Term:
    """The term as it would be if nothing stood for the unknown: IF_UNKNOWN(a, b, …) as a alone."""
    args = tuple(without_fallbacks(arg) for arg in term.args)
    if term.word == "IF_UNKNOWN":
        return args[0]
    return replace(term, args=args)


def written(term: Term) -> str:
    """The term as text, everything in parentheses."""
    if term.word == FACT:
        return f'"{term.name}"' if not term.name.isidentifier() else term.name
    if term.word == PARAMETER:
        return f"${term.name}"
    if term.word == CONSTANT:
        return _constant(term.value)
    parts = [written(arg) for arg in term.args]
    if term.word in OPERATORS:
        return f"({f' {term.word} '.join(parts)})"
    if term.word == "NOT":
        return f"NOT ({parts[0]})"
    if term.word == "CASE":
        whens = " ".join(f"WHEN {a} THEN {b}" for a, b in zip(parts[:-1:2], parts[1::2], strict=False))
        return f"CASE {whens} ELSE {parts[-1]} END"
    named = [quoted_text(term.name)] if term.name and term.word != "NEVER" else []
    return f"{term.word}({', '.join([*parts, *named])})"


def _constant(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return f"DATE '{value}'"
    return (
        quoted_text(value)
        if isinstance(value, str)
        else f"{value:f}"
        if not isinstance(value, int)
        else str(value)
    )
