"""What is not known never decides: with any fact withheld, a yes becomes unknown, not no, and a no stays no.

Every worked example of every rule is asked again, once for each fact it was given, with that fact withheld.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from policies.analysis.examples import example_frames, facts_given
from policies.catalogue.benefit import Benefit, BenefitExample
from policies.catalogue.signal import Signal, SignalExample
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from policies.loading import load_catalogue

CATALOGUE = load_catalogue()
RULES: tuple[Benefit | Signal, ...] = (*CATALOGUE.benefits, *CATALOGUE.signals)
# Where a rule says what it does without a fact, and why; all else that decides for want of knowledge fails.
TOLD = {
    (
        "dibao",
        "assessed_income_yuan_month",
    ): "a recognition as marginal stands for the assessment it followed from",
    ("marginal_family", "assessed_income_yuan_month"): "an income in the band is enough to go and see",
    (
        "disabled_child_rehab",
        "is_rehab_fit",
    ): "a child without a card is found when a list of the assessed comes",
    (
        "worker_hardship_aid",
        "income_yuan_month",
    ): "asked only where work was lost: else it is most of the province",
    ("I13", "tier_code"): "help is known to have ended, and the newest roll says nothing: somebody looks",
}
MEANS_NEVER = {"days", "months"}  # units of the facts that are null also when the thing never happened


def asked(rule: Benefit | Signal) -> list[dict[str, Any]]:
    """Each example whole, and with each of its facts withheld: what was withheld, the date, what is given."""
    found = []
    examples: tuple[BenefitExample | SignalExample, ...] = rule.examples
    for i, example in enumerate(examples):
        facts = facts_given(rule, example)
        named = [("person", n) for n in facts.person] + [("household", n) for n in facts.household]
        for part, name in [(None, None), *named]:
            withheld = {} if part is None else {part: {**getattr(facts, part), name: None}}
            case = {"key": f"{i}/{part}/{name}", "example": i, "fact": (part, name), "as_of": example.as_of}
            found.append(case | {"given": facts.model_copy(update=withheld)})
    return found


def answers(rule: Benefit | Signal, cases: list[dict[str, Any]]) -> dict[str, str]:
    """Key -> yes, no or unknown; likely counts as yes."""
    told: dict[str, str] = {}
    for day in {case["as_of"] for case in cases}:
        given = {case["key"]: case["given"] for case in cases if case["as_of"] == day}
        persons, homes = example_frames(CATALOGUE, given)
        if isinstance(rule, Benefit):
            rows = evaluate_benefits(replace(CATALOGUE, benefits=(rule,), signals=()), persons, homes, day)
            states = rows.select("household_id", "eligible")
        else:
            only = replace(CATALOGUE, benefits=(), signals=(rule,))
            rows = evaluate_signals(only, persons, homes, day, unknown_of=(rule.entity,))
            states = rows.select("household_id", "state")
        told |= dict(states.rows())
    return {case["key"]: told.get(case["key"], "no").replace("likely", "yes") for case in cases}


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule.id}@{rule.valid_from}" for rule in RULES])
def test_a_withheld_fact_never_turns_yes_to_no_nor_no_to_yes(rule: Benefit | Signal) -> None:
    cases = asked(rule)
    told = answers(rule, cases)
    facts = {(f.entity, f.name): f for f in CATALOGUE.facts.values()}
    wrong = []
    for case in cases:
        fact = facts.get(case["fact"])
        if fact is None or fact.unit in MEANS_NEVER or (rule.id, fact.name) in TOLD:
            continue
        before, after = told[f"{case['example']}/None/None"], told[case["key"]]
        if (before, after) in {("yes", "no"), ("no", "yes"), ("unknown", "yes"), ("unknown", "no")}:
            wrong.append(
                f"{rule.examples[case['example']].name}: without {fact.name} {before} becomes {after}"
            )
    assert wrong == []
