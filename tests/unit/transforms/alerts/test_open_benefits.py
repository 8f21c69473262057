"""What a line says where no missing benefit was found: which may be, and what has to be asked first."""

from __future__ import annotations

from typing import Any

import polars as pl

from tests.helpers.alerts import ENTITLEMENTS, gap
from transforms.alerts.list_lines import open_benefits_text

NAMES = pl.DataFrame(
    {"code": list("abcdef"), "zh": ["低保", "低保边缘", "特困", "法律援助", "刚性", "临时救助"]}
)
FACTS = pl.DataFrame({"fact": ["income", "supporter"], "zh": ["家庭人均收入", "赡养人"]})


def said(*rows: dict[str, Any]) -> dict[str, str]:
    frame = pl.DataFrame(list(rows), schema=ENTITLEMENTS, orient="row")
    return dict(open_benefits_text(frame, NAMES, FACTS).iter_rows())


def unknown(benefit: str, missing: str, household: str = "H1") -> dict[str, Any]:
    return gap(household, benefit, eligible="unknown", missing_facts=missing, gap_yuan_month=None)


def test_benefits_that_wait_for_the_same_fact_stand_together() -> None:
    """tried §3: 60 % of the lines say 暂未算出; what is missing is said instead."""
    service = gap(benefit="d", is_receiving=None, gap_yuan_month=None)
    lines = said(
        unknown("a", "income"),
        unknown("b", "income"),
        unknown("c", "income,supporter"),
        service,
        unknown("e", "income,$x.y"),
    )
    assert lines == {
        "H1": "须先核实家庭人均收入：低保、低保边缘\n"
        "须先核实家庭人均收入、赡养人：特困\n可问问要不要申请：法律援助"
    }


def test_many_are_counted_and_what_is_received_is_left_out() -> None:
    five = [unknown(benefit, "income") for benefit in "abcef"]
    assert said(*five) == {"H1": "须先核实家庭人均收入：低保、低保边缘、特困、刚性等5项"}
    assert said(gap(benefit="a", is_receiving=True), gap("H2", "b", eligible="no")) == {}
