"""The report's part on what the lists miss: an estimate with its interval, or that there is none and why."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.reports.missed_part import Missed, missed_part
from exchange.words import words
from models.evaluation.random_estimates import REASONS

TOLD: dict[str, Any] = {
    "held": 0.21,
    "low": 0.12,
    "high": 0.34,
    "naive": 0.09,
    "confirmed": 0.6,
    "answered": 0.8,
    "reason": None,
}


def texts(**more: Any) -> list[str]:
    (table,) = missed_part(Missed(**{**TOLD, **more})).tables
    return [row[1].text for row in table.rows]


def test_the_estimate_has_its_interval_and_the_plain_figure_beside_it() -> None:
    assert texts() == ["约21%（12%至34%）", "9%", "60%", "80%"]


@pytest.mark.parametrize("reason", REASONS)
def test_what_cannot_be_told_says_so_and_why(reason: str) -> None:
    none = {"held": None, "naive": None, "reason": reason}
    assert texts(**none)[0].startswith("无法估计（") and "12%至34%" in texts(**none)[0]
    bare = texts(**none, low=None, high=None)
    assert bare[0] == f"无法估计（{words('monthly')['missed']['why'][reason]}）" and "%" not in bare[1]
