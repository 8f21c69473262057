"""What is wrong with a rule's text: where, what, and what to write, in words for whoever owns the rule."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from sqlglot import exp

from zhaoren.errors import ZhaorenError
from zhaoren.names import short


class Mistake(ZhaorenError):
    """One mistake in one text; `start` and `end` are positions in it, the end excluded."""

    def __init__(
        self, what: str, start: int = 0, end: int = 0, todo: str = "", where: str = "a rule"
    ) -> None:
        super().__init__(what, where, "", todo or "correct the rule")
        self.start, self.end = start, max(end, start)

    def of(self, text: str) -> Mistake:
        """The same, showing the text it is in, for who does not know its file."""
        return Mistake(self.what, self.start, self.end, self.todo, short(text))


def span(node: exp.Expr) -> tuple[int, int]:
    """The part of the text that a node and all below it were read from, as far as the reader says."""
    marks = [part.meta for part in node.walk() if "start" in part.meta]
    if not marks:
        return 0, 0
    return min(mark["start"] for mark in marks), max(mark["end"] for mark in marks) + 1


def at(node: exp.Expr, what: str, todo: str = "") -> Mistake:
    """A mistake at a node."""
    return Mistake(what, *span(node), todo=todo)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like it; '' where none does."""
    known = list(known)
    lower = {each.lower(): each for each in known}
    if name.lower() in lower:
        return lower[name.lower()]
    found = get_close_matches(name, known, n=1, cutoff=0.65)
    if found:
        return found[0]
    # a name in Chinese is short: two letters in common are much, and a longer name that holds it is likely
    # meant
    return next((each for each in known if len(name) > 1 and (name in each or each in name)), "")
