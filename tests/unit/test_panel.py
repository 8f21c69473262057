"""The panel: every fact of the dictionary, unknown kept apart from none, only what was known by the date."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
import yaml

from tests.small_core import PACKAGE, TIERS, contract, core_of, core_rows, definitions, members, places
from zhaoren.flows import reference
from zhaoren.policies.catalogue import load_catalogue
from zhaoren.transforms.frames import KEYS
from zhaoren.transforms.panel import panel_households, panel_persons
from zhaoren.transforms.places import place_of
from zhaoren.transforms.staleness import staleness

JAN, FEB, MAR = date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5)
AS_OF = date(2026, 3, 10)
VILLAGE = "440512001001"
PLACES = places((VILLAGE, True), ("440103001001", False), ("441502001001", False))
DTYPES = {
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "text": pl.String(),
    "date": pl.Date(),
    "yuan": pl.Decimal(18, 2),
}


def resident(person_id: str, born: date, **more: Any) -> dict[str, Any]:
    base = {
        "person_id": person_id,
        "sex_code": "1",
        "birth_date": born,
        "household_no": "h",
        "relation_code": "head",
        "village_code": VILLAGE,
        "registration_status_code": "active",
    }
    return {**base, **more}


ADULT, CHILD = date(1980, 5, 1), date(2015, 5, 1)


def one_home(*people: str) -> pl.DataFrame:
    return members(*(("H1", p, JAN, None) for p in people))


def population(*rows: dict[str, Any], known: date = JAN) -> pl.DataFrame:
    return core_rows("population", known, list(rows))


def persons(core: dict[str, pl.DataFrame], as_of: date = AS_OF) -> dict[str, dict[str, Any]]:
    frame = panel_persons(core, as_of, definitions())
    return {row["person_id"]: row for row in frame.to_dicts()}


def household(
    core: dict[str, pl.DataFrame], as_of: date = AS_OF, where: pl.DataFrame = PLACES
) -> dict[str, Any]:
    frame = panel_households(
        core, panel_persons(core, as_of, definitions()), as_of, definitions(), where, TIERS
    )
    (row,) = frame.to_dicts()
    return row


# ---- the dictionary ----


@pytest.mark.parametrize("entity", ["person", "household"])
def test_every_fact_of_the_dictionary_is_there_with_its_type(entity: str) -> None:
    facts = yaml.safe_load((PACKAGE / "policies" / "facts.yaml").read_text(encoding="utf-8"))["facts"]
    core = core_of(population=population(resident("a", ADULT)), household_member=one_home("a"))
    who = panel_persons(core, AS_OF, definitions())
    frame = who if entity == "person" else panel_households(core, who, AS_OF, definitions(), PLACES, TIERS)
    wanted = {f["name"]: DTYPES[f["type"]] for f in facts if f["entity"] == entity}
    keys = {"person_id", "household_id", "town_code", "village_code"}
    assert {name: dtype for name, dtype in frame.schema.items() if name not in keys} == wanted


def test_the_keys_are_those_of_the_contracts() -> None:
    for extract, key in KEYS.items():
        props = [p for p in contract(extract)["schema"][0]["properties"] if p.get("primaryKey")]
        props.sort(key=lambda p: p["primaryKeyPosition"])
        assert tuple(p["name"].replace("id_number", "person_id") for p in props) == key, extract


# ---- unknown is not zero ----

PERSON_FACTS = {
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
    "pension_insurance": {"pension_status_code": "none", "pension_yuan_month": 0, "is_working": False},
    "student_aid": {
        "is_student": False,
        "is_dropout": False,
        "school_stage_code": "none",
        "own_cost_yuan_year": 0,
    },
    "custody": {"in_custody": False, "custody_days": None},
    "child_welfare": {"child_type_code": "none", "child_living_yuan_month": 0},
    "elder_care": {"care_ability_code": "none", "is_living_alone": False, "elder_allowance_yuan_month": 0},
    "benefit_roll": {"benefit_category_code": "none", "person_pay_yuan_month": 0, "benefit_months": 0},
    "poverty_watch": {"is_watched": False},
}


@pytest.mark.parametrize("extract", sorted(PERSON_FACTS))
def test_never_delivered_is_unknown_and_not_listed_is_none(extract: str) -> None:
    base = core_of(population=population(resident("a", ADULT)))
    absent = PERSON_FACTS[extract]
    assert {name: persons(base)["a"][name] for name in absent} == dict.fromkeys(absent)
    somebody_else = core_rows(extract, JAN, [{"person_id": "z"}])
    assert {name: persons({**base, extract: somebody_else})["a"][name] for name in absent} == absent


HOUSEHOLD_FACTS = {
    "settlement": {
        "burden_12m_yuan": 0,
        "burden_1m_yuan": 0,
        "burden_month_cnt": 0,
        "burden_median_yuan_month": None,
    },
    "student_aid": {"education_cost_yuan_year": 0},
    "disaster": {"disaster_days": None, "house_damage_code": "none", "disaster_loss_yuan": 0},
    "housing_security": {"rent_arrears_month_cnt": 0, "house_grade_code": "none"},
    "benefit_roll": {"unit_pay_yuan_month": 0, "benefit_stopped_days": None},
    "temporary_relief": {"relief_12m_yuan": 0, "relief_refused_days": None},
    "pension_insurance": {"worker_cnt": 0, "worker_previous_cnt": None},
    "disability_card": {"disabled_cnt": 0, "severe_disabled_cnt": 0},
}


@pytest.mark.parametrize("extract", sorted(HOUSEHOLD_FACTS))
def test_a_household_too_has_none_only_where_the_source_speaks(extract: str) -> None:
    base = core_of(population=population(resident("a", ADULT)), household_member=one_home("a"))
    absent = HOUSEHOLD_FACTS[extract]
    assert {name: household(base)[name] for name in absent} == dict.fromkeys(absent)
    somebody_else = core_rows(extract, JAN, [{"person_id": "z"}])
    assert {name: household({**base, extract: somebody_else})[name] for name in absent} == absent


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
        household_member=one_home("a", "b"),  # b is on no population roll: age unknown
    )
    row = household(core)
    assert row["member_cnt"] == 2 and row["child_cnt"] is None and row["is_elder_only"] is None


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


def pay(person: str, unit: str = "u1", **more: Any) -> dict[str, Any]:
    base = {
        "unit_no": unit,
        "person_id": person,
        "is_head": False,
        "category_code": "dibao",
        "member_cnt": 2,
        "income_yuan_month": Decimal("400"),
        "unit_pay_yuan_month": Decimal("1200"),
        "person_pay_yuan_month": Decimal("600"),
        "start_month": date(2025, 6, 1),
    }
    return {**base, **more}


def home_core(**frames: pl.DataFrame | list[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    people = population(resident("a", ADULT), resident("b", CHILD, relation_code="child"))
    return core_of(population=people, household_member=one_home("a", "b"), **frames)


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


# ---- places, staleness, speed ----


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
    frame = reference.tiers(load_catalogue(), AS_OF)
    assert dict(frame.iter_rows())["4403"] == "t1" and frame.height == 9
    assert place_of(pl.DataFrame({"village_code": [VILLAGE]}), PLACES)["city_code"].to_list() == ["4405"]


def test_staleness() -> None:
    def sent(extract: str, known: date, status: str = "accepted") -> tuple[str, str, date, str]:
        return ("d", extract, known, status)

    rows = [sent("roll", JAN), sent("roll", date(2026, 4, 5)), sent("held", FEB, "held"), sent("fresh", MAR)]
    deliveries = pl.DataFrame(rows, schema=["department", "extract", "known_date", "status"], orient="row")
    calendar = pl.DataFrame(
        [("d", "roll", 31, 10), ("d", "held", 31, 10), ("d", "fresh", 31, 10), ("d", "event", None, 10)],
        schema=["department", "extract", "period_days", "grace_days"],
        orient="row",
    )
    found = {row["extract"]: row for row in staleness(deliveries, calendar, AS_OF).to_dicts()}
    assert [(e, found[e]["is_stale"], found[e]["is_never"], found[e]["days_old"]) for e in sorted(found)] == [
        ("event", False, True, None),
        ("fresh", False, False, 5),
        ("held", True, True, None),
        ("roll", True, False, 64),
    ]


def big_core(size: int) -> dict[str, pl.DataFrame]:
    """`size` persons in households of four, six rolls of population and 150,000 bills."""
    number = pl.int_range(size, eager=True)
    person, home = pl.format("p{}", number), pl.format("h{}", number // 4)
    person, home = pl.select(person.alias("p")).to_series(), pl.select(home.alias("h")).to_series()
    rolls = [
        core_rows("population", date(2025, m, 5), [])
        .clear()
        .vstack(
            pl.select(
                pl.lit(None, dtype=dtype).alias(name)
                for name, dtype in core_rows("population", JAN, []).schema.items()
            )
            .select(pl.all().repeat_by(size).explode())
            .with_columns(
                person_id=person,
                birth_date=pl.date(1950 + number % 70, 5, 1),
                relation_code=pl.lit("head"),
                village_code=pl.lit(VILLAGE),
                registration_status_code=pl.lit("active"),
                household_no=home,
                delivery_id=pl.lit(f"d{m}"),
                known_date=pl.lit(date(2025, m, 5)),
                row_no=number.cast(pl.Int64),
            )
        )
        for m in range(7, 13)
    ]
    bill_no = pl.int_range(3 * size, eager=True)
    settlement = pl.DataFrame({"n": bill_no}).select(
        settlement_id=pl.col("n").cast(pl.String),
        person_id=pl.format("p{}", pl.col("n") % size),
        settlement_date=pl.date(2025, 1 + pl.col("n") % 11, 3),
        settlement_status_code=pl.lit("valid"),
        personal_burden_yuan=pl.col("n").cast(pl.Decimal(18, 2)),
        delivery_id=pl.lit("d"),
        known_date=pl.lit(date(2025, 12, 5)),
        row_no=pl.col("n").cast(pl.Int64),
    )
    spells = pl.DataFrame({"household_id": home, "person_id": person}).with_columns(
        valid_from=pl.lit(JAN.replace(year=2025)), valid_to=pl.lit(None, dtype=pl.Date), kind=pl.lit("hukou")
    )
    return {"population": pl.concat(rolls), "settlement": settlement, "household_member": spells}


def test_fifty_thousand_persons_take_seconds_and_the_same_bytes_every_time() -> None:
    core = big_core(50_000)
    start = time.perf_counter()
    first = panel_persons(core, AS_OF, definitions())
    homes = panel_households(core, first, AS_OF, definitions(), PLACES, TIERS)
    seconds = time.perf_counter() - start
    assert homes.height == 12_500 and first.height == 50_000
    assert seconds < 8, f"{seconds:.1f} s"  # 1.5 s alone on the machine; the bound allows for busy neighbours
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=7) for name, frame in core.items()}
    again = panel_persons(shuffled, AS_OF, definitions())
    assert again.equals(first)
    assert panel_households(shuffled, again, AS_OF, definitions(), PLACES, TIERS).equals(homes)
