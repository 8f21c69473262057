"""Random terms of one kind: every word of the language, to a given depth."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.generative.rule_language.vocabulary import NEVER, Scope, constant
from tests.spec.evaluator.terms import Term, fact, literal

DEFINED = re.compile(r"c\d+|(household_)?hc\d+")  # as cases.py names definitions
ORDERED = ("number", "date")
KIND_NAMES = ("number", "boolean", "text", "date")
HOUSEHOLD_KINDS = (None, "hukou", "assistance", "dwelling")


def term(draw: Random, kind: str, scope: Scope, depth: int, *, may_be_leaf: bool = True) -> Term:
    """A random term of that kind, at most so deep."""
    if depth <= 0 or (may_be_leaf and draw.randint(0, 5) == 0):
        return leaf(draw, kind, scope)
    return _Drawing(draw, scope, depth - 1).word(kind)


def leaf(draw: Random, kind: str, scope: Scope) -> Term:
    """A fact, mostly; a parameter; a constant; now and then NULL or the day asked for."""
    ways = (
        ["fact"] * 4
        + ["parameter"] * 3 * bool(scope.parameters.get(kind))
        + ["literal"] * 2
        + ["rare"] * (draw.random() < 0.2)
    )
    way = draw.choice(ways)
    if way == "fact":
        names = scope.facts[kind]
        defined = [name for name in names if DEFINED.fullmatch(name)]
        return fact(draw.choice(defined if defined and draw.random() < 0.4 else names))
    if way == "parameter":
        return Term("parameter", (), draw.choice(scope.parameters[kind]))
    if way == "rare":
        return Term("AS_OF") if kind == "date" else literal(None)
    return literal(constant(draw, kind))


class _Drawing:
    """One node's words; what is under it is one step less deep."""

    def __init__(self, draw: Random, scope: Scope, depth: int) -> None:
        self.draw, self.scope, self.depth = draw, scope, depth

    def word(self, kind: str) -> Term:
        """A word that gives that kind."""
        ways: list[Callable[[], Term]] = [lambda: self.case(kind)]
        ways += {
            "number": [*[self.arithmetic] * 4, self.of_several, self.rounding, self.of_dates],
            "boolean": [*[self.joined] * 3, *[self.compared] * 4, self.at_least],
            "date": [self.months_later],
            "text": [],
        }[kind]
        if kind in ORDERED:
            ways += [lambda: self.extreme_member(kind)] * bool(self.scope.members)
        if self.scope.members and kind in ("number", "boolean"):
            ways += [self.over_members if kind == "number" else self.members_test] * 2
        if not self.scope.monotone:
            ways += [lambda: self.if_unknown(kind)]
            ways += {"boolean": [self.never], "number": [self.count_known]}.get(kind, [])
        return self.draw.choice(ways)()

    def part(self, kind: str) -> Term:
        """A term under this one."""
        return term(self.draw, kind, self.scope, self.depth)

    def parts(self, kind: str, least: int, most: int) -> tuple[Term, ...]:
        """Several of one kind."""
        return tuple(self.part(kind) for _ in range(self.draw.randint(least, most)))

    def one_of(self, *words: str) -> str:
        """One of several words."""
        return str(self.draw.choice(words))

    def case(self, kind: str) -> Term:
        """CASE with one or two tests, with or without ELSE."""
        pairs = [(self.part("boolean"), self.part(kind)) for _ in range(self.draw.randint(1, 2))]
        ending = (self.part(kind),) if self.draw.randint(0, 3) else ()
        return Term("CASE", (*(one for pair in pairs for one in pair), *ending))

    def arithmetic(self) -> Term:
        """+ - * / and the sign."""
        word = self.one_of("+", "-", "*", "/", "negative", "ABS")
        if word in ("negative", "ABS"):
            return Term(word, (self.part("number"),))
        return Term(word, (self.part("number"), self.part("number")))

    def of_several(self) -> Term:
        """The largest, the smallest, how many hold."""
        word = self.one_of("GREATEST", "LEAST", "COUNT_TRUE")
        return Term(word, self.parts("boolean" if word == "COUNT_TRUE" else "number", 2, 3))

    def rounding(self) -> Term:
        """To a whole multiple of a unit."""
        word = self.one_of("ROUND_UP", "ROUND_DOWN", "ROUND_HALF")
        return Term(word, (self.part("number"), self.part("number")))

    def of_dates(self) -> Term:
        """What lies between two days, or a part of one."""
        word = self.one_of(
            *("YEARS_BETWEEN", "MONTHS_BETWEEN", "DAYS_BETWEEN"),
            *("YEAR_OF", "MONTH_OF", "DAY_OF", "DAYS_IN_MONTH"),
        )
        return Term(word, tuple(self.part("date") for _ in range(2 if word.endswith("BETWEEN") else 1)))

    def months_later(self) -> Term:
        """ADD_MONTHS."""
        return Term("ADD_MONTHS", (self.part("date"), self.part("number")))

    def joined(self) -> Term:
        """AND, OR, NOT."""
        word = self.one_of("AND", "OR", "NOT")
        return Term(word, tuple(self.part("boolean") for _ in range(1 if word == "NOT" else 2)))

    def compared(self) -> Term:
        """Two values side by side, one between two, one among several."""
        word = self.one_of("=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", "NOT IN")
        if word in ("=", "<>", "IN", "NOT IN"):
            kind = self.one_of(*KIND_NAMES)
            return Term(
                word, (*(self.side(kind) for _ in range(self.draw.randint(2, 4) if "IN" in word else 2)),)
            )
        kind = self.one_of(*ORDERED)
        return Term(word, tuple(self.side(kind) for _ in range(3 if word == "BETWEEN" else 2)))

    def side(self, kind: str) -> Term:
        """What is compared: never a bare NULL, with which nothing could ever be equal; it is refused."""
        found = self.part(kind)
        return found if found != literal(None) else fact(self.scope.facts[kind][0])

    def at_least(self) -> Term:
        """AT_LEAST."""
        needed = literal(self.draw.randint(0, 3))
        return Term("AT_LEAST", (needed, *self.parts("boolean", 2, 3)))

    def if_unknown(self, kind: str) -> Term:
        """IF_UNKNOWN."""
        return Term("IF_UNKNOWN", (self.part(kind), self.part(kind)), "没有登记的视为没有")

    def never(self) -> Term:
        """NEVER, of a fact of which the dictionary says what its being empty means."""
        return Term("NEVER", (fact(next(n for entity, n in NEVER if entity == self.scope.entity)),))

    def count_known(self) -> Term:
        """COUNT_KNOWN."""
        return Term("COUNT_KNOWN", self.parts("boolean", 2, 3))

    def member(self, kind: str) -> Term:
        """A term over one member; a bare NULL has no kind, and is refused as a value."""
        assert self.scope.members
        found = term(self.draw, kind, self.scope.members, min(self.depth, 2))
        return found if found != literal(None) else fact(self.scope.members.facts[kind][0])

    def kind_of_household(self) -> str | None:
        """In a household's formula its own kind only."""
        kinds = HOUSEHOLD_KINDS if self.scope.entity == "person" else (None, "hukou")
        return self.draw.choice(kinds)

    def members_test(self) -> Term:
        """ANY_MEMBER, ALL_MEMBERS."""
        word = self.one_of("ANY_MEMBER", "ALL_MEMBERS")
        return Term(word, (self.member("boolean"),), self.kind_of_household())

    def over_members(self) -> Term:
        """COUNT_MEMBERS, SUM_MEMBERS, and RANK_MEMBER in a person's formula."""
        rank = ["RANK_MEMBER"] if self.scope.entity == "person" else []
        word = self.one_of("COUNT_MEMBERS", "SUM_MEMBERS", *rank)
        values = () if word == "COUNT_MEMBERS" else (self.member("number"),)
        return Term(word, (*values, self.member("boolean")), self.kind_of_household())

    def extreme_member(self, kind: str) -> Term:
        """SMALLEST_MEMBER, LARGEST_MEMBER."""
        word = self.one_of("SMALLEST_MEMBER", "LARGEST_MEMBER")
        return Term(word, (self.member(kind), self.member("boolean")), self.kind_of_household())
