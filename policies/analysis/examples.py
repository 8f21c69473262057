"""Worked examples: every rule carries cases a policy person can read; this runs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.benefit import Benefit, BenefitExample
from policies.catalogue.fact import Fact
from policies.catalogue.model import KEYS, Catalogue
from policies.catalogue.signal import Signal, SignalExample
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals

Rule = Benefit | Signal
Example = BenefitExample | SignalExample


@dataclass(frozen=True)
class ExampleResult:
    """One example's outcome; `faults` says what differed, in words, and is empty when it holds."""

    rule_id: str
    name: str
    faults: tuple[str, ...]


def run_examples(cat: Catalogue) -> list[ExampleResult]:
    """All worked examples of the catalogue, in file order."""
    rules: tuple[Rule, ...] = (*cat.benefits, *cat.signals)
    return [result for rule in rules for result in run_rule(cat, rule)]


def all_examples(cat: Catalogue) -> Iterator[tuple[Rule, Example]]:
    """Each rule with each of its examples."""
    rules: tuple[Rule, ...] = (*cat.benefits, *cat.signals)
    for rule in rules:
        for example in rule.examples:
            yield rule, example


def run_rule(cat: Catalogue, rule: Rule) -> list[ExampleResult]:
    """One rule on its examples, in their order; those of one date are asked together."""
    examples: tuple[Example, ...] = rule.examples
    answers: dict[int, dict] = {}
    for day in {example.as_of for example in examples}:
        answers |= _answers(cat, rule, {i: e for i, e in enumerate(examples) if e.as_of == day}, day)
    return [
        ExampleResult(rule.id, example.name, tuple(_differences(example, answers[i])))
        for i, example in enumerate(examples)
    ]


def run_example(cat: Catalogue, rule: Rule, example: Example) -> ExampleResult:
    """Evaluate one rule on one example's single person and household."""
    found = _answers(cat, rule, {0: example}, example.as_of)[0]
    return ExampleResult(rule.id, example.name, tuple(_differences(example, found)))


def _answers(cat: Catalogue, rule: Rule, asked: Mapping[int, Example], day: date) -> dict[int, dict]:
    """What the rule answers for each example of one date, by its number."""
    frames = [_numbered(*example_frames(cat, rule, example), i) for i, example in asked.items()]
    persons, households = pl.concat([p for p, _ in frames]), pl.concat([h for _, h in frames])
    if isinstance(rule, Benefit):
        rows = evaluate_benefits(replace(cat, benefits=(rule,), signals=()), persons, households, day)
    else:
        only = replace(cat, benefits=(), signals=(rule,))
        rows = evaluate_signals(only, persons, households, day, unknown_of=(rule.entity,))
    key = "person_id" if rule.entity == "person" else "household_id"
    found = {row[key]: row for row in rows.iter_rows(named=True)}
    said = _benefit_answer if isinstance(rule, Benefit) else _signal_answer
    return {i: said(found.get(_id(i))) for i in asked}


def _numbered(persons: pl.DataFrame, households: pl.DataFrame, i: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames of one example under ids of its own."""
    own = pl.lit(_id(i))
    return persons.with_columns(person_id=own, household_id=own), households.with_columns(household_id=own)


def _id(i: int) -> str:
    return f"e{i}"


def example_frames(cat: Catalogue, rule: Rule, example: Example) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The example's facts as one-row frames; facts it does not name are null."""
    person = {**rule.examples_base.person, **example.person}
    household = {**rule.examples_base.household, **example.household}
    keys = {"person_id": "p1", "household_id": "h1", "town_code": "440000000", "village_code": "440000000000"}
    home = {name: keys[name] for name in KEYS if name != "person_id"}
    return _frame(keys | person, _facts(cat, "person")), _frame(home | household, _facts(cat, "household"))


def _facts(cat: Catalogue, entity: str) -> dict[str, Fact]:
    return {fact.name: fact for fact in cat.facts.values() if fact.entity == entity}


def _frame(values: dict, facts: dict[str, Fact]) -> pl.DataFrame:
    columns = {k: pl.Series(k, [v], dtype=pl.String) for k, v in values.items() if k not in facts}
    for name, fact in facts.items():
        value = values.get(name)
        exact = Decimal(value) if fact.type in ("yuan", "number") and isinstance(value, int) else value
        columns[name] = pl.Series(name, [exact], dtype=DTYPES[fact.type])
    return pl.DataFrame(columns)


def _benefit_answer(row: dict | None) -> dict:
    if row is None:
        return {"eligible": "no", "is_receiving": False, "missing": ()}
    return row | {"missing": tuple(row["missing_facts"].split(",")) if row["missing_facts"] else ()}


def _signal_answer(row: dict | None) -> dict:
    if row is None:
        return {"state": "no", "missing": (), "level": None, "sentence": None}
    return row | {"missing": tuple(row["missing_facts"]), "sentence": row["sentence_zh"]}


def _differences(example: Example, found: dict) -> Iterator[str]:
    for key in sorted(example.model_fields_set - {"name", "as_of", "person", "household"}):
        expected, got = getattr(example, key), found.get(key)
        if expected != got:
            yield f"{key}: expected {expected}, got {got}"
