"""One rule on one day: its texts with their meaning, the facts they read, and that day's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import polars as pl

from policies.catalogue.model import Catalogue, Rule
from policies.engine.behind import lacking
from policies.language.polars_terms import to_polars
from policies.language.terms import Term, without_fallbacks
from policies.values.columns import minimum_of, status_of, term_columns
from policies.values.names import facts_read, meaning_of
from policies.values.options import Options, options

Kind = TypeVar("Kind", bound=Rule)
# What takes long to compute: choices, exact products, whatever is rounded.
_COSTLY = ("CASE", "*", "/", "ROUND_UP", "ROUND_DOWN", "ROUND_HALF")


@dataclass(frozen=True)
class RuleOnDay(Generic[Kind]):
    """A benefit or a signal of a catalogue on one day."""

    cat: Catalogue
    rule: Kind
    as_of: date

    def term(self, text: str) -> Term:
        """What a text of the rule means."""
        return meaning_of(self.cat, text, self.rule.entity)

    def expr(self, text: str) -> pl.Expr:
        """A text over a frame that holds the columns of the rule (RuleFrames.columns)."""
        return self.of(self.term(text))

    def of(self, term: Term) -> pl.Expr:
        """A term, or a part of one, over such a frame."""
        return to_polars(term, term_columns(self.cat, self.as_of, self.rule.entity))

    def facts(self, text: str) -> list[str]:
        """The facts a text reads, those by which a parameter differs included; keys of the frame are none."""
        return self._facts(self.term(text))

    def _facts(self, term: Term) -> list[str]:
        return facts_read(self.cat, term, self.rule.entity, self.as_of)

    def asked_last(self, text: str) -> dict[str, tuple[str, ...]]:
        """Facts that only stand before another's fallback in IF_UNKNOWN, with the facts that go before them.

        While one of those is missing, the other is not asked for: it alone would settle nothing for most.
        """
        found: dict[str, tuple[str, ...]] = {}
        for part in self.term(text).walk(into_members=False):
            if part.word == "IF_UNKNOWN":
                instead = self._facts(part.args[1])
                found |= {
                    name: tuple(instead) for name in part.args[0].facts() if instead and name not in instead
                }
        return found

    def lacking(self, name: str) -> dict[str, pl.Expr]:
        """What to ask for where a fact is unknown, and the rows that lack it (behind.lacking)."""
        return lacking(self.cat, self.rule.entity, name, self.as_of)

    def name_zh(self, name: str) -> str:
        """How a fact, or a parameter `$group.name` without a value, is called where it is missing."""
        if name.startswith("$"):
            return f"{self.cat.parameter(name[1:]).zh}（当期标准未录入）"
        return self.cat.facts_of(self.rule.entity)[name].short_zh

    def assumptions(self, text: str) -> list[tuple[str, pl.Expr]]:
        """What a text takes for the unknown: each reason, and the rows whose answer rests on it.

        It rests on it where it is known, and would not be if the fallback were left out.
        """
        whole = self.term(text)
        used = [part for part in whole.walk(into_members=False) if part.word == "IF_UNKNOWN"]
        if not used:
            return []
        rests = self.of(whole).is_not_null() & self.of(without_fallbacks(whole)).is_null()
        return [(part.name, rests & self.of(part.args[0]).is_null()) for part in used]

    def is_costly(self, term: Term) -> bool:
        """Whether a test takes long."""
        return any(part.word in _COSTLY for part in term.walk(into_members=False))

    def options(self, name: str) -> Options:
        """A parameter's options for the rule's entity."""
        return options(self.cat, name, self.as_of, self.rule.entity)

    def unset_parameters(self, text: str) -> list[str]:
        """Parameters the text needs that have no value on the day for a place without one of its own."""
        values = {name: self.cat.value_at(name, self.as_of) for name in self.term(text).parameters()}
        return [name for name, value in values.items() if value is None or value.is_unknown]

    def status(self, name: str) -> pl.Expr:
        """How far the row's value of a parameter is vouched for, as its index in STATUSES."""
        return status_of(self.options(name), name)

    def is_minimum(self, name: str) -> pl.Expr:
        """Whether the row's value of a parameter is a minimum that its place may exceed."""
        return minimum_of(self.options(name), name)
