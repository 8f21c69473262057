"""The policy files' own worked examples, one test each; a policy person reads them in the YAML."""

from __future__ import annotations

from collections import Counter

import pytest

from policies.analysis.definition_examples import run_definition
from policies.analysis.examples import all_examples, run_rule
from policies.catalogue.benefit import BenefitExample
from policies.catalogue.definition import Definition
from policies.catalogue.rule_texts import Rule
from policies.loading import load_catalogue

CATALOGUE = load_catalogue()
CASES = list(all_examples(CATALOGUE))


RULES: list[Rule] = [*CATALOGUE.benefits, *CATALOGUE.signals]


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule.id}@{rule.valid_from}" for rule in RULES])
def test_worked_examples_hold(rule: Rule) -> None:
    results = run_rule(CATALOGUE, rule)
    assert len(results) == len(rule.examples)
    assert [(r.name, r.faults) for r in results if r.faults] == []


DEFINITIONS = list(CATALOGUE.definitions.values())


@pytest.mark.parametrize("definition", DEFINITIONS, ids=[d.key for d in DEFINITIONS])
def test_definitions_give_what_their_examples_say(definition: Definition) -> None:
    results = run_definition(CATALOGUE, definition)
    assert [(r.name, r.faults) for r in results if r.faults] == []
    assert len(results) >= 2, "show at least the usual case and the unknown one"


def test_an_example_of_a_definition_that_does_not_hold_says_what_differs() -> None:
    found = CATALOGUE.definitions["household.child_cnt"]
    wrong = found.examples[0].model_copy(update={"gives": None})
    stray = found.examples[0].model_copy(update={"members": ({"age": 3},)})
    results = run_definition(CATALOGUE, found.model_copy(update={"examples": (wrong, stray)}))
    assert [r.faults for r in results] == [
        ("gives: expected unknown, got 1",),
        ("there is no fact 'age'",),
    ]


def test_every_rule_has_enough_examples() -> None:
    counts = Counter(rule.id for rule, _ in CASES)
    assert {b.id for b in CATALOGUE.benefits if counts[b.id] < 8} == set()
    assert {s.id for s in CATALOGUE.signals if counts[s.id] < 5} == set()


def test_every_rule_shows_an_unknown_answer() -> None:
    """Unknown is not zero: each file shows what happens when a source was never delivered."""
    answers = {(r.id, getattr(e, "eligible", getattr(e, "state", None))) for r, e in CASES}
    rules = {r.id for r, _ in CASES}
    without = {r for r in rules if (r, "unknown") not in answers}
    assert without == set()


def test_an_example_that_does_not_hold_says_what_differs() -> None:
    rule, example = next(
        (r, e)
        for r, e in CASES
        if r.id == "dibao" and isinstance(e, BenefitExample) and e.eligible == "likely"
    )
    wrong = rule.model_copy(update={"examples": (example.model_copy(update={"eligible": "no"}),)})
    (result,) = run_rule(CATALOGUE, wrong)
    assert result.faults == ("eligible: expected no, got likely",)


# What the list may never say: an illness's name, a kind of disability, custody, a score.
FORBIDDEN = (
    "精神",
    "智力",
    "癌",
    "肿瘤",
    "艾滋",
    "尿毒",
    "服刑",
    "在押",
    "监狱",
    "戒毒",
    "犯",
    "评分",
    "得分",
    "概率",
)


def test_sentences_and_questions_tell_no_diagnosis_and_no_offence() -> None:
    told = {s.id: [x.zh for x in s.sentence] + list(s.questions_zh) for s in CATALOGUE.signals}
    assert [(i, w) for i, texts in told.items() for t in texts for w in FORBIDDEN if w in t] == []


def test_compliance_signals_first_ask_for_innocent_explanations() -> None:
    innocent = ("滞后", "渐退", "是否已", "转换", "人仍住")
    for signal in CATALOGUE.signals:
        if signal.queue == "compliance":
            assert any(word in signal.questions_zh[0] for word in innocent), signal.id
