"""One benefit on one day: its texts with that day's parameters, and what of it was not checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from policies.catalogue.benefit import Benefit
from policies.catalogue.model import KEYS, Catalogue
from policies.engine import sql


@dataclass(frozen=True)
class RuleOnDay:
    """One benefit on one day, its texts compiled."""

    cat: Catalogue
    benefit: Benefit
    as_of: date

    def text(self, rule: str) -> str:
        """A text of the rule with the day's parameters put in."""
        return sql.with_parameters(self.cat, rule, self.as_of, self.benefit.entity)

    def expr(self, rule: str) -> pl.Expr:
        """The same, compiled."""
        return sql.compiled(self.text(rule))

    def facts(self, rule: str) -> list[str]:
        """The facts it reads, those by which a parameter differs included."""
        return [name for name in sql.columns_in(self.text(rule)) if name not in KEYS]

    @property
    def amount_sql(self) -> str:
        """The sum; nothing for a service."""
        return self.benefit.amount_sql or self.benefit.amount_once_sql or "0"

    def unverified_zh(self) -> list[str]:
        """What of the rule has not been checked against its source, in Chinese; empty when all has.

        The text of the rule, its tests and the parameters they and the sum use; a parameter without a value
        on the day too. An unverified exclusion does not count: who is not excluded is eligible without it.
        """
        tests = [c for c in self.benefit.who if not (c.is_exclusion and c.status == "unverified")]
        found = ["条款原文"] if self.benefit.status != "verified" else []
        found += [f"“{c.zh}”" for c in tests if c.status != "verified"]
        texts = [*(c.sql for c in tests), self.amount_sql]
        for name in dict.fromkeys(n for text in texts for n in sql.parameters_in(text)):
            value = self.cat.parameter(name).at(self.as_of)
            if value is None or value.status != "verified":
                found.append(self.cat.parameter(name).zh)
        return found
