"""One rule against the catalogue: names that exist, SQL that computes what it should, purposes, examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data_contracts.loading.declared_facts import DeclaredFact
from policies.catalogue.benefit import Benefit
from policies.catalogue.fact import Fact
from policies.catalogue.model import KEYS, Catalogue, Rule
from policies.catalogue.rule_texts import RuleText, rule_file, rule_texts
from policies.catalogue.signal import Signal
from policies.engine import sentences
from policies.language.kinds import KIND_EN
from policies.language.mistakes import Mistake, nearest
from policies.language.parsing import parsed
from policies.lint.expressions import loose_numbers, misplaced
from policies.lint.facts import purposes_of
from policies.lint.places import problem_of
from policies.values.names import facts_named, text_meaning
from zhaoren.yaml_lines import Place, Problem


def rule_problems(cat: Catalogue, rule: Rule) -> Iterator[Problem]:
    """All problems of one rule: its SQL, its sentences, the facts it names elsewhere, its examples."""
    check = _Check(cat, rule)
    for text in rule_texts(rule):
        yield from check.text(text)
    for key, template in sentences.templates(rule):
        yield from check.sentence(key, template)
    if isinstance(rule, Benefit):
        yield from check.excludes(rule)
    yield from check.named_facts()
    yield from check.examples()


@dataclass(frozen=True)
class _Check:
    """One rule and the catalogue it was read with."""

    cat: Catalogue
    rule: Rule

    @property
    def facts(self) -> dict[str, Fact]:
        """What the rule may name."""
        return self.cat.facts_of(self.rule.entity)

    def problem(self, what: str, key: Place, todo: str = "") -> Problem:
        """A problem at a key of the rule's file."""
        return rule_file(self.cat, self.rule).problem(what, *key, todo=todo)

    def text(self, text: RuleText) -> Iterator[Problem]:
        """One SQL text: that it parses, holds only what a rule may, and computes what its key needs."""
        file = rule_file(self.cat, self.rule)
        try:
            term = text_meaning(self.cat, text.sql, self.rule.entity)
        except Mistake as mistake:
            yield problem_of(file, text.key, text.sql, mistake)
            return
        for found in (*loose_numbers(parsed(text.sql)), *misplaced(term, text)):
            yield problem_of(file, text.key, text.sql, found)
        wanted = "boolean" if text.gives == "boolean" else "number"
        # a rule that is NULL for want of a parameter is unknown on that day, and no mistake
        if term.kind.name not in (wanted, "any"):
            what = f"the rule gives {KIND_EN[term.kind.name]}, where {KIND_EN[wanted]} is needed"
            todo = (
                "compare it with something"
                if wanted == "boolean"
                else "write what is paid, not whether it is"
            )
            yield self.problem(what, text.key, todo)
        yield from self._purposes(text.key, list(facts_named(self.cat, term, self.rule.entity)))

    def _purposes(self, key: Place, facts: list[Fact]) -> Iterator[Problem]:
        """Law: what was shared for compliance only never reaches a rule that looks for people in need."""
        declared = {fact.name: fact for fact in self.cat.declared}
        is_compliance = isinstance(self.rule, Signal) and self.rule.queue == "compliance"
        needed = "compliance" if is_compliance else "discovery"
        for fact in facts:
            if needed not in purposes_of(fact):
                what = f"the fact '{fact.name}' may not be used for {needed}"
                yield self.problem(what, key, _shared_for(declared.get(fact.name)))

    def sentence(self, key: Place, template: str) -> Iterator[Problem]:
        """One sentence for people: it names facts and parameters that exist and may be used."""
        for name in sentences.unknown_names(self.cat, self.rule.entity, template):
            what = f"the sentence names '{name}', which is no fact or parameter"
            known = [*self.facts, *(f"${each}" for each in self.cat.parameters)]
            yield self.problem(what, key, _meant(name, known))
        shown = [self.facts[name] for name in sentences.facts_in(template) if name in self.facts]
        yield from self._purposes(key, shown)

    def excludes(self, benefit: Benefit) -> Iterator[Problem]:
        """What a benefit excludes is another benefit."""
        ids = {other.id for other in self.cat.benefits}
        for i, other in enumerate(benefit.excludes):
            if other not in ids or other == benefit.id:
                todo = _meant(other, ids - {benefit.id})
                yield self.problem(f"there is no other benefit '{other}' to exclude", ("excludes", i), todo)

    def named_facts(self) -> Iterator[Problem]:
        """The facts named outside SQL: those to ask for, and the day a signal is counted from."""
        facts, rule = self.facts, self.rule
        named: list[tuple[Place, str]] = []
        if isinstance(rule, Benefit):
            named += [(("who", i, "missing"), name) for i, c in enumerate(rule.who) for name in c.missing]
        else:
            named += [(("missing",), name) for name in rule.missing]
            if rule.fact_date:
                named.append((("fact_date",), rule.fact_date))
                if rule.fact_date in facts and facts[rule.fact_date].unit != "days":
                    yield self.problem("fact_date must be a fact counted in days", ("fact_date",))
        for key, name in named:
            if name not in facts:
                yield self.problem(
                    f"there is no fact '{name}' for a {rule.entity} rule", key, _meant(name, facts)
                )

    def examples(self) -> Iterator[Problem]:
        """The facts that worked examples give."""
        for i, example in enumerate(self.rule.examples):
            for entity, given in (("person", example.person), ("household", example.household)):
                for name in given:
                    if f"{entity}.{name}" not in self.cat.facts and name not in KEYS:
                        key = ("examples", i, entity, name)
                        known = [fact.name for fact in self.cat.facts.values() if fact.entity == entity]
                        yield self.problem(f"there is no {entity} fact '{name}'", key, _meant(name, known))


def _meant(name: str, known: Iterable[str]) -> str:
    near = nearest(name, sorted(known))
    return f"did you mean {near}?" if near else ""


def _shared_for(declared: DeclaredFact | None) -> str:
    """What to do about a fact shared for another purpose, and where a declared one is given its purposes."""
    if declared is None:
        return "take it out: its source was shared for another purpose"
    reads = f"{declared.extract}.{', '.join(declared.reads)}"
    purposes = " and ".join(declared.purposes) or "no purpose together"
    return f"take it out: {reads}, declared in {declared.file}:{declared.line}, are shared for {purposes}"
