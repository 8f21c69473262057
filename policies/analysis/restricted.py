"""What rests on restricted sources: facts, signals and benefits that analysts get nothing of.

    restricted(cat, contracts) -> Restricted(extracts, facts, signals, benefits)

A contract whose access is not `shared` restricts every fact that names its extract among its sources, every
fact it declares, and every derived fact whose formula names one of these, whatever sources it states; a fact
restricts every rule that names it in whatever place: a condition, a sum, what is received, a level, a
sentence, a fact that may be missing, or a parameter whose value differs by it. One version of a rule
suffices: its id is restricted for every date. Nothing here knows a source, fact or rule by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data_contracts.contract.model import Contract
from policies.catalogue.benefit import Benefit
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.rule_texts import rule_texts
from policies.engine.sentences import facts_in
from policies.language.parsing import parsed
from policies.values.names import facts_named, meaning_of


@dataclass(frozen=True)
class Restricted:
    """Names of what is restricted; facts as (entity, name)."""

    extracts: frozenset[str]
    facts: frozenset[tuple[str, str]]
    signals: frozenset[str]
    benefits: frozenset[str]


def restricted(cat: Catalogue, contracts: Iterable[Contract]) -> Restricted:
    """What of the catalogue rests on those of the contracts that are not shared."""
    extracts = frozenset(c.extract for c in contracts if c.is_restricted)
    facts = _with_derived(cat, {(f.entity, f.name) for f in cat.facts.values() if extracts & _sources(f)})
    tainted = [rule for rule in cat.rules if facts & set(_facts(cat, rule))]
    return Restricted(
        extracts,
        facts,
        signals=frozenset(rule.id for rule in tainted if not isinstance(rule, Benefit)),
        benefits=frozenset(rule.id for rule in tainted if isinstance(rule, Benefit)),
    )


def _with_derived(cat: Catalogue, facts: set[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The facts and those that are derived from them, over as many steps as there are."""
    named = {
        (one.entity, one.name): {
            (fact.entity, fact.name)
            for formula in one.formulas
            for fact in facts_named(cat, meaning_of(cat, formula, one.entity), one.entity)
        }
        for one in cat.definitions.values()
    }
    while found := {key for key, inputs in named.items() if key not in facts and inputs & facts}:
        facts |= found
    return frozenset(facts)


def _sources(fact: Fact) -> set[str]:
    """The extracts a fact is computed from; a source may name a column behind a dot."""
    return {source.partition(".")[0] for source in fact.sources}


def _facts(cat: Catalogue, rule: Rule) -> Iterator[tuple[str, str]]:
    """Every fact that the rule names, anywhere."""
    known = cat.facts_of(rule.entity)
    for name in _names(cat, rule):
        if name in known:
            yield known[name].entity, known[name].name
    for text in rule_texts(rule):
        for fact in facts_named(cat, meaning_of(cat, text.sql, rule.entity), rule.entity):
            yield fact.entity, fact.name


def _names(cat: Catalogue, rule: Rule) -> Iterator[str]:
    for text in rule_texts(rule):
        for parameter in parsed(text.sql).parameters:
            yield from _case_facts(cat, parameter)
    if isinstance(rule, Benefit):
        yield from (name for condition in rule.who for name in condition.missing)
        return
    yield from rule.missing
    if rule.fact_date:
        yield rule.fact_date
    for sentence in rule.sentence:
        yield from facts_in(sentence.zh)


def _case_facts(cat: Catalogue, name: str) -> Iterator[str]:
    """The facts by which a parameter's value differs, here or in a home's own values."""
    if name not in cat.parameters:
        return
    parameter = cat.parameters[name]
    for entry in (*parameter.values, *parameter.local, *cat.own.of(name)):
        yield from entry.key_facts
