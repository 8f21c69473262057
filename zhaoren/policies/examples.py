"""Worked examples: every rule carries cases a policy person can read; this runs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from zhaoren.policies.benefits import evaluate_benefits
from zhaoren.policies.catalogue import KEYS, Catalogue
from zhaoren.policies.schema import Benefit, BenefitExample, Fact, Signal, SignalExample
from zhaoren.policies.signals import evaluate_signals
from zhaoren.policies.texts import DTYPES

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
    return [run_example(cat, rule, example) for rule, example in all_examples(cat)]


def all_examples(cat: Catalogue) -> Iterator[tuple[Rule, Example]]:
    """Each rule with each of its examples."""
    rules: tuple[Rule, ...] = (*cat.benefits, *cat.signals)
    for rule in rules:
        for example in rule.examples:
            yield rule, example


def run_example(cat: Catalogue, rule: Rule, example: Example) -> ExampleResult:
    """Evaluate one rule on one example's single person and household."""
    persons, households = example_frames(cat, rule, example)
    if isinstance(rule, Benefit):
        only = replace(cat, benefits=(rule,), signals=())
        rows = evaluate_benefits(only, persons, households, example.as_of)
        found = _benefit_answer(rows)
    else:
        found = _signal_answer(cat, rule, example, persons, households)
    return ExampleResult(rule.id, example.name, tuple(_differences(example, found)))


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


def _benefit_answer(rows: pl.DataFrame) -> dict:
    if rows.is_empty():
        return {"eligible": "no", "is_receiving": False, "missing": ()}
    row = rows.row(0, named=True)
    return row | {"missing": tuple(row["missing_facts"].split(",")) if row["missing_facts"] else ()}


def _signal_answer(
    cat: Catalogue, rule: Signal, example: Example, persons: pl.DataFrame, households: pl.DataFrame
) -> dict:
    only = replace(cat, benefits=(), signals=(rule,))
    rows = evaluate_signals(only, persons, households, example.as_of, unknown_of=(rule.entity,))
    if rows.is_empty():
        return {"state": "no", "missing": (), "level": None, "sentence": None}
    row = rows.row(0, named=True)
    return row | {"missing": tuple(row["missing_facts"]), "sentence": row["sentence_zh"]}


def _differences(example: Example, found: dict) -> Iterator[str]:
    for key in sorted(example.model_fields_set - {"name", "as_of", "person", "household"}):
        expected, got = getattr(example, key), found.get(key)
        if expected != got:
            yield f"{key}: expected {expected}, got {got}"
