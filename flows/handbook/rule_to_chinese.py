"""A rule's SQL read aloud in Chinese, for people who know no SQL.

    age_years >= $elder.allowance_age AND NOT is_living_alone
    周岁不低于「高龄津贴起始年龄」（80岁），并且并非独居

Read from the rule's one parsed tree, from left to right, as it is written. Every node has one reading or is
refused, so nothing of a rule is left out. Whoever doubts it finds the SQL beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlglot import exp

from flows.handbook.functions_to_chinese import read_aloud
from policies.language.parsing import parsed, text_of
from zhaoren.errors import ZhaorenError

# Two sides with a word between them; the first six are tests.
_BETWEEN_SIDES: dict[type[exp.Expr], str] = {
    exp.EQ: "为", exp.NEQ: "不是", exp.LT: "低于", exp.LTE: "不超过", exp.GT: "超过", exp.GTE: "不低于",
    exp.Add: "＋", exp.Sub: "－", exp.Mul: "×", exp.Div: "÷",
}  # fmt: skip
_TESTS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between)


@dataclass(frozen=True)
class Vocabulary:
    """How to say a fact, a parameter `group.name`, and a code of a fact or of a `$group.name`."""

    fact: Callable[[str], str]
    parameter: Callable[[str], str]
    code: Callable[[str, str], str]


def aloud(sql: str, words: Vocabulary) -> str:
    """The rule in Chinese. ZhaorenError when it holds something that has no reading."""
    rule = parsed(sql)
    said = _Reader(sql, words).read(rule.tree)
    # A rule that is one choice needs no brackets around it.
    return said[1:-1] if said.startswith("［") and said.find("］") == len(said) - 1 else said


class _Reader:
    """Reads one rule; `fact` is what was named last: a code after it is one of its codes."""

    def __init__(self, sql: str, words: Vocabulary) -> None:
        self.sql, self.words, self.fact = sql, words, ""

    def read(self, node: exp.Expr) -> str:
        """The node in Chinese."""
        sign = _BETWEEN_SIDES.get(type(node))
        if sign:
            return f"{self.read(node.this)}{sign}{self.read(node.expression)}"
        reading = self._readings().get(type(node))
        if reading is None:
            raise ZhaorenError("a rule cannot be read aloud", self.sql, f"at “{text_of(node)}”")
        return reading(node)

    def _readings(self) -> dict[type[exp.Expr], Callable[[exp.Expr], str]]:
        return {
            exp.And: lambda node: self._list(node.flatten(unnest=False), "，并且"),
            exp.Or: self._either,
            exp.Not: self._negated,
            exp.Paren: lambda node: f"（{self.read(node.this)}）",
            exp.In: lambda node: self._member(node, "属于"),
            exp.Between: lambda node: self._range(node, "介于"),
            exp.Case: self._choice,
            exp.Cast: lambda node: node.this.name,  # DATE '2026-01-01'; the language has no other
            exp.Anonymous: self._function,
            exp.Neg: lambda node: f"－{self.read(node.this)}",
            exp.Column: self._named,
            exp.Parameter: self._parameter,
            exp.Literal: self._literal,
            exp.Boolean: lambda node: "成立" if node.this else "不成立",
            exp.Null: lambda node: "不详",
        }

    def _list(self, nodes: Iterable[exp.Expr], between: str) -> str:
        return between.join([self.read(node) for node in nodes])

    def _either(self, node: exp.Expr) -> str:
        """AND binds closer than OR: brackets say so where a reader could be misled."""
        parts = [(isinstance(part, exp.And), self.read(part)) for part in node.flatten(unnest=False)]
        return "，或者".join([f"（{said}）" if is_both else said for is_both, said in parts])

    def _negated(self, node: exp.Expr) -> str:
        """NOT before a word that has an opposite of its own: 不属于, 不介于."""
        inner = node.this
        if isinstance(inner, exp.In):
            return self._member(inner, "不属于")
        if isinstance(inner, exp.Between):
            return self._range(inner, "不介于")
        return f"并非{self.read(inner)}"

    def _member(self, node: exp.Expr, word: str) -> str:
        return f"{self.read(node.this)}{word}（{self._list(node.expressions, '、')}）"

    def _range(self, node: exp.Expr, word: str) -> str:
        low, high = node.args["low"], node.args["high"]
        return f"{self.read(node.this)}{word}{self.read(low)}至{self.read(high)}"

    def _function(self, node: exp.Expr) -> str:
        word, said = str(node.this).upper(), []
        for i, arg in enumerate(node.expressions):
            is_reason = word == "IF_UNKNOWN" and i == 2
            said.append(str(arg.this) if is_reason else self.read(arg))
        found = read_aloud(word, said)
        if found is None:
            raise ZhaorenError("a rule cannot be read aloud", self.sql, f"at “{text_of(node)}”")
        return found

    def _choice(self, node: exp.Expr) -> str:
        parts = []
        for branch in node.args["ifs"]:
            when = self.read(branch.this)
            parts.append(f"若{when}，则{self._outcome(branch.args['true'])}")
        if node.args.get("default") is not None:
            parts.append(f"否则{self._outcome(node.args['default'])}")
        return f"［{'；'.join(parts)}］"

    def _outcome(self, node: exp.Expr) -> str:
        """What a choice leads to; a further test is announced, or it would sound like a result."""
        said = self.read(node)
        return f"要看是否{said}" if _is_test(node) and "［" not in said else said

    def _named(self, node: exp.Expr) -> str:
        self.fact = node.name
        return self.words.fact(node.name)

    def _parameter(self, node: exp.Expr) -> str:
        self.fact = f"${node.name}"
        return self.words.parameter(node.name)

    def _literal(self, node: exp.Expr) -> str:
        """A text is a code in quotes; a number is one only beside a parameter, which may be a yes or no."""
        if node.is_string:
            return f"“{self.words.code(self.fact, node.name)}”"
        return self.words.code(self.fact, node.name) if self.fact.startswith("$") else node.name


def _is_test(node: exp.Expr) -> bool:
    """Whether the node compares anything."""
    return node.find(*_TESTS) is not None
