"""Checks across the policy files: names that exist, dates that do not overlap, purposes, rule types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import yaml

from data_contracts.loading.declared_facts import EXTRACTS, DeclaredFact
from policies.catalogue.benefit import Benefit
from policies.catalogue.fact import Fact
from policies.catalogue.model import KEYS, Catalogue
from policies.catalogue.rule_texts import DTYPES, Rule, rule_file, rule_texts
from policies.catalogue.signal import Signal
from policies.catalogue.yaml_source import Key, Problem, YamlFile
from policies.engine import sentences, sql
from policies.lint.dates import date_problems
from zhaoren.errors import ZhaorenError


def check_catalogue(cat: Catalogue) -> list[Problem]:
    """All problems that only show when the files are read together."""
    problems = [*_fact_sources(cat), *_conditions(cat), *date_problems(cat)]
    rules: tuple[Rule, ...] = (*cat.benefits, *cat.signals)
    for rule in rules:
        problems += _rule(cat, rule)
    return problems


def purposes_of(fact: Fact, folder: Path = EXTRACTS) -> set[str]:
    """What a fact may be used for: its own purposes, cut by those of any column it names as source."""
    allowed: set[str] = set(fact.purposes)
    for source in fact.sources:
        extract, _, column = source.partition(".")
        if column:
            allowed &= _column_purposes(folder, extract, column)
    return allowed


def _column_purposes(folder: Path, extract: str, column: str) -> set[str]:
    for path in sorted(folder.glob(f"*/{extract}.yaml")):
        contract = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for prop in contract["schema"][0]["properties"]:
            if prop["name"] == column:
                custom = {c["property"]: c["value"] for c in prop.get("customProperties", ())}
                return set(custom.get("purposes", ()))
    return set()


def _fact_sources(cat: Catalogue) -> Iterator[Problem]:
    known = {path.stem for path in EXTRACTS.glob("*/*.yaml")}
    file = cat.files["facts.yaml"]
    declared = {f"{fact.entity}.{fact.name}" for fact in cat.declared}
    for i, fact in enumerate(fact for name, fact in cat.facts.items() if name not in declared):
        for source in fact.sources:
            extract, _, column = source.partition(".")
            if extract not in known:
                yield file.problem(
                    f"the fact '{fact.name}' names an extract '{extract}' without a contract",
                    "facts",
                    i,
                    "sources",
                )
            elif column and not _column_purposes(EXTRACTS, extract, column):
                yield file.problem(
                    f"the contract of '{extract}' has no column '{column}'", "facts", i, "sources"
                )


def _conditions(cat: Catalogue) -> Iterator[Problem]:
    """A declared fact's `where` says which rows count, in the words both engines know; amounts are rules."""
    for fact in cat.declared:
        text = fact.where or ""
        for word in sql.refused_words(text):
            yield Problem(fact.file, fact.line, f"{fact.name}: a condition may not use '{word}'")
        for number in sql.loose_numbers(text):
            what = f"{fact.name}: the number {number} has no date and no source here"
            yield Problem(fact.file, fact.line, what, "compare in the rule, with a parameter")


def _rule(cat: Catalogue, rule: Rule) -> Iterator[Problem]:
    file = rule_file(cat, rule)
    for key, text, kind in rule_texts(rule):
        yield from _text(cat, rule, file, key, text, kind)
    for key, template in sentences.templates(rule):
        for name in sentences.unknown_names(cat, rule.entity, template):
            yield file.problem(f"the sentence names '{name}', which is no fact or parameter", *key)
        known = cat.facts_of(rule.entity)
        shown = [known[name] for name in sentences.facts_in(template) if name in known]
        yield from _purposes(cat, rule, file, key, shown)
    yield from _named_facts(cat, rule, file)


