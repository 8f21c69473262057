"""Housing, relief after disasters, since when a household is recognised and when it is reviewed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.helpers.core import (
    ADULT,
    AS_OF,
    CHILD,
    FEB,
    JAN,
    MAR,
    core_rows,
    home_core,
    household,
    pay,
    population,
    resident,
)


def home(extract: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return household(home_core(**{extract: core_rows(extract, MAR, [{"person_id": "a", **r} for r in rows])}))


# ---- the roof ----


@pytest.mark.parametrize(
    ("cases", "code", "subsidy"),
    [
        ([("rent_subsidy", "400.5")], "rent_subsidy", Decimal("400.50")),
        ([("rent_subsidy", "400"), ("rent_subsidy", "100.05")], "rent_subsidy", Decimal("500.05")),
        ([("dangerous_house", None), ("rent_subsidy", "400")], "rent_subsidy", 400),
        ([("dangerous_house", "0"), ("public_rental", None)], "public_rental", 0),
        ([("rent_subsidy", None), ("public_rental", "0")], "public_rental", None),  # blank is not nothing
    ],
)
def test_housing_aid_in_order_and_all_subsidies(
    cases: list[tuple[str, str | None]], code: str, subsidy: Any
) -> None:
    rows = [
        {"case_no": str(i), "housing_type_code": kind, "rent_subsidy_yuan_month": amount and Decimal(amount)}
        for i, (kind, amount) in enumerate(cases)
    ]
    for order in (rows, rows[::-1]):
        row = home("housing_security", *order)
        assert (row["housing_aid_code"], row["rent_subsidy_yuan_month"]) == (code, subsidy)


def test_disaster_relief_is_of_the_disaster_whose_loss_is_shown() -> None:
    def hit(day: date, loss: int, relief: int | None) -> dict[str, Any]:
        base = {"event_no": str(loss), "disaster_date": day, "house_damage_code": "slight"}
        return {**base, "loss_yuan": Decimal(loss), "relief_yuan": relief and Decimal(relief)}

    row = home("disaster", hit(JAN, 100, 90), hit(FEB, 200, 20))
    assert (row["disaster_loss_yuan"], row["disaster_relief_yuan"]) == (200, 20)
    assert home("disaster", hit(JAN, 100, 90), hit(FEB, 200, None))["disaster_relief_yuan"] is None


# ---- recognition and review ----


def recognised(*lines: dict[str, Any]) -> tuple[str | None, int | None]:
    row = household(home_core(benefit_roll=core_rows("benefit_roll", MAR, list(lines))))
    return row["tier_code"], row["recognised_days"]


def test_recognition_runs_from_the_first_line_of_the_households_tier() -> None:
    started, joined = date(2025, 6, 1), date(2026, 1, 1)
    newborn = pay("b", start_month=joined)
    assert recognised(pay("a"), newborn) == ("dibao", (AS_OF - started).days)
    old = pay("a", category_code="marginal", start_month=date(2020, 1, 1))
    assert recognised(old, newborn) == ("dibao", (AS_OF - joined).days)  # it was on the margin before
    single = pay("b", category_code="single", start_month=joined)
    assert (
        recognised(old, single)[1] == (AS_OF - date(2020, 1, 1)).days
    )  # both make it a family on the margin
    assert recognised(pay("z")) == (None, None)
    assert recognised(pay("a", stop_date=FEB))[1] is None


def test_a_dead_members_line_recognises_nobody() -> None:
    core = home_core(benefit_roll=core_rows("benefit_roll", MAR, [pay("a"), pay("b", start_month=JAN)]))
    dead = resident("a", ADULT, registration_status_code="dead", cancel_date=FEB)
    core["population"] = population(dead, resident("b", CHILD))
    assert household(core)["recognised_days"] == (AS_OF - JAN).days


def test_the_first_review_due_of_the_lines_in_payment() -> None:
    def left(*lines: dict[str, Any]) -> int | None:
        row = household(home_core(benefit_roll=core_rows("benefit_roll", MAR, list(lines))))
        return row["review_days_left"]

    soon, late = date(2026, 3, 20), date(2026, 9, 1)
    assert left(pay("a", review_due_date=late), pay("b", review_due_date=soon)) == 10
    assert left(pay("a", review_due_date=FEB)) == -33
    assert left(pay("a", review_due_date=soon, stop_date=FEB), pay("b", review_due_date=late)) == 175
    assert left(pay("a"), pay("b")) is None
