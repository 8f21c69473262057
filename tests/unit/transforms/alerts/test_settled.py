"""What a settled case comes back for: its new reason alone, under its own deadline."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.helpers.alerts import AS_OF, DUE_DAYS, NEXT, gap, kept, one, run, signal, visit

RED = signal(name="I22", level="red", value=Decimal(16000), sentence_zh="近12个月医疗个人负担16000元。")
BEFORE = run([RED], as_of=AS_OF)
FOUND = visit("40", date(2026, 3, 10))


def later(
    *signals: dict[str, Any], gaps: tuple[dict[str, Any], ...] = (), visits: pl.DataFrame = FOUND
) -> dict[str, Any]:
    previous: dict[str, Any] = {"previous": BEFORE, "previous_signals": kept(RED)}
    return one(run([RED, *signals], gaps, outcomes=visits, as_of=NEXT, **previous))


def test_a_small_new_sign_does_not_wake_a_settled_red_case() -> None:
    """tried §3: insurance ends in 26 days: a settled red case was back with its old reason and two days."""
    small = signal(name="I17", level="blue", sentence_zh="居民医保还有26天到期。")
    assert (later(small)["status"], later(small)["is_listed"]) == ("suppressed", False)
    assert later(gaps=(gap(),))["status"] == "suppressed"  # nor does a benefit newly missing


def test_a_new_reason_comes_back_alone_with_its_own_level_and_deadline() -> None:
    """tried §3: a new sign does not bring back an old reason or its clock."""
    case = later(signal(name="I06", level="orange", sentence_zh="一名成员登记失业。"), gaps=(gap(),))
    assert (case["status"], case["level"], case["signal_ids"]) == ("new", "orange", "I06,E01")
    assert "登记失业" in case["reason_zh"] and "16000" not in case["reason_zh"]
    assert case["due_date"] == NEXT + timedelta(days=DUE_DAYS["orange"])


def test_an_event_wakes_a_settled_case_however_small_it_is() -> None:
    case = later(signal(name="I18", level="blue", is_event=True, fact_date=NEXT, sentence_zh="家中有婴儿。"))
    assert (case["status"], case["level"], case["signal_ids"]) == ("new", "blue", "I18")


def test_after_the_rest_the_old_reason_counts_again() -> None:
    settled: dict[str, Any] = {"previous": BEFORE, "outcomes": FOUND, "previous_signals": kept(RED)}
    case = one(run([RED], as_of=date(2026, 6, 30), **settled))
    assert (case["status"], case["level"]) == ("new", "red")


@pytest.mark.parametrize("code", ["10", "40"])
def test_what_two_visits_settled_rests_after_both(code: str) -> None:
    """The second visit, for a new reason, does not wake what the first one settled."""
    job = signal(name="I06", level="orange")
    second = run([RED, job], previous=BEFORE, outcomes=FOUND, previous_signals=kept(RED), as_of=NEXT)
    again = visit(code, date(2026, 4, 8), alert="20260405-H1-N")
    known: dict[str, Any] = {"previous": pl.concat([BEFORE, second]), "outcomes": pl.concat([FOUND, again])}
    signals = pl.concat([kept(RED), kept(RED, job, as_of=NEXT)])
    third = one(run([RED, job], as_of=date(2026, 5, 5), previous_signals=signals, **known))
    assert third["status"] == "suppressed"


def test_a_later_visit_lays_to_rest_what_earlier_lists_had_said_as_well() -> None:
    """Once the first visit's rest is over, the second one's still holds: who came had seen the whole file."""
    job = signal(name="I06", level="orange")
    second = run([RED, job], previous=BEFORE, outcomes=FOUND, previous_signals=kept(RED), as_of=NEXT)
    again = visit("40", date(2026, 5, 20), alert="20260405-H1-N")
    known: dict[str, Any] = {"previous": pl.concat([BEFORE, second]), "outcomes": pl.concat([FOUND, again])}
    signals = pl.concat([kept(RED), kept(RED, job, as_of=NEXT)])
    for day, status in ((date(2026, 8, 18), "suppressed"), (date(2026, 8, 19), "new")):
        assert one(run([RED, job], as_of=day, previous_signals=signals, **known))["status"] == status
