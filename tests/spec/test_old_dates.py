"""An old date under today's rule files gives the answers of that day: what came later changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TypeVar

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from policies.analysis.examples import all_examples, example_frames, facts_given
from policies.catalogue.model import Catalogue
from policies.catalogue.shapes import Dated
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from policies.loading import load_catalogue

pytestmark = pytest.mark.slow

TODAY = load_catalogue()
DATES = [date(2024, 9, 5), date(2025, 9, 5), date(2025, 12, 31), date(2026, 1, 1)]


Kind = TypeVar("Kind", bound=Dated)


def known(entries: tuple[Kind, ...], day: date) -> tuple[Kind, ...]:
    """What had begun by the day, without an end that had not come yet."""
    begun = [entry for entry in entries if entry.valid_from <= day]
    ends = [None if e.valid_to and e.valid_to >= day else e.valid_to for e in begun]
    return tuple(e.model_copy(update={"valid_to": end}) for e, end in zip(begun, ends, strict=True))


def as_written_on(day: date) -> Catalogue:
    """The rule files as they stood on the day: nothing that begins later, no end that was not yet known."""
    parameters = {
        name: p.model_copy(update={"values": known(p.values, day)}) for name, p in TODAY.parameters.items()
    }
    benefits, signals = known(TODAY.benefits, day), known(TODAY.signals, day)
    return replace(TODAY, parameters=parameters, benefits=benefits, signals=signals)


def everybody() -> tuple[pl.DataFrame, pl.DataFrame]:
    """A small population: the person and the household of every worked example of every rule."""
    given = [facts_given(rule, example) for rule, example in all_examples(TODAY)]
    return example_frames(TODAY, {f"h{i}": facts for i, facts in enumerate(given)})


PERSONS, HOMES = everybody()


def answers(cat: Catalogue, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    return (
        evaluate_benefits(cat, PERSONS, HOMES, day),
        evaluate_signals(cat, PERSONS, HOMES, day, unknown_of=("person", "household")),
    )


@pytest.mark.parametrize("day", DATES)
def test_what_was_written_later_changes_no_earlier_answer(day: date) -> None:
    for now, then in zip(answers(TODAY, day), answers(as_written_on(day), day), strict=True):
        assert now.height > 100
        assert_frame_equal(now, then)


def test_a_rule_that_changes_answers_differently_on_either_side_of_the_day() -> None:
    """Guangdong's change of dibao on 1 January 2026 is in the files, and it bites."""
    states = []
    only = replace(TODAY, benefits=tuple(rule for rule in TODAY.benefits if rule.id == "dibao"))
    for day in (date(2025, 12, 31), date(2026, 1, 1)):
        rows = evaluate_benefits(only, PERSONS, HOMES, day)
        states.append(dict(rows.select("household_id", "eligible").rows()))
    before, after = states
    opened = [h for h in after if after[h] == "unknown" and h not in before]
    assert opened, "an income between the standard and the minimum wage is refused before, and assessed after"


def test_no_rule_or_value_was_dropped_from_the_files() -> None:
    """What stood in force stays in the files, closed with a date: a rule's versions adjoin."""
    for rule_id in {rule.id for rule in TODAY.rules}:
        versions = sorted((r for r in TODAY.rules if r.id == rule_id), key=lambda r: r.valid_from)
        assert [v.valid_to is None for v in versions] == [False] * (len(versions) - 1) + [True], rule_id
