"""A parameter that nobody knows never decides, and one that has ended answers nobody.

Every worked example of every rule is asked again with each parameter withheld that the rule names, through
definitions too: a yes becomes unknown or loses its sum, a no stays no or becomes unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from policies.analysis.examples import example_frames, facts_given
from policies.catalogue.benefit import Benefit, BenefitExample
from policies.catalogue.model import Catalogue
from policies.catalogue.parameter import Parameter, Value
from policies.catalogue.shapes import Source
from policies.catalogue.signal import Signal, SignalExample
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from policies.loading import load_catalogue
from policies.values.reached import parameters_needed
from zhaoren.errors import ZhaorenError

CATALOGUE = load_catalogue()
RULES: tuple[Benefit | Signal, ...] = (*CATALOGUE.benefits, *CATALOGUE.signals)
SOURCE = Source(document="none")
# Answers that may follow where a parameter is withheld.
MAY_BECOME = {
    "yes": {"unknown", "unknown_amount"},
    "unknown_amount": {"unknown", "unknown_amount"},
    "unknown": {"unknown", "unknown_amount"},
    "no": {"no", "unknown"},
}


def changed(name: str, parameter: Parameter, rule: Benefit | Signal) -> Catalogue:
    """The catalogue of one rule with another parameter; what texts mean does not change with a value."""
    parameters = {**CATALOGUE.parameters, name: parameter}
    if isinstance(rule, Benefit):
        found = replace(CATALOGUE, parameters=parameters, benefits=(rule,), signals=())
    else:
        found = replace(CATALOGUE, parameters=parameters, benefits=(), signals=(rule,))
    found.computed.update({k: v for k, v in CATALOGUE.computed.items() if k[0] in ("meaning", "kind")})
    return found


def withheld(name: str, day: date) -> Parameter:
    """The parameter as it was before and after, and unknown on the day."""
    known = CATALOGUE.parameters[name]
    unknown = Value(valid_from=day, valid_to=day, is_unknown=True, status="unverified", source=SOURCE)
    others = tuple(value for value in known.values if not value.in_force(day))
    local = tuple(value for value in known.local if not value.in_force(day))
    return known.model_copy(update={"values": (*others, unknown), "local": local})


def ended(name: str, day: date) -> Parameter:
    """The parameter with nothing in force from the day on."""
    known, last = CATALOGUE.parameters[name], day - timedelta(days=1)

    def over(entries: tuple[Any, ...]) -> tuple[Any, ...]:
        begun = [entry for entry in entries if entry.valid_from <= last]
        return tuple(
            entry.model_copy(update={"valid_to": min(entry.valid_to or last, last)}) for entry in begun
        )

    return known.model_copy(update={"values": over(known.values), "local": over(known.local)})


def answers(cat: Catalogue, rule: Benefit | Signal, day: date) -> dict[str, str]:
    """Each example of the day by its place: yes, no, unknown or unknown_amount; likely counts as yes."""
    examples: tuple[BenefitExample | SignalExample, ...] = rule.examples
    given = {str(i): facts_given(rule, one) for i, one in enumerate(examples) if one.as_of == day}
    persons, homes = example_frames(cat, given)
    if isinstance(rule, Benefit):
        rows = evaluate_benefits(cat, persons, homes, day)
        told = dict(rows.select("household_id", "eligible").rows())
    else:
        rows = evaluate_signals(cat, persons, homes, day, unknown_of=(rule.entity,))
        told = dict(rows.select("household_id", "state").rows())
    return {key: told.get(key, "no").replace("likely", "yes") for key in given}


def asked(rule: Benefit | Signal) -> Iterator[tuple[date, str]]:
    """The days of the rule's examples on which it is in force, with each parameter that has a value then."""
    examples: tuple[BenefitExample | SignalExample, ...] = rule.examples
    for day in sorted({example.as_of for example in examples if rule.in_force(example.as_of)}):
        for name in parameters_needed(CATALOGUE, rule, day):
            if CATALOGUE.value_at(name, day) or CATALOGUE.local_at(name, day):
                yield day, name


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule.id}@{rule.valid_from}" for rule in RULES])
def test_a_withheld_parameter_never_settles_an_answer(rule: Benefit | Signal) -> None:
    before: dict[date, dict[str, str]] = {}
    wrong = []
    for day, name in asked(rule):
        if day not in before:
            before[day] = answers(changed(name, CATALOGUE.parameters[name], rule), rule, day)
        after = answers(changed(name, withheld(name, day), rule), rule, day)
        for key, was in before[day].items():
            # an example may do without the parameter: a test that fails anyway, a choice not taken
            if after[key] not in MAY_BECOME[was] | {was}:
                wrong.append(f"{rule.examples[int(key)].name}: without ${name} {was} becomes {after[key]}")
    assert wrong == []


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule.id}@{rule.valid_from}" for rule in RULES])
def test_a_parameter_that_has_ended_answers_nobody(rule: Benefit | Signal) -> None:
    last: dict[str, date] = {name: day for day, name in asked(rule)}
    for name, day in last.items():
        with pytest.raises(ZhaorenError) as refusal:
            answers(changed(name, ended(name, day), rule), rule, day)
        text = str(refusal.value)
        assert f"${name} ended on " in text and ".yaml:" in text, text