def _text(cat: Catalogue, rule: Rule, file: YamlFile, key: Key, text: str, kind: str) -> Iterator[Problem]:
    for name in sql.parameters_in(text):
        if name not in cat.parameters:
            yield file.problem(f"there is no parameter ${name}", *key, todo="add it under parameters/")
            return
    for word in sql.refused_words(text):
        yield file.problem(
            f"a rule may not use '{word}'", *key, todo="see 'Writing a rule' in policies/README.md"
        )
    for number in sql.loose_numbers(text):
        yield file.problem(
            f"the number {number} belongs in a parameter", *key, todo="add it under parameters/"
        )
    try:
        names = sql.columns_in(text)
    except ZhaorenError as error:
        yield file.problem(f"{error.what}: {error.why}", *key)
        return
    known = cat.facts_of(rule.entity)
    unknown = [name for name in names if name not in known and name not in KEYS]
    for name in unknown:
        yield file.problem(
            f"there is no fact '{name}' for a {rule.entity} rule", *key, todo=_hint(name, known)
        )
    if not unknown:
        yield from _type(cat, rule, file, key, text, kind)
    yield from _purposes(cat, rule, file, key, [known[name] for name in names if name in known])


def _type(cat: Catalogue, rule: Rule, file: YamlFile, key: Key, text: str, kind: str) -> Iterator[Problem]:
    expression = sql.compiled(sql.with_parameters(cat, text, rule.valid_from, rule.entity))
    known = cat.facts_of(rule.entity)
    types = {n: DTYPES[known[n].type] if n in known else pl.String() for n in expression.meta.root_names()}
    empty = pl.DataFrame(schema=types)
    try:
        found = empty.select(expression.alias("x")).schema["x"]
    except pl.exceptions.PolarsError as error:
        yield file.problem(f"the rule cannot be computed: {str(error).splitlines()[0]}", *key)
        return
    right = found == pl.Boolean if kind == "boolean" else found.is_numeric()
    if not right and found != pl.Null:
        yield file.problem(f"the rule gives {found}, where a {kind} is needed", *key)


def _purposes(cat: Catalogue, rule: Rule, file: YamlFile, key: Key, facts: list[Fact]) -> Iterator[Problem]:
    """Law: what was shared for compliance only never reaches a rule that looks for people in need."""
    brought = {fact.name: fact for fact in cat.declared}
    needed = "compliance" if isinstance(rule, Signal) and rule.queue == "compliance" else "discovery"
    for fact in facts:
        if needed not in purposes_of(fact):
            yield file.problem(
                f"the fact '{fact.name}' may not be used for {needed}",
                *key,
                todo=_shared_for(brought.get(fact.name)),
            )


def _shared_for(brought: DeclaredFact | None) -> str:
    """What to do about a fact shared for another purpose, and where the purposes of a declared one stand."""
    if brought is None:
        return "take it out: its source was shared for another purpose"
    reads = f"{brought.extract}.{', '.join(brought.reads)}"
    purposes = " and ".join(brought.purposes) or "no purpose together"
    return f"take it out: {reads}, declared in {brought.file}:{brought.line}, are shared for {purposes}"


def _named_facts(cat: Catalogue, rule: Rule, file: YamlFile) -> Iterator[Problem]:
    if isinstance(rule, Benefit):
        ids = {benefit.id for benefit in cat.benefits}
        for i, other in enumerate(rule.excludes):
            if other not in ids or other == rule.id:
                yield file.problem(f"there is no other benefit '{other}' to exclude", "excludes", i)
    known = cat.facts_of(rule.entity)
    named: list[tuple[Key, str]] = []
    if isinstance(rule, Signal):
        named += [(("missing",), name) for name in rule.missing]
        if rule.fact_date:
            named.append((("fact_date",), rule.fact_date))
            if rule.fact_date in known and known[rule.fact_date].unit != "days":
                yield file.problem("fact_date must be a fact counted in days", "fact_date")
    else:
        named += [(("who", i, "missing"), name) for i, c in enumerate(rule.who) for name in c.missing]
    for key, name in named:
        if name not in known:
            yield file.problem(f"there is no fact '{name}' for a {rule.entity} rule", *key)
    for i, example in enumerate(rule.examples):
        for part, entity in (("person", "person"), ("household", "household")):
            yield from _example_facts(cat, file, i, part, entity, getattr(example, part))


def _example_facts(
    cat: Catalogue, file: YamlFile, i: int, part: str, entity: str, facts: dict
) -> Iterator[Problem]:
    for name in facts:
        if f"{entity}.{name}" not in cat.facts and name not in KEYS:
            yield file.problem(f"there is no {entity} fact '{name}'", "examples", i, part, name)


def _hint(name: str, known: dict[str, Fact]) -> str:
    if f"household_{name}" in known:
        return f"in a person rule it is called household_{name}"
    return "facts.yaml lists every fact"
