"""Statements about persons and households: school aid, union files, certificates of life, incomes."""

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
    pay,
    persons,
    population,
    resident,
)

NONE_KNOWN = {"income_1m_yuan_month": None, "income_6m_yuan_month": None, "income_12m_yuan_month": None}


def person(extract: str, *rows: dict[str, Any], known: date = MAR) -> dict[str, Any]:
    return persons(core_of(**{extract: core_rows(extract, known, [{"person_id": "a", **r} for r in rows])}))[
        "a"
    ]


def home(extract: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return household(home_core(**{extract: core_rows(extract, MAR, [{"person_id": "a", **r} for r in rows])}))


# ---- persons ----


def pupil(**more: Any) -> dict[str, Any]:
    base = {"student_no": "1", "stage_code": "senior", "term_month": date(2026, 2, 1)}
    return {**base, "student_status_code": "enrolled", "aid_code": "grant", "aid_yuan_year": 2000, **more}


@pytest.mark.parametrize(
    ("lines", "code", "amount"),
    [
        ([pupil()], "grant", 2000),
        ([pupil(student_status_code="graduated")], "none", 0),
        ([pupil(term_month=date(2025, 9, 1), aid_code="loan"), pupil()], "grant", 2000),
        ([pupil(), pupil(term_month=date(2026, 9, 1), aid_code="loan")], "grant", 2000),  # not begun
        ([pupil(aid_yuan_year=None)], "grant", None),
        ([pupil(aid_code=None, aid_yuan_year=None)], None, None),
        ([pupil(aid_code="none", aid_yuan_year=None)], "none", 0),  # the code says that nothing is paid
    ],
)
def test_school_aid_is_that_of_the_newest_term_of_who_is_enrolled(
    lines: list[dict[str, Any]], code: str | None, amount: int | None
) -> None:
    row = person("student_aid", *lines)
    assert (row["school_aid_code"], row["school_aid_yuan_year"]) == (code, amount)


def test_a_hardship_file_stands_while_the_newest_roll_has_it() -> None:
    one, two = {"file_no": "1", "person_id": "a", "filed_date": JAN}, {"file_no": "2", "filed_date": JAN}
    assert person("worker_hardship", one, two)["has_hardship_file"] is True  # two files, still one person
    closed = core_rows("worker_hardship", MAR, [{**one, "person_id": "z"}])
    core = core_of(worker_hardship=[core_rows("worker_hardship", FEB, [one]), closed])
    assert [persons(core, day)["a"]["has_hardship_file"] for day in (FEB, AS_OF)] == [True, False]


def test_days_since_the_last_certificate_of_life() -> None:
    assert person("elder_care", {"last_certified_date": date(2025, 12, 1)})["life_certified_days"] == 99
    assert person("elder_care", {"last_certified_date": None})["life_certified_days"] is None


# ---- incomes ----


def incomes(**sent: pl.DataFrame) -> dict[str, Any]:
    row = household(home_core(**sent))
    return {name: row[name] for name in (*NONE_KNOWN, "income_yuan_month")}


def test_each_source_states_income_over_its_own_window_and_the_newest_is_the_income() -> None:
    roll = core_rows("benefit_roll", FEB, [pay("a")])
    watch = {"person_id": "b", "is_risk_cleared": False, "income_yuan_year": Decimal("10000.10")}
    filed = {"person_id": "a", "file_no": "1", "filed_date": FEB, "income_yuan_month": Decimal("900.5")}
    files, older = (
        core_rows("worker_hardship", MAR, [{**filed, "filed_date": day}]) for day in (MAR, date(2025, 5, 1))
    )
    watched = core_rows("poverty_watch", JAN, [watch])
    sixth, twelfth, first = Decimal("400"), Decimal("833.34"), Decimal("900.50")
    told = dict(zip(NONE_KNOWN, (first, sixth, twelfth), strict=True))
    sent = {"benefit_roll": roll, "poverty_watch": watched}
    assert incomes(**sent, worker_hardship=files) == {**told, "income_yuan_month": first}
    assert incomes(**sent, worker_hardship=older) == {**told, "income_yuan_month": sixth}
    only = {**NONE_KNOWN, "income_12m_yuan_month": twelfth, "income_yuan_month": twelfth}
    assert incomes(poverty_watch=watched) == only
    assert incomes() == {**NONE_KNOWN, "income_yuan_month": None}


@pytest.mark.parametrize(
    ("year", "month"), [("100", "8.33"), ("100.07", "8.34"), ("0.06", "0.01"), ("0", "0")]
)
def test_a_years_income_is_divided_in_whole_fen_and_rounded_once(year: str, month: str) -> None:
    row = home("poverty_watch", {"is_risk_cleared": False, "income_yuan_year": Decimal(year)})
    assert row["income_12m_yuan_month"] == Decimal(month)


def test_of_two_statements_of_one_source_the_newer_and_the_dead_state_nothing() -> None:
    rows = [
        {"file_no": "1", "filed_date": JAN, "income_yuan_month": Decimal("700")},
        {"file_no": "2", "filed_date": FEB, "income_yuan_month": Decimal("500"), "person_id": "b"},
    ]
    assert home("worker_hardship", *rows)["income_1m_yuan_month"] == 500
    core = home_core(
        worker_hardship=core_rows("worker_hardship", MAR, [{"person_id": "a", **r} for r in rows])
    )
    gone = resident("b", ADULT, registration_status_code="dead", cancel_date=FEB)
    core["population"] = population(resident("a", ADULT), gone)
    assert household(core)["income_1m_yuan_month"] == 700


# ---- what comes later ----

LATER: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "student_aid": (
        pupil(term_month=date(2025, 9, 1)),
        pupil(term_month=JAN.replace(day=1), aid_code="loan", aid_yuan_year=9),
        ["school_aid_code", "school_aid_yuan_year"],
    ),
    "elder_care": ({"last_certified_date": JAN}, {"last_certified_date": FEB}, ["life_certified_days"]),
    "worker_hardship": (
        {"file_no": "1", "filed_date": JAN, "income_yuan_month": 5},
        {"file_no": "1", "filed_date": FEB, "income_yuan_month": 6},
        ["income_1m_yuan_month"],
    ),
    "benefit_roll": (
        pay("a", review_due_date=MAR),
        pay("a", review_due_date=AS_OF, start_month=date(2026, 1, 1), income_yuan_month=6),
        ["income_6m_yuan_month", "recognised_days", "review_days_left"],
    ),
    "poverty_watch": ({"income_yuan_year": 12}, {"income_yuan_year": 24}, ["income_12m_yuan_month"]),
    "housing_security": (
        {"case_no": "1", "housing_type_code": "rent_subsidy", "rent_subsidy_yuan_month": 5},
        {"case_no": "2", "housing_type_code": "public_rental", "rent_subsidy_yuan_month": 0},
        ["housing_aid_code", "rent_subsidy_yuan_month"],
    ),
    "disaster": (
        {"event_no": "1", "disaster_date": JAN, "house_damage_code": "none", "relief_yuan": 5},
        {"event_no": "2", "disaster_date": JAN, "house_damage_code": "slight", "relief_yuan": 6},
        ["disaster_relief_yuan"],
    ),
}


@pytest.mark.parametrize("extract", sorted(LATER))
def test_a_later_delivery_changes_no_earlier_answer(extract: str) -> None:
    early, late, facts = LATER[extract]
    sent = [
        core_rows(extract, known, [{"person_id": "a", **row}]) for known, row in ((FEB, early), (MAR, late))
    ]
    day = date(2026, 2, 20)

    def told(core: dict[str, pl.DataFrame]) -> list[Any]:
        row = persons(core, day)["a"] | household(core, day)
        return [row[name] for name in facts]

    then, overwritten = home_core(**{extract: sent[0]}), home_core(**{extract: sent})
    only_late = home_core(**{extract: sent[1].with_columns(known_date=FEB)})
    assert told(overwritten) == told(then) and None not in told(then)
    assert all(one != other for one, other in zip(told(only_late), told(then), strict=True))
