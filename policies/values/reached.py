"""What rules rest on beyond their own texts: the definitions they lead to, and all their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from policies.catalogue.definition import Definition
from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.rule_texts import rule_texts
from policies.catalogue.shapes import Entity
from policies.language.terms import PARAMETER, Term
from policies.values.names import facts_named, meaning_of
from policies.values.options import options


def parameters_needed(cat: Catalogue, rule: Rule, as_of: date) -> list[str]:
    """Every parameter that a text of the rule names, or the formula of a definition it leads to that day."""
    key = ("parameters needed", rule.entity, rule.id, rule.valid_from, as_of)
    if key not in cat.computed:
        texts = [(text.sql, rule.entity) for text in rule_texts(rule)]
        found = ((definition, definition.at(as_of)) for definition in reached(cat, [rule], as_of))
        texts += [(version.formula, definition.entity) for definition, version in found if version]
        parts = (part for text, entity in texts for part in meaning_of(cat, text, entity).walk())
        cat.computed[key] = list(dict.fromkeys(part.name for part in parts if part.word == PARAMETER))
    names: list[str] = cat.computed[key]
    return names


def reached(cat: Catalogue, rules: Iterable[Rule], as_of: date) -> list[Definition]:
    """The definitions that the rules' texts rest on, through one another and through parameters' keys."""
    found: dict[str, Definition] = {}
    ahead = [(r.entity, meaning_of(cat, text.sql, r.entity)) for r in rules for text in rule_texts(r)]
    while ahead:
        entity, term = ahead.pop(0)
        for key in _named(cat, term, entity, as_of):
            definition = cat.definitions.get(key)
            if definition is not None and key not in found:
                found[key] = definition
                if version := definition.at(as_of):
                    formula = meaning_of(cat, version.formula, definition.entity)
                    ahead.append((definition.entity, formula))
    return list(found.values())


def _named(cat: Catalogue, term: Term, entity: Entity, as_of: date) -> Iterator[str]:
    """The keys of the facts that a term names, and of those by which its parameters differ."""
    yield from (f"{fact.entity}.{fact.name}" for fact in facts_named(cat, term, entity))
    parts: list[tuple[Entity, Term]] = [(entity, term)]
    parts += [("person", arg) for word in term.member_terms() for arg in word.args]
    for of, part in parts:
        known = cat.facts_of(of)
        for name in part.parameters():
            columns = options(cat, name, as_of, of).all_columns
            yield from (f"{known[c].entity}.{known[c].name}" for c in columns if c in known)
