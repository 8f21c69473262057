"""The facts that a rule reads, wherever it names them: tests, amounts, sentences, what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.catalogue.benefit import Benefit
from policies.catalogue.model import KEYS, Catalogue, Rule
from policies.catalogue.rule_texts import rule_texts
from policies.engine import sentences
from policies.engine.behind import columns_behind
from policies.values.names import meaning_of
from policies.values.options import options


def rule_facts(cat: Catalogue, rule: Rule, as_of: date) -> list[str]:
    """Names of the facts of its entity, no keys.

    With those by which a parameter differs on the day, and those behind a derived fact, which are asked for
    where it is unknown.
    """
    named = [name for name in dict.fromkeys(_named(cat, rule, as_of)) if name not in KEYS]
    behind = (each for name in named for each in columns_behind(cat, rule.entity, name, as_of))
    return list(dict.fromkeys((*named, *behind)))


def _named(cat: Catalogue, rule: Rule, as_of: date) -> Iterator[str]:
    parameters: list[str] = []
    for text in rule_texts(rule):
        term = meaning_of(cat, text.sql, rule.entity)
        yield from term.facts()
        parameters += term.parameters()
    for _, template in sentences.templates(rule):
        yield from sentences.facts_in(template)
        parameters += sentences.parameters_in(template)
    for name in parameters:
        yield from options(cat, name, as_of, rule.entity).all_columns
    if isinstance(rule, Benefit):
        yield from (name for condition in rule.who for name in condition.missing)
    else:
        yield from (*rule.missing, *([rule.fact_date] if rule.fact_date else []))
