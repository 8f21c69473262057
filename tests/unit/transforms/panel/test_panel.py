"""The panel: every fact of the dictionary, unknown kept apart from none, only what was known by the date."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from data_contracts.loading.contracts import load_contracts
from flows.handbook.dictionary import dictionary
from policies.loading import load_catalogue
from tests.helpers.core import (
    ADULT,
    CHILD,
    FEB,
    JAN,
    MAR,
    VILLAGE,
    core_of,
    core_rows,
    household,
    members,
    one_home,
    panels,
    pay,
    persons,
    places,
    population,
    resident,
)

DTYPES = {
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "text": pl.String(),
    "date": pl.Date(),
    "yuan": pl.Decimal(18, 2),
}

# ---- the dictionary ----


@pytest.mark.parametrize("entity", ["person", "household"])
def test_every_fact_of_the_dictionary_is_there_with_its_type(entity: str) -> None:
    facts = load_catalogue().facts.values()
    core = core_of(population=population(resident("a", ADULT)), household_member=one_home("a"))
    who, homes = panels(core)
    frame = who if entity == "person" else homes
    # A fact without a source is awaited: no column of the panel until a contract declares it.
    wanted = {f.name: DTYPES[f.type] for f in facts if f.entity == entity and f.sources}
    keys = {"person_id", "household_id", "town_code", "village_code"}
    assert {name: dtype for name, dtype in frame.schema.items() if name not in keys} == wanted


def test_the_dictionary_says_which_facts_are_awaited() -> None:
    told = dictionary(load_contracts(), load_catalogue())
    said = [row for row in told.splitlines() if row.endswith("| awaited 尚无部门提供 |")]
    awaited = [fact.name for fact in load_catalogue().facts.values() if fact.is_awaited]
    assert sorted(row.split(" | ")[0].removeprefix("| ") for row in said) == sorted(awaited) != []


def test_the_dictionary_says_how_facts_follow_from_others() -> None:
    told = dictionary(load_contracts(), load_catalogue()).partition("## How facts follow from others")[2]
    rows = [line.split(" | ") for line in told.splitlines() if line.startswith("| ")]
    formulas = {row[0].removeprefix("| "): row[3] for row in rows if len(row) == 5}
    for definition in load_catalogue().definitions.values():
        assert formulas[definition.name] == f"`{' '.join(definition.versions[-1].formula.split())}`"


# ---- unknown is not zero ----

PERSON_FACTS: dict[str, dict[str, Any]] = {
    "disability_card": {
        "is_disabled": False,
        "disability_type_code": "none",
        "disability_grade": None,
        "is_severe_disabled": False,
        "living_subsidy_yuan_month": 0,
    },
    "major_illness": {"has_major_illness": False, "illness_registered_days": None},
    "settlement": {"person_burden_12m_yuan": 0},
    "enrolment": {"is_enrolled_medical": False, "insurance_type_code": "none", "has_premium_subsidy": False},
    "unemployment": {"is_unemployed": False, "unemployment_benefit_yuan_month": 0, "unemployed_days": None},
    "pension_insurance": {
        "pension_status_code": "none",
        "pension_yuan_month": 0,
        "is_working": False,
        "working_days": None,
        "pension_drawing_days": None,
    },
    "worker_hardship": {"has_hardship_file": False},
    "student_aid": {
        "is_student": False,
        "is_dropout": False,
        "school_stage_code": "none",
        "own_cost_yuan_year": 0,
        "school_aid_code": "none",
        "school_aid_yuan_year": 0,
    },
    "custody": {"in_custody": False, "custody_days": None},
    "child_welfare": {"child_type_code": "none", "child_living_yuan_month": 0},
    "elder_care": {
        "care_ability_code": "none",
        "is_living_alone": False,
        "elder_allowance_yuan_month": 0,
        "life_certified_days": None,
    },
    "benefit_roll": {"benefit_category_code": "none", "person_pay_yuan_month": 0, "benefit_months": 0},
    "poverty_watch": {"is_watched": False},
}


@pytest.mark.parametrize("extract", sorted(PERSON_FACTS))
def test_never_delivered_is_unknown_and_not_listed_is_none(extract: str) -> None:
    base = core_of(population=population(resident("a", ADULT)))
    absent = PERSON_FACTS[extract]
    before = persons(base)["a"]
    assert {name: before[name] for name in absent} == dict.fromkeys(absent)
    after = persons({**base, extract: core_rows(extract, JAN, [{"person_id": "z"}])})["a"]
    assert {name: after[name] for name in absent} == absent


HOUSEHOLD_FACTS: dict[str, dict[str, Any]] = {
    "settlement": {
        "burden_12m_yuan": 0,
        "burden_1m_yuan": 0,
        "burden_month_cnt": 0,
        "burden_median_yuan_month": None,
    },
    "student_aid": {"education_cost_yuan_year": 0},
    "disaster": {
        "disaster_days": None,
        "house_damage_code": "none",
        "disaster_loss_yuan": 0,
        "disaster_relief_yuan": 0,
    },
    "housing_security": {
        "rent_arrears_month_cnt": 0,
        "house_grade_code": "none",
        "housing_aid_code": "none",
        "rent_subsidy_yuan_month": 0,
    },
    "benefit_roll": {
        "unit_pay_yuan_month": 0,
        "benefit_stopped_days": None,
        "recognised_days": None,
        "review_days_left": None,
        "income_6m_yuan_month": None,
    },
    "poverty_watch": {"income_12m_yuan_month": None},
    "worker_hardship": {"income_1m_yuan_month": None},
    "temporary_relief": {"relief_12m_yuan": 0, "relief_refused_days": None},
    "pension_insurance": {"worker_cnt": 0, "worker_previous_cnt": None},
    "disability_card": {"disabled_cnt": 0, "severe_disabled_cnt": 0},
}


@pytest.mark.parametrize("extract", sorted(HOUSEHOLD_FACTS))
def test_a_household_too_has_none_only_where_the_source_speaks(extract: str) -> None:
    base = core_of(population=population(resident("a", ADULT)), household_member=one_home("a"))
    absent = HOUSEHOLD_FACTS[extract]
    before = household(base)
    assert {name: before[name] for name in absent} == dict.fromkeys(absent)
    after = household({**base, extract: core_rows(extract, JAN, [{"person_id": "z"}])})
    assert {name: after[name] for name in absent} == absent


def test_a_blank_on_the_roll_stays_unknown() -> None:
    card = core_rows(
        "disability_card",
        JAN,
        [{"person_id": "a", "disability_type_code": "5", "disability_grade_code": "3", "issue_date": JAN}],
    )
    row = persons(core_of(population=population(resident("a", ADULT)), disability_card=card))["a"]
    assert row["is_disabled"] and row["is_severe_disabled"] and row["disability_grade"] == 3
    assert row["living_subsidy_yuan_month"] is None


@pytest.mark.parametrize(
    ("kind", "grade", "severe"), [("4", "2", True), ("4", "3", False), ("6", "3", True), ("6", "4", False)]
)
def test_severe_disability(kind: str, grade: str, severe: bool) -> None:
    row = {"person_id": "a", "disability_type_code": kind, "disability_grade_code": grade, "issue_date": JAN}
    core = core_of(disability_card=core_rows("disability_card", JAN, [row]))
    assert persons(core)["a"]["is_severe_disabled"] is severe


def test_one_member_of_unknown_state_makes_the_count_unknown() -> None:
    core = core_of(
        population=population(resident("a", ADULT)),
        household_member=one_home("a", "b"),  # b is on no population roll: age unknown, and whether b lives
    )
    row = household(core)
    assert row["member_cnt"] is None and row["child_cnt"] is None and row["is_elder_only"] is None


def test_a_roll_that_lost_a_person_without_a_word_leaves_them_unknown_for_one_delivery() -> None:
    card = {"person_id": "a", "disability_type_code": "4", "disability_grade_code": "2", "issue_date": JAN}
    other = {**card, "person_id": "z"}
    sent = [core_rows("disability_card", JAN, [card, other]), core_rows("disability_card", FEB, [other])]
    core = core_of(disability_card=sent)
    assert [persons(core, day)["a"]["is_disabled"] for day in (JAN, FEB)] == [True, None]
    core["disability_card"] = pl.concat([core["disability_card"], core_rows("disability_card", MAR, [other])])
    assert persons(core)["a"]["is_disabled"] is False


def test_a_faulty_row_whose_person_is_known_leaves_them_unknown() -> None:
    card = {"person_id": "z", "disability_type_code": "4", "disability_grade_code": "2", "issue_date": JAN}
    core = core_of(population=population(resident("a", ADULT)))
    core["disability_card"] = core_rows("disability_card", MAR, [card])
    assert persons(core)["a"]["is_disabled"] is False
    core["quarantined"] = pl.DataFrame(
        {"extract": ["disability_card"], "person_id": ["a"], "period_month": [FEB.replace(day=1)]}
    )
    assert persons(core)["a"]["is_disabled"] is None


def test_a_member_does_not_vanish_with_one_faulty_line() -> None:
    """The warehouse closes the spell of who is not on the roll; the roll before still says where."""
    rolls = [population(resident("a", ADULT), resident("b", CHILD), known=JAN)]
    rolls += [population(resident("b", CHILD), known=known) for known in (FEB, MAR)]
    core = core_of(
        population=[roll.with_columns(household_id=pl.lit("H1")) for roll in rolls],
        household_member=members(("H1", "a", JAN, FEB), ("H1", "b", JAN, None)),
    )
    assert [household(core, day)["member_cnt"] for day in (JAN, FEB, MAR)] == [2, 2, 1]


def test_who_died_before_the_first_delivery_still_belongs_to_the_household() -> None:
    dead = resident("a", ADULT, registration_status_code="dead", cancel_date=date(2025, 12, 20))
    roll = population(dead, resident("b", CHILD)).with_columns(household_id=pl.lit("H1"))
    core = core_of(population=roll, household_member=one_home("b"))
    row = household(core)
    assert (row["breadwinner_died_days"], row["member_cnt"]) == (80, 1)


# ---- people ----


@pytest.mark.parametrize(
    ("born", "years"),
    [(date(2008, 3, 10), 18), (date(2008, 3, 11), 17), (date(2008, 2, 29), 18), (date(1900, 1, 1), 126)],
)
def test_age_in_completed_years(born: date, years: int) -> None:
    assert persons(core_of(population=population(resident("a", born))))["a"]["age_years"] == years


def test_born_on_a_leap_day_turns_on_the_first_of_march() -> None:
    core = core_of(population=population(resident("a", date(2008, 2, 29))))
    assert persons(core, date(2026, 2, 28))["a"]["age_years"] == 17
    assert persons(core, date(2026, 3, 1))["a"]["age_years"] == 18


def test_two_sources_of_a_death_and_its_earliest_date() -> None:
    police = resident("a", ADULT, registration_status_code="dead", cancel_date=date(2026, 1, 20))
    fire = {
        "record_no": "1",
        "person_id": "a",
        "vital_event_code": "cremation",
        "registered_date": date(2026, 1, 12),
    }
    core = core_of(population=population(police, resident("b", ADULT), known=FEB))
    one = persons(core)["a"]
    assert (one["is_alive"], one["death_source_cnt"], one["death_days"]) == (False, 1, 49)
    core["cremation_marriage"] = core_rows("cremation_marriage", FEB, [fire])
    two = persons(core)
    assert (two["a"]["death_source_cnt"], two["a"]["death_date"]) == (2, date(2026, 1, 12))
    assert (two["b"]["death_source_cnt"], two["b"]["is_alive"], two["b"]["death_date"]) == (0, True, None)


def test_the_dead_stay_with_their_household_and_the_moved_out_do_not() -> None:
    dead = resident("a", ADULT, registration_status_code="dead", cancel_date=date(2026, 2, 1))
    core = core_of(
        population=population(dead, resident("b", CHILD), resident("c", ADULT), known=MAR),
        household_member=members(("H1", "a", JAN, MAR), ("H1", "b", JAN, None), ("H1", "c", JAN, MAR)),
    )
    who = persons(core)
    assert [who[p]["household_id"] for p in "abc"] == ["H1", "H1", None]
    row = household(core)
    assert (row["member_cnt"], row["child_cnt"], row["breadwinner_died_days"]) == (1, 1, 37)


def test_an_old_mans_death_is_no_breadwinners_death() -> None:
    dead = resident("a", date(1940, 1, 1), registration_status_code="dead", cancel_date=date(2026, 2, 1))
    core = core_of(population=population(dead, resident("b", CHILD)), household_member=one_home("a", "b"))
    assert household(core)["breadwinner_died_days"] is None


def test_a_person_missing_from_the_newest_roll_keeps_what_it_last_said() -> None:
    core = core_of(population=[population(resident("a", ADULT)), population(resident("b", ADULT), known=MAR)])
    assert persons(core)["a"]["age_years"] == 45


def test_parents() -> None:
    dead = resident("f", ADULT, registration_status_code="dead", cancel_date=JAN)
    kids = [
        resident("k1", CHILD, father_person_id="f", mother_person_id="m"),
        resident("k2", CHILD, father_person_id="f", mother_person_id="gone"),
        resident("k3", CHILD),
    ]
    jail = {
        "person_id": "m",
        "custody_type_code": "prison",
        "custody_from_date": JAN,
        "custody_until_date": date(2026, 12, 31),
    }
    core = core_of(
        population=population(dead, resident("m", ADULT), *kids),
        disability_card=core_rows("disability_card", JAN, [{"person_id": "z", "disability_grade_code": "1"}]),
        custody=core_rows("custody", JAN, [jail]),
    )
    who = persons(core)
    facts = ("parent_known_cnt", "parent_dead_cnt", "parent_unable_cnt")
    assert [tuple(who[k][f] for f in facts) for k in ("k1", "k2", "k3")] == [
        (2, 1, 1),
        (2, None, None),  # a mother nobody can see is neither well nor dead
        (0, None, None),
    ]
    assert who["m"]["custody_days"] == 64 and who["m"]["custody_total_days"] == 360


def test_a_short_stay_and_community_correction_make_no_parent_unable() -> None:
    def unable(**jail: Any) -> tuple[bool, int]:
        row = {"person_id": "m", "custody_type_code": "prison", "custody_from_date": JAN, **jail}
        core = core_of(
            population=population(resident("m", ADULT), resident("k", CHILD, mother_person_id="m")),
            disability_card=core_rows(
                "disability_card", JAN, [{"person_id": "z", "disability_grade_code": "1"}]
            ),
            custody=core_rows("custody", JAN, [row]),
        )
        who = persons(core)
        return who["m"]["in_custody"], who["k"]["parent_unable_cnt"]

    assert unable(custody_until_date=date(2026, 4, 1)) == (True, 0)
    assert unable(custody_type_code="community", custody_until_date=date(2027, 4, 1)) == (False, 0)
    assert unable(custody_until_date=date(2026, 3, 1)) == (False, 0)
    assert unable(custody_until_date=date(2027, 3, 1)) == (True, 1)


# ---- places ----


@pytest.mark.parametrize(
    ("village", "residence", "tier", "rural"),
    [
        (VILLAGE, None, "t4_rural", True),
        (VILLAGE, "urban", "t4_urban", False),  # civil affairs decides over the village's class
        ("441502001001", None, "t4_urban", False),
        ("440103001001", "rural", "t1", True),
        ("440799999999", None, "t3", None),
        ("449999999999", None, None, None),
    ],
)
def test_place_tier(village: str, residence: str | None, tier: str | None, rural: bool | None) -> None:
    people = population(resident("a", ADULT, village_code=village))
    roll = core_rows("benefit_roll", JAN, [pay("a", residence_code=residence)])
    row = household(core_of(population=people, household_member=one_home("a"), benefit_roll=roll))
    assert (row["place_tier_code"], row["is_rural"], row["town_code"]) == (tier, rural, village[:9])


def test_place_tiers_are_read_from_the_rules() -> None:
    """Every city of a tier of its own; the others are tier four, by town and country."""
    found: dict[str, list[str]] = {}
    for city in ("4401", "4403", "4404", "4406", "4407", "4412", "4413", "4419", "4420", "4405"):
        village = f"{city}03001001"
        core = core_of(
            population=population(resident("a", ADULT, village_code=village)), household_member=one_home("a")
        )
        where = places((village, True))
        found.setdefault(household(core, where=where)["place_tier_code"], []).append(city)
    assert found == {
        "t1": ["4401", "4403"],
        "t2": ["4404", "4406", "4419", "4420"],
        "t3": ["4407", "4412", "4413"],
        "t4_rural": ["4405"],
    }
