"""Why an answer came out, test by test."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.analysis.trace import trace
from policies.loading import load_catalogue
from tests.helpers.households import AS_OF, NOBODY, household
from zhaoren.errors import ZhaorenError

CATALOGUE = load_catalogue()


def test_a_trace_shows_every_test_with_what_it_saw() -> None:
    steps = trace(CATALOGUE, NOBODY, household(income_yuan_month=None), AS_OF, ["dibao"])
    assert [s.answer for s in steps] == ["yes", "yes", "unknown", "yes"]
    assert [(f.zh, f.value) for f in steps[0].facts] == [("在世在户人数", "3")]
    assert [(f.zh, f.value) for f in steps[2].facts] == [
        ("家庭人均收入", "不详"),
        ("低保标准分档", "t4_urban"),
    ]
    assert "benefit_roll" in steps[2].facts[0].sources
    used = steps[2].parameters[0]
    assert (used.zh, used.value, used.status) == (
        "最低生活保障标准",
        "860",
        "unverified",
    ) and used.source
    with pytest.raises(ZhaorenError, match="no rule heating"):
        trace(CATALOGUE, NOBODY, household(), AS_OF, ["heating"])


def test_a_missed_line_says_by_how_much() -> None:
    above = household(income_yuan_month=Decimal("897"), income_age_days=20)
    steps = trace(CATALOGUE, NOBODY, above, AS_OF, ["dibao"])
    assert [s.missed_zh for s in steps] == ["", "", "家庭人均收入高出37元", ""]
    at_line = household(income_yuan_month=Decimal("860"), income_age_days=20)
    assert trace(CATALOGUE, NOBODY, at_line, AS_OF, ["dibao"])[2].missed_zh == "家庭人均收入恰为界线"
