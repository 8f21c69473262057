"""Money in the panel: reversals, windows, units paid once, incomes and their age."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.helpers.core import (
    ADULT,
    AS_OF,
    FEB,
    JAN,
    MAR,
    core_of,
    core_rows,
    home_core,
    household,
    one_home,
    pay,
    persons,
    population,
    resident,
)

# ---- money ----


def bill(number: str, day: date, burden: str, status: str = "valid", person: str = "a") -> dict[str, Any]:
    return {
        "settlement_id": number,
        "person_id": person,
        "settlement_date": day,
        "personal_burden_yuan": Decimal(burden),
        "settlement_status_code": status,
    }


def bills(*rows: dict[str, Any], known: date = MAR) -> pl.DataFrame:
    return core_rows("settlement", known, list(rows))


def test_both_ways_of_reversing_a_bill_come_to_nothing() -> None:
    day = date(2026, 1, 8)
    extra_row = [bill("1", day, "500.10"), bill("2", day, "-500.10", "reversed"), bill("3", day, "0.30")]
    core = core_of(settlement=[bills(*extra_row, known=FEB)])
    assert persons(core)["a"]["person_burden_12m_yuan"] == Decimal("0.30")
    for again in (bill("1", day, "-500.10", "reversed"), bill("1", day, "500.10", "reversed")):
        first, second = bills(extra_row[0], extra_row[2], known=FEB), bills(again, known=MAR)
        assert persons({"settlement": first})["a"]["person_burden_12m_yuan"] == Decimal("500.40")
        both = core_of(settlement=[first, second])
        assert persons(both)["a"]["person_burden_12m_yuan"] == Decimal("0.30")
        assert persons(both, FEB)["a"]["person_burden_12m_yuan"] == Decimal("500.40")


def test_the_window_is_twelve_months_without_its_first_day() -> None:
    rows = [bill("1", date(2025, 3, 10), "100"), bill("2", date(2025, 3, 11), "7"), bill("3", AS_OF, "1")]
    future = bill("4", date(2026, 3, 11), "1000")
    assert persons(core_of(settlement=bills(*rows, future)))["a"]["person_burden_12m_yuan"] == Decimal("8.00")


def test_the_same_bill_sent_twice_counts_once() -> None:
    row = bill("1", date(2026, 1, 8), "5")
    core = core_of(settlement=[bills(row, known=FEB), bills(row, known=MAR)])
    assert persons(core)["a"]["person_burden_12m_yuan"] == 5


def test_last_month_against_the_median_of_earlier_months() -> None:
    spent = {
        date(2025, 10, 3): "100",
        date(2025, 11, 3): "300",
        date(2026, 1, 3): "200.50",
        date(2026, 2, 3): "900",
        date(2026, 2, 20): "0.05",
    }
    rows = [bill(str(i), day, amount) for i, (day, amount) in enumerate(spent.items())]
    core = core_of(
        settlement=bills(*rows), population=population(resident("a", ADULT)), household_member=one_home("a")
    )
    row = household(core)
    assert (row["burden_1m_yuan"], row["burden_median_yuan_month"]) == (Decimal("900.05"), Decimal("200.50"))
    assert (row["burden_month_cnt"], row["burden_12m_yuan"]) == (3, Decimal("1500.55"))
    assert row["rigid_spend_12m_yuan"] is None  # schooling was never delivered


def test_a_unit_is_paid_once_though_every_member_has_a_line() -> None:
    core = home_core(benefit_roll=core_rows("benefit_roll", MAR, [pay("a"), pay("b")]))
    assert household(core)["unit_pay_yuan_month"] == 1200
    assert persons(core)["a"]["benefit_months"] == 9


@pytest.mark.parametrize(
    ("categories", "watched", "tier"),
    [
        (["dibao", "tekun"], True, "tekun"),
        (["rigid"], True, "rigid"),
        (["single"], None, "marginal"),
        ([], True, "watch"),
        ([], False, "none"),
        ([], None, None),  # without the watch list 'none' cannot be told
    ],
)
def test_tier(categories: list[str], watched: bool | None, tier: str | None) -> None:
    lines = [pay(p, category_code=c) for p, c in zip("ab", categories, strict=False)] or [pay("z")]
    core = home_core(benefit_roll=core_rows("benefit_roll", MAR, lines))
    if watched is not None:
        watch = {"person_id": "a", "is_risk_cleared": not watched, "identified_month": date(2025, 1, 1)}
        core["poverty_watch"] = core_rows("poverty_watch", MAR, [watch])
    assert household(core)["tier_code"] == tier


def test_a_stop_shows_until_the_benefit_starts_again() -> None:
    stopped = pay("a", stop_date=date(2026, 2, 1), stop_reason_code="income")
    rolls = [core_rows("benefit_roll", FEB, [stopped, pay("z")]), core_rows("benefit_roll", MAR, [pay("z")])]
    row = household(home_core(benefit_roll=rolls))
    assert (row["benefit_stopped_days"], row["unit_pay_yuan_month"]) == (37, 0)
    again = core_rows("benefit_roll", MAR, [pay("a", start_month=date(2026, 2, 1))])
    assert household(home_core(benefit_roll=[rolls[0], again]))["benefit_stopped_days"] is None
    dead = pay("a", stop_date=date(2026, 2, 1), stop_reason_code="death")
    assert (
        household(home_core(benefit_roll=core_rows("benefit_roll", MAR, [dead])))["benefit_stopped_days"]
        is None
    )


def test_income_is_the_newest_statement_and_its_age_runs_from_the_first_time_it_was_sent() -> None:
    rolls = [core_rows("benefit_roll", known, [pay("a")]) for known in (JAN, FEB, MAR)]
    row = household(home_core(benefit_roll=rolls))
    assert (row["income_yuan_month"], row["income_age_days"]) == (400, 64)
    watch = {"person_id": "b", "is_risk_cleared": False, "income_yuan_year": Decimal("10000")}
    newer = core_rows("poverty_watch", FEB, [watch])
    row = household(home_core(benefit_roll=rolls, poverty_watch=newer))
    assert (row["income_yuan_month"], row["income_age_days"]) == (Decimal("833.33"), 33)


def test_relief_counts_on_its_decision_and_an_application_is_replaced_by_it() -> None:
    case = {
        "relief_no": "r1",
        "person_id": "a",
        "applied_date": date(2026, 1, 20),
        "decision_code": "pending",
    }
    decided = {
        **case,
        "decision_code": "approved",
        "decided_date": date(2026, 2, 8),
        "relief_yuan": Decimal("3000"),
    }
    sent = [core_rows("temporary_relief", FEB, [case]), core_rows("temporary_relief", MAR, [decided])]
    core = home_core(temporary_relief=sent)
    early, late = household(core, FEB), household(core)
    assert (early["relief_12m_yuan"], early["relief_approved_days"]) == (0, None)
    assert (late["relief_12m_yuan"], late["relief_approved_days"]) == (3000, 30)
    unsaid = core_rows("temporary_relief", MAR, [{**decided, "relief_yuan": None}])
    assert household(home_core(temporary_relief=unsaid))["relief_12m_yuan"] is None


def test_losing_the_last_worker() -> None:
    line = {"person_id": "a", "pension_type_code": "employee", "pension_status_code": "paying"}
    idle = {**line, "pension_status_code": "stopped"}
    rolls = [core_rows("pension_insurance", FEB, [line]), core_rows("pension_insurance", MAR, [idle])]
    row = household(home_core(pension_insurance=rolls))
    assert (row["worker_previous_cnt"], row["worker_cnt"]) == (1, 0)


def test_pensions_add_up_and_only_where_drawn() -> None:
    def line(kind: str, status: str, amount: str | None) -> dict[str, Any]:
        return {
            "person_id": "a",
            "pension_type_code": kind,
            "pension_status_code": status,
            "pension_yuan_month": amount and Decimal(amount),
        }

    def drawn(*lines: dict[str, Any]) -> tuple[Any, Any]:
        row = persons(core_of(pension_insurance=core_rows("pension_insurance", MAR, list(lines))))["a"]
        return row["pension_status_code"], row["pension_yuan_month"]

    assert drawn(line("resident", "drawing", "180.5"), line("employee", "paying", None)) == (
        "drawing",
        Decimal("180.50"),
    )
    assert drawn(line("resident", "drawing", None)) == ("drawing", None)
    assert drawn(line("employee", "paying", None)) == ("paying", 0)


def test_unemployment_benefit_between_its_dates() -> None:
    row = {
        "person_id": "a",
        "registered_date": JAN,
        "unemployment_status_code": "unemployed",
        "benefit_start_date": FEB,
        "benefit_end_date": date(2026, 4, 9),
        "benefit_yuan_month": Decimal("1800"),
    }
    core = core_of(unemployment=core_rows("unemployment", FEB, [row]))
    now = persons(core)["a"]
    assert (now["unemployed_days"], now["unemployment_benefit_days_left"]) == (64, 30)
    assert now["unemployment_benefit_yuan_month"] == 1800
    assert persons(core, date(2026, 5, 1))["a"]["unemployment_benefit_yuan_month"] == 0


def test_of_two_disasters_the_newest_speaks() -> None:
    def hit(number: str, day: date, damage: str) -> dict[str, Any]:
        return {
            "event_no": number,
            "person_id": "a",
            "disaster_date": day,
            "house_damage_code": damage,
            "loss_yuan": Decimal("12000"),
        }

    rows = [hit("1", JAN, "collapsed"), hit("2", FEB, "slight"), hit("3", FEB, "severe")]
    row = household(home_core(disaster=core_rows("disaster", MAR, rows)))
    assert (row["disaster_days"], row["house_damage_code"], row["disaster_loss_yuan"]) == (
        33,
        "severe",
        12000,
    )
