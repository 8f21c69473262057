"""A rule's SQL read aloud in Chinese, for people who know no SQL.

    age_years >= $elder.allowance_age AND NOT is_living_alone
    周岁不低于「高龄津贴起始年龄」（80岁），并且并非独居

Every token has one reading, so nothing of a rule is left out. Whoever doubts it finds the SQL beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from zhaoren.errors import ZhaorenError

TOKEN = re.compile(
    r"\s*(?:(?P<phrase>IS\s+NOT\s+NULL|IS\s+NULL|NOT\s+IN|NOT\s+BETWEEN)\b|(?P<text>'[^']*')"
    r"|(?P<parameter>\$\w+\.\w+)|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<sign><=|>=|<>|[=<>+\-*(),]))",
    re.IGNORECASE,
)
SAID = {
    "IS NULL": "没有数据", "IS NOT NULL": "有数据", "IN": "属于", "NOT IN": "不属于",
    "BETWEEN": "介于", "NOT BETWEEN": "不介于", "NOT": "并非",
    "TRUE": "成立", "FALSE": "不成立", "NULL": "不详",
    "=": "为", "<>": "不是", "<": "低于", "<=": "不超过", ">": "超过", ">=": "不低于",
    "+": "＋", "-": "－", "*": "×",
}  # fmt: skip
FUNCTIONS = {"GREATEST": "取较大者", "LEAST": "取较小者"}
_TESTS = {"=", "<>", "<", "<=", ">", ">=", "IN", "NOT IN", "IS NULL", "IS NOT NULL", "BETWEEN", "NOT BETWEEN"}


@dataclass(frozen=True)
class Vocabulary:
    """How to say a fact, a parameter `group.name`, and a code of a fact or of a `$group.name`."""

    fact: Callable[[str], str]
    parameter: Callable[[str], str]
    code: Callable[[str, str], str]


def aloud(sql: str, words: Vocabulary) -> str:
    """The rule in Chinese. ZhaorenError when it holds something that has no reading."""
    said = _Reading(sql, words).clause()
    # A rule that is one choice needs no brackets around it.
    return said[1:-1] if said.startswith("［") and said.find("］") == len(said) - 1 else said


def _tokens(sql: str) -> Iterator[tuple[str, str]]:
    at = 0
    while sql[at:].strip():
        found = TOKEN.match(sql, at)
        if found is None or found.lastgroup is None:
            raise ZhaorenError("a rule cannot be read aloud", sql, f"at “{sql[at : at + 20].strip()}”")
        yield found.lastgroup, " ".join(found[found.lastgroup].split())
        at = found.end()


class _Reading:
    """Reads tokens from left to right; clauses nest in parentheses and in CASE."""

    def __init__(self, sql: str, words: Vocabulary) -> None:
        self.tokens, self.words, self.at = list(_tokens(sql)), words, 0
        self.fact, self.is_between = "", False

    def clause(self, *stops: str) -> str:
        """Up to a stop word at this level: what OR joins of what AND joins."""
        either: list[list[str]] = [[""]]
        while self.at < len(self.tokens) and self._word() not in stops:
            if self._word() == "OR":
                self.at += 1
                either.append([""])
            elif self._word() == "AND" and not self.is_between:
                self.at += 1
                either[-1].append("")
            else:
                either[-1][-1] += self._piece()
        # AND binds closer than OR: brackets say so where a reader could be misled.
        joined = ["，并且".join(parts) for parts in either]
        if len(joined) > 1:
            joined = [f"（{j}）" if len(parts) > 1 else j for j, parts in zip(joined, either, strict=True)]
        return "，或者".join(joined)

    def _word(self) -> str:
        kind, text = self.tokens[self.at]
        return text.upper() if kind in ("word", "phrase", "sign") else ""

    def _piece(self) -> str:
        kind, text = self.tokens[self.at]
        self.at += 1
        word = text.upper()
        if kind == "text":
            return f"“{self.words.code(self.fact, text[1:-1])}”"
        if kind == "parameter":
            self.fact = text
            return self.words.parameter(text[1:])
        if kind == "number":
            return self.words.code(self.fact, text) if self.fact.startswith("$") else text
        if word in ("CASE", "CAST", "COALESCE"):
            return {"CASE": self._choice, "CAST": self._counted, "COALESCE": self._or_else}[word]()
        if word == "(":
            return f"（{self._inside('，')}）"
        if word == "AND":  # of BETWEEN
            self.is_between = False
            return "至"
        if word in FUNCTIONS:
            self.at += 1  # its parenthesis
            return f"{FUNCTIONS[word]}（{self._inside('，')}）"
        return self._said(word) if word in SAID else self._named(text)

    def _said(self, word: str) -> str:
        self.is_between = self.is_between or word.endswith("BETWEEN")
        if word.endswith("IN"):
            self.at += 1
            return f"{SAID[word]}（{self._inside('、')}）"
        return SAID[word]

    def _named(self, text: str) -> str:
        self.fact = text
        return self.words.fact(text)

    def _counted(self) -> str:
        """CAST: a test counts as one when it holds; of a number only the kind of number changes."""
        self.at += 1
        start = self.at
        said = self.clause("AS")
        is_test = self._tests_in(start)
        self.at += 1
        self._inside("")
        return f"{said}的计1" if is_test else said

    def _or_else(self) -> str:
        self.at += 1
        return f"（{self._inside('，没有数据则取')}）"

    def _tests_in(self, start: int) -> bool:
        """Whether what was read since holds a test."""
        return any(text.upper() in _TESTS for _, text in self.tokens[start : self.at])

    def _inside(self, comma: str) -> str:
        """What stands in parentheses, the closing one included."""
        parts = [self.clause(",", ")")]
        while self._word() == ",":
            self.at += 1
            parts.append(self.clause(",", ")"))
        self.at += 1
        return comma.join(parts)

    def _choice(self) -> str:
        parts, subject, fact = [], "", ""
        if self._word() != "WHEN":  # CASE fact WHEN 'a' …
            subject = f"{self.clause('WHEN')}为"
            fact = self.fact
        while self._word() == "WHEN":
            self.at += 1
            self.fact = fact or self.fact
            when = f"{subject}{self.clause('THEN')}"
            parts.append(f"若{when}，则{self._outcome()}")
        if self._word() == "ELSE":
            parts.append(f"否则{self._outcome()}")
        self.at += 1
        return f"［{'；'.join(parts)}］"

    def _outcome(self) -> str:
        """What a choice leads to; a further test is announced, or it would sound like a result."""
        self.at += 1
        start = self.at
        said = self.clause("WHEN", "ELSE", "END")
        return f"要看是否{said}" if self._tests_in(start) and "［" not in said else said
