"""The rule language on random rules: what is withheld never decides, and three evaluators agree."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generative.rule_language.cases import Case, cases, drawn_case, smallest
from tests.generative.rule_language.engines import by_duckdb, by_polars
from tests.generative.rule_language.vocabulary import HOME, PERSON
from tests.spec.evaluator import arithmetic
from tests.spec.evaluator.evaluation import Evaluation
from tests.spec.evaluator.reading import read
from tests.spec.evaluator.terms import MEMBER_WORDS, written
from tests.spec.evaluator.words import WORDS
from tests.spec.evaluator.world import Home, Person

KEYS = ("town_code", "place_tier_code", "is_rural")  # by which parameters differ without naming them
NAMES = (*PERSON, *HOME, "town_code")


def answers(case: Case) -> list[Any]:
    """The rule's answer for every person or household of the case."""
    evaluation = Evaluation(case.rules)
    return [evaluation.answer(case.rule, row) for row in case.people.rows(case.entity).values()]


def withheld(case: Case) -> Iterator[tuple[str, list[Any]]]:
    """The answers without each fact that anything in the case names, of some rows; without each parameter."""
    text = written(case.rule) + repr((case.rules.definitions, case.rules.parameters))
    drawn = random.Random(text)
    rows: list[Person | Home] = [*case.people.persons.values(), *case.people.homes["hukou"].values()]
    for name in [name for name in NAMES if name in text or name in KEYS]:
        whole = [row.facts for row in rows]
        for row in rows:
            if name in row.facts and drawn.random() < 0.5:
                row.facts = {**row.facts, name: None}
        yield name, answers(case)
        for row, facts in zip(rows, whole, strict=True):
            row.facts = facts
    for name in case.rules.parameters:
        without = {**case.rules.parameters, name: {"values": []}}
        yield name, answers(replace(case, rules=replace(case.rules, parameters=without)))


def leak(case: Case) -> str | None:
    """What a withheld fact changed that it may not."""
    known = answers(case)
    for name, fewer in withheld(case):
        for before, after in zip(known, fewer, strict=True):
            if after is not None and after != before:
                return f"without {name} {before} becomes {after}"
    return None


@given(cases())
def test_withholding_a_fact_never_changes_a_known_answer_nor_makes_one(case: Case) -> None:
    if leak(case):
        case = smallest(case, lambda part: leak(part) is not None)
        pytest.fail(f"{leak(case)}\n{case}")


# What engines do with the unknown, each a leak.
LEAKS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "GREATEST": lambda values: max((v for v in values if v is not None), default=None),
    "CASE": lambda values: next(
        (v for t, v in zip(values[::2], values[1::2], strict=False) if t),
        values[-1] if len(values) % 2 else None,
    ),
    "COUNT_TRUE": lambda tests: sum(test is True for test in tests),
    "NOT": lambda values: not values[0],
}


@pytest.mark.parametrize("word", LEAKS)
def test_a_planted_leak_is_found(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORDS, word, LEAKS[word])
    drawn = (drawn_case(random.Random(seed), monotone=True) for seed in range(400))
    found = (case for case in drawn if any(part.word == word for part in case.rule.walk()) and leak(case))
    assert smallest(next(found), lambda part: leak(part) is not None).rule.word == word


ENGINES = {"polars": by_polars, "duckdb": by_duckdb}


def difference(case: Case) -> str | None:
    """The first row of which an engine says something else than the specification."""
    wanted = answers(case)
    for engine, asked in ENGINES.items():
        found = [arithmetic.value(answer) for answer in asked(case)]
        assert len(found) == len(wanted), f"{engine} answers {len(found)} of {len(wanted)} rows"
        for name, ours, theirs in zip(case.people.rows(case.entity), wanted, found, strict=True):
            if (ours, type(ours) is bool) != (theirs, type(theirs) is bool):
                return f"{name}: {ours} by the specification, {theirs} by {engine}"
    return None


@given(st.booleans().flatmap(lambda monotone: cases(monotone=monotone)))
def test_polars_and_duckdb_answer_as_the_specification(case: Case) -> None:
    if difference(case):
        case = smallest(case, lambda part: difference(part) is not None)
        pytest.fail(f"{difference(case)}\n{case}")


@given(cases(monotone=False))
def test_a_rule_is_read_as_it_was_written(case: Case) -> None:
    assert read(written(case.rule)) == case.rule
    answers(case)


def test_random_rules_use_every_word_and_mostly_have_answers() -> None:
    drawn = [drawn_case(random.Random(seed), monotone=False) for seed in range(250)]
    words = {part.word for case in drawn for part in case.rule.walk()}
    assert {*WORDS, *MEMBER_WORDS, "AS_OF", "NEVER"} - words == set()
    known = [any(answer is not None for answer in answers(case)) for case in drawn]
    assert sum(known) > len(drawn) / 2
    forms = {form for case in drawn for one in case.rules.parameters.values() for form in one["values"][0]}
    assert forms >= {"value", "places", "cases", "table", "slices"}
