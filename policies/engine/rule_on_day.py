"""One rule on one day: its texts with that day's parameters, compiled, and the facts they read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import polars as pl

from policies.catalogue.model import KEYS, Catalogue, Rule
from policies.engine import sql
from policies.language.parsing import Expression, parsed

Kind = TypeVar("Kind", bound=Rule)


@dataclass(frozen=True)
class RuleOnDay(Generic[Kind]):
    """A benefit or a signal of a catalogue on one day."""

    cat: Catalogue
    rule: Kind
    as_of: date

    def text(self, text: str) -> str:
        """A text of the rule with the day's parameters put in."""
        return sql.with_parameters(self.cat, text, self.as_of, self.rule.entity)

    def expr(self, text: str) -> pl.Expr:
        """The same, compiled."""
        return sql.compiled(self.text(text))

    def columns(self, text: str) -> list[str]:
        """The columns it reads, those by which a parameter differs included."""
        return sql.columns_read(self.cat, text, self.as_of, self.rule.entity)

    def facts(self, text: str) -> list[str]:
        """The facts among these: all but the keys of the frame."""
        return [name for name in self.columns(text) if name not in KEYS]

    def is_costly(self, expression: Expression) -> bool:
        """Whether a test takes long: values by place or case, exact products."""
        differing = (
            sql.parameter_columns(self.cat, name, self.as_of, self.rule.entity)
            for name in expression.parameters
        )
        return expression.has_choice_or_product or any(differing)

    def unset_parameters(self, text: str) -> list[str]:
        """Parameters the text needs that have no value on the day for a place without one of its own."""
        return [n for n in parsed(text).parameters if self.cat.value_at(n, self.as_of) is None]

    def status(self, name: str) -> pl.Expr:
        """How far the row's value of a parameter is vouched for, as its index in STATUSES."""
        return pl.sql_expr(sql.status_text(self.cat, name, self.as_of, self.rule.entity)).cast(pl.Int8)

    def choice(self, name: str) -> pl.Expr:
        """Which of a parameter's `choices` is the row's, counted from 0."""
        return pl.sql_expr(sql.choice_text(self.cat, name, self.as_of, self.rule.entity)).cast(pl.Int64)

    def is_minimum(self, name: str) -> pl.Expr:
        """Whether the row's value of a parameter is a minimum that its place may exceed."""
        return pl.sql_expr(sql.minimum_text(self.cat, name, self.as_of, self.rule.entity)).cast(pl.Boolean)
