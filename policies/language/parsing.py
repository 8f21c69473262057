"""A rule's SQL, parsed once: every reader of a rule works from this tree, not from the text.

    parsed("income_yuan_month < $dibao.standard_yuan_month AND NOT is_custodial")  -> Expression
        .columns        ("income_yuan_month", "is_custodial")
        .parameters     ("dibao.standard_yuan_month",)
        .tree           sqlglot's; a parameter in it is an exp.Parameter named "dibao.standard_yuan_month"

In the tree `a IS NOT NULL` is `NOT (a IS NULL)` and `a NOT IN (…)` is `NOT (a IN (…))`: sqlglot keeps no
difference. What the tree means is said in `policies.language.meaning`; no engine reads the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ParseError, TokenError

from policies.language.mistakes import Mistake, span
from policies.language.signs import wrong_sign
from zhaoren.sql_text import too_much


class RuleDialect(DuckDB):
    """How rules are written: DuckDB's grammar, but a function is a name with arguments and nothing more.

    What a name means is for words.yaml to say, not for the reader of SQL, which would rewrite some of them.
    """

    class Parser(DuckDB.Parser):  # type: ignore[misc,valid-type]
        """The reader."""

        FUNCTIONS: ClassVar[dict] = {}
        NO_PAREN_FUNCTIONS: ClassVar[dict] = {}


DIALECT = RuleDialect


@dataclass(frozen=True)
class Mention:
    """A column (`income_yuan_month`) or a parameter (`dibao.standard_yuan_month`) where a rule names it.

    `start` is its position in the text, that of a parameter's `$`.
    """

    name: str
    is_parameter: bool
    start: int


@dataclass(frozen=True, eq=False)
class Expression:
    """A rule's text with its tree, and every column and parameter it names, in the order of the text."""

    text: str
    tree: exp.Expr
    mentions: tuple[Mention, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns it names itself, each once; not those by which a parameter differs."""
        return tuple(dict.fromkeys(m.name for m in self.mentions if not m.is_parameter))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The parameters it names as `group.name`, each once."""
        return tuple(dict.fromkeys(m.name for m in self.mentions if m.is_parameter))


# The shipped rules hold about 300 texts and their parts; parsing one takes half a millisecond.
@lru_cache(maxsize=8192)
def parsed(text: str) -> Expression:
    """The tree of one expression. Mistake when the text is none, or misspells a parameter."""
    if why := too_much(text):
        raise Mistake(
            f"a rule is too long: {why}", todo="split it: an intermediate amount is a definition of its own"
        )
    if wrong := wrong_sign(text):
        raise wrong
    try:
        tree = sqlglot.parse_one(text, dialect=DIALECT)
    except (ParseError, TokenError, RecursionError) as error:
        raise _unreadable(text, error) from error
    tree = tree.transform(lambda node: _parameter(node, text), copy=False)
    return Expression(text, tree, tuple(sorted(_mentions(tree), key=lambda mention: mention.start)))


def text_of(tree: exp.Expr) -> str:
    """A part of a rule as SQL text again, its parameters still `$group.name`."""
    return tree.sql(dialect=DIALECT)


def _parameter(node: exp.Expr, text: str) -> exp.Expr:
    """`$group.name` arrives as a placeholder with a dot behind it; any other use of `$` is a mistake."""
    if isinstance(node, exp.Placeholder) and not isinstance(node.parent, exp.Dot):
        raise _misspelt(text, node)
    if not (isinstance(node, exp.Dot) and isinstance(node.this, exp.Placeholder)):
        return node
    name = f"{node.this.name}.{node.name}"
    end = node.expression.meta["end"] + 1
    if text[end - len(name) - 1 : end] != f"${name}":
        raise _misspelt(text, node)
    parameter = exp.Parameter(this=exp.Var(this=name))
    parameter.meta["end"] = end
    return parameter


def _mentions(tree: exp.Expr) -> list[Mention]:
    found = []
    for column in tree.find_all(exp.Column):
        start = column.this.meta.get("start", 0)
        found.append(Mention(column.name, False, start))
    for parameter in tree.find_all(exp.Parameter):
        end, name = parameter.meta["end"], parameter.name
        found.append(Mention(name, True, end - len(name) - 1))
    return found


def _misspelt(text: str, node: exp.Expr) -> Mistake:
    found = max(text.find("$"), 0)
    start = span(node)[0] or found
    return Mistake(
        "a parameter is misspelt: $ begins a parameter",
        start,
        len(text),
        "write it with its group: $group.name",
    )


def _unreadable(text: str, error: ParseError | TokenError | RecursionError) -> Mistake:
    """Where reading stopped; the library's own message names its classes and draws in colours."""
    faults = getattr(error, "errors", None)
    if not faults:
        return Mistake(
            "the rule cannot be read to its end",
            len(text),
            len(text),
            "a bracket or a quotation mark is missing",
        )
    fault = faults[0]
    line, column = int(fault.get("line") or 1), int(fault.get("col") or 1)
    start = sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
    highlight = str(fault.get("highlight") or "").strip()
    start = max(0, min(start - max(0, len(highlight) - 1), len(text)))
    todo = _missing(text, highlight, start)
    return Mistake(f"the rule cannot be read at “{highlight}”", start, start + len(highlight), todo)


def _missing(text: str, highlight: str, start: int) -> str:
    """What to look for where reading stopped."""
    before, behind = text[:start].rstrip(), text[start + len(highlight) :].strip()
    if highlight == "," and before[-1:].isdigit() and behind[:3].isdigit():
        return "write a number without commas; a list stands in brackets: IN ('a', 'b')"
    if highlight == ",":
        return "a list stands in brackets: IN ('a', 'b')"
    if not behind:
        return "the text ends too early: something must follow"
    return "something is missing before it or behind it: an operator, AND or OR between two tests, a value"
