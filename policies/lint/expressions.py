"""What a rule's text may not hold though it has a meaning: numbers that are policy, words in the wrong
place.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from policies.catalogue.rule_texts import RuleText
from policies.language.mistakes import Mistake, at
from policies.language.parsing import Expression
from policies.language.terms import Term

# Counting and calendar numbers; everything else is policy and belongs in a parameter.
_PLAIN_NUMBERS = {"0", "1", "2", "12"}
# Where a unit of rounding stands: what an amount is rounded to is written with the rounding.
_ROUNDING = ("ROUND_UP", "ROUND_DOWN", "ROUND_HALF")


def loose_numbers(expression: Expression) -> Iterator[Mistake]:
    """Numbers in the text that should be parameters, with a date and a source."""
    for literal in expression.tree.find_all(exp.Literal, bfs=False):
        if literal.is_string or literal.name in _PLAIN_NUMBERS or _is_unit(literal):
            continue
        yield at(
            literal,
            f"the number {literal.name} belongs in a parameter",
            "add it under parameters/, dated and with its source",
        )


def misplaced(term: Term, text: RuleText) -> Iterator[Mistake]:
    """COUNT_KNOWN anywhere but in what a signal shows and compares: there, what is unknown would not
    count.
    """
    if text.key != ("value",) and any(part.word == "COUNT_KNOWN" for part in term.walk()):
        yield Mistake(
            "COUNT_KNOWN is only for a signal's value", todo="write COUNT_TRUE(…) or AT_LEAST(k, …)"
        )


def _is_unit(literal: exp.Expr) -> bool:
    parent = literal.parent
    return (
        isinstance(parent, exp.Anonymous)
        and str(parent.this).upper() in _ROUNDING
        and literal.arg_key == "expressions"
        and parent.expressions[-1] is literal
    )
