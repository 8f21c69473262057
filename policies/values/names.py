"""What a rule's text may name in a catalogue, and the text's meaning there.

meaning_of(cat, "income_yuan_month < $dibao.standard_yuan_month", "household") -> Term
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.fact import Fact
from policies.catalogue.model import HOUSEHOLD, KEYS, Catalogue
from policies.catalogue.shapes import Entity
from policies.language.advice import Names
from policies.language.kinds import EXACT, OF_FACT, TEXT, Kind
from policies.language.meaning import meaning
from policies.language.mistakes import Mistake, nearest
from policies.language.parsing import parsed
from policies.language.polars_terms import dtype
from policies.language.terms import Term
from policies.values.options import options, parameter_kind


def kind_of_fact(cat: Catalogue, fact: Fact) -> Kind:
    """What a fact is in a formula; what a definition reckons keeps its decimals: amounts are rounded once."""
    is_reckoned = f"{fact.entity}.{fact.name}" in cat.definitions
    return EXACT if is_reckoned and fact.type in ("number", "yuan") else OF_FACT[fact.type]


def column_type(cat: Catalogue, fact: Fact) -> pl.DataType:
    """The column type of a fact where formulas are worked out."""
    kind = kind_of_fact(cat, fact)
    return dtype(kind) if kind == EXACT else DTYPES[fact.type]


@dataclass(frozen=True)
class CatalogueNames:
    """The names that a person's or a household's rule may use."""

    cat: Catalogue
    entity: Entity
    is_inside: bool = False  # a member word

    def fact(self, name: str) -> Kind | None:
        """See Names."""
        if name in KEYS:
            return TEXT
        found = self.cat.facts_of(self.entity).get(name)
        return kind_of_fact(self.cat, found) if found else None

    def parameter(self, name: str) -> Kind | None:
        """See Names."""
        return parameter_kind(self.cat, name)

    def known_by(self, name: str) -> str | None:
        """See Names; a household's fact in a person's rule is known by the household's."""
        fact = self.cat.facts_of(self.entity)[name]
        if fact.never is None:
            return None
        borrowed = self.entity == "person" and fact.entity == "household"
        return f"{HOUSEHOLD}{fact.never.known_by}" if borrowed else fact.never.known_by

    def members(self) -> Names | None:
        """See Names."""
        return None if self.is_inside else CatalogueNames(self.cat, "person", is_inside=True)

    def may_rank(self) -> bool:
        """See Names."""
        return self.entity == "person" and not self.is_inside

    def elsewhere(self, name: str) -> str:
        """See Names."""
        is_a_person_s = self.entity == "household" and f"person.{name}" in self.cat.facts
        return (
            f"it is a person's fact: ask the members, such as ANY_MEMBER({name} …)" if is_a_person_s else ""
        )

    def spelled_like(self, name: str) -> str:
        """See Names; who writes the Chinese name of a fact is told what it is called here."""
        if name.startswith("$"):
            found = nearest(name[1:], self.cat.parameters) or self._without_group(name[1:])
            return f"${found}" if found else ""
        facts = self.cat.facts_of(self.entity)
        zh = {fact.zh: called for called, fact in facts.items()}
        called = nearest(name, [*facts, *KEYS])
        return called or zh.get(nearest(name, zh), "")

    def _without_group(self, name: str) -> str:
        """The parameter that is called so in Chinese."""
        zh = {parameter.zh: called for called, parameter in self.cat.parameters.items()}
        return zh.get(nearest(name, zh), "")


def meaning_of(cat: Catalogue, text: str, entity: Entity) -> Term:
    """The meaning of a text in a rule of the entity. ZhaorenError with what to write where it has none."""
    try:
        return text_meaning(cat, text, entity)
    except Mistake as mistake:
        raise mistake.of(text) from None


def text_meaning(cat: Catalogue, text: str, entity: Entity) -> Term:
    """The same, for who knows where in a file the text stands: raises Mistake."""
    key = ("meaning", entity, text)
    if key not in cat.computed:
        cat.computed[key] = meaning(parsed(text), CatalogueNames(cat, entity))
    found: Term = cat.computed[key]
    return found


def facts_read(cat: Catalogue, term: Term, entity: Entity, as_of: date) -> list[str]:
    """The facts whose columns a term reads, no keys; with those by which its parameters differ on the day."""
    differing = (
        column for name in term.parameters() for column in options(cat, name, as_of, entity).all_columns
    )
    return [name for name in dict.fromkeys((*term.facts(), *differing)) if name not in KEYS]


def facts_named(cat: Catalogue, term: Term, entity: Entity) -> Iterator[Fact]:
    """Every fact that a term rests on by name, its household's members' included; keys are none."""
    own = cat.facts_of(entity)
    yield from (own[name] for name in term.facts() if name in own)
    for word in term.member_terms():
        for part in word.args:
            yield from facts_named(cat, part, "person")
