"""Who lives from one purse and who sleeps under one roof, as tables that a policy person can read."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from policies.loading import load_catalogue
from policies.values.workspace import with_person_definitions
from transforms.households.assistance_units import DEFINED, UnitRules, assistance_units, dwellings

RULES = UnitRules(("single",))
PEOPLE = {
    "person_id": pl.String, "household_id": pl.String, "relation_code": pl.String, "age_years": pl.Int64,
    "is_alive": pl.Boolean, "registration_status_code": pl.String, "in_custody": pl.Boolean,
    "is_student": pl.Boolean, "school_stage_code": pl.String, "is_severe_disabled": pl.Boolean,
    "dwelling_id": pl.String,
    "is_dwelling_outside": pl.Boolean,
}  # fmt: skip
LISTED = {"person_id": pl.String, "unit_no": pl.String, "category_code": pl.String}


def person(name: str, relation: str, age: int | None, **more: Any) -> dict[str, Any]:
    base = {"household_id": "H1", "is_alive": True, "registration_status_code": "active", "in_custody": False}
    told = {
        "is_student": False,
        "is_severe_disabled": False,
        "dwelling_id": "D1",
        "is_dwelling_outside": False,
    }
    return {"person_id": name, "relation_code": relation, "age_years": age, **base, **told, **more}


FATHER, MOTHER, CHILD = person("f", "head", 50), person("m", "spouse", 48), person("c", "child", 12)


def frame(*people: dict[str, Any]) -> pl.DataFrame:
    facts = pl.DataFrame(list(people), schema=PEOPLE)
    return with_person_definitions(load_catalogue(), facts, date(2026, 3, 10), DEFINED)


def units(*people: dict[str, Any], listed: tuple[tuple[str, str, str], ...] = ()) -> list[set[str]]:
    found = assistance_units(frame(*people), pl.DataFrame(list(listed), schema=LISTED, orient="row"), RULES)
    return sorted((set(part["person_id"]) for part in found.partition_by("household_no")), key=min)


def roofs(*people: dict[str, Any]) -> list[set[str]]:
    return sorted(
        (set(part["person_id"]) for part in dwellings(frame(*people)).partition_by("household_id")), key=min
    )


AWAY = {"dwelling_id": "D9"}
NOWHERE, OUTSIDE = {"dwelling_id": None}, {"dwelling_id": None, "is_dwelling_outside": True}
GROWN_ELSEWHERE = person("g", "child", 26, dwelling_id="D2")


@pytest.mark.parametrize(
    ("case", "people", "expected"),
    [
        ("spouses and a minor child", (FATHER, MOTHER, CHILD), [{"f", "m", "c"}]),
        ("a grown child at home counts", (FATHER, person("g", "child", 26)), [{"f", "g"}]),
        ("a grown child who keeps house elsewhere does not", (FATHER, GROWN_ELSEWHERE), [{"f"}, {"g"}]),
        (
            "a student away at college does",
            (FATHER, person("s", "child", 20, **AWAY, is_student=True, school_stage_code="college")),
            [{"f", "s"}],
        ),
        (
            "whether a grown child is a student is not known: elsewhere is elsewhere",
            (FATHER, person("s", "child", 20, **AWAY, is_student=None)),
            [{"f"}, {"s"}],
        ),
        (
            "a severely disabled grown child elsewhere cannot keep house alone",
            (FATHER, person("s", "child", 30, **AWAY, is_severe_disabled=True)),
            [{"f", "s"}],
        ),
        ("a boarding pupil of 12 does", (FATHER, person("c", "child", 12, **AWAY)), [{"c", "f"}]),
        ("a spouse who works elsewhere does", (FATHER, person("m", "spouse", 48, **AWAY)), [{"f", "m"}]),
        ("old parents next door do", (FATHER, person("o", "parent", 80, **AWAY)), [{"f", "o"}]),
        (
            "two who left together keep one house",
            (FATHER, GROWN_ELSEWHERE, person("w", "child_in_law", 25, dwelling_id="D2")),
            [{"f"}, {"g", "w"}],
        ),
        (
            "a grown child outside the province is alone",
            (FATHER, person("g", "child", 26, **OUTSIDE)),
            [{"f"}, {"g"}],
        ),
        (
            "where a grown child lives is not known: at home",
            (FATHER, person("g", "child", 26, **NOWHERE)),
            [{"f", "g"}],
        ),
        ("the held, the dead and the moved do not", (
            FATHER, person("p", "child", 30, in_custody=True), person("d", "parent", 80, is_alive=False),
            person("a", "child", 30, registration_status_code="moved_out")), [{"f"}]),
        (
            "whether somebody is held is not known: they count",
            (FATHER, person("p", "child", 30, in_custody=None)),
            [{"f", "p"}],
        ),
    ],
)  # fmt: skip
def test_who_lives_from_one_purse(case: str, people: tuple, expected: list[set[str]]) -> None:
    assert units(*people) == expected, case


def test_the_benefit_rolls_unit_goes_before_the_register() -> None:
    cousin = person("x", "head", 40, household_id="H2", dwelling_id="D5")
    listed = (("f", "U1", "dibao"), ("x", "U1", "dibao"))
    assert units(FATHER, MOTHER, cousin, listed=listed) == [{"f", "x"}, {"m"}]


BABY, GROWN_AT_HOME = person("b", "child", 0), person("g", "child", 26)


@pytest.mark.parametrize(
    ("case", "people", "expected"),
    [
        ("a newborn whom the roll does not name yet", (FATHER, MOTHER, BABY), [{"b", "f", "m"}]),
        ("a grown child at home whom it leaves out", (FATHER, MOTHER, GROWN_AT_HOME), [{"f", "m"}, {"g"}]),
        ("half of a household is not the family", (FATHER, MOTHER, BABY, CHILD), [{"b", "c"}, {"f", "m"}]),
    ],
)
def test_who_is_nearest_belongs_to_a_listed_family(
    case: str, people: tuple, expected: list[set[str]]
) -> None:
    listed = (("f", "U1", "dibao"), ("m", "U1", "dibao"))
    assert units(*people, listed=listed) == expected, case


def test_a_spouse_whose_row_was_lost_stays_with_the_family() -> None:
    listed = (("f", "U1", "dibao"), ("c", "U1", "dibao"))
    assert units(FATHER, MOTHER, CHILD, listed=listed) == [{"c", "f", "m"}]


def test_who_is_recognised_alone_is_a_unit_of_one() -> None:
    listed = (("f", "U1", "marginal"), ("m", "U1", "marginal"), ("m", "U1", "single"))
    assert units(FATHER, MOTHER, CHILD, listed=listed) == [{"c"}, {"f"}, {"m"}]


@pytest.mark.parametrize(
    ("case", "people", "expected"),
    [
        ("one roof", (FATHER, MOTHER, CHILD), [{"f", "m", "c"}]),
        ("who left sleeps elsewhere", (FATHER, GROWN_ELSEWHERE), [{"f"}, {"g"}]),
        ("who tells no address: the head's", (FATHER, person("c", "child", 9, **NOWHERE)), [{"c", "f"}]),
        ("two households, one roof", (FATHER, person("o", "head", 70, household_id="H2")), [{"f", "o"}]),
        ("outside the province is no roof", (FATHER, person("g", "child", 26, **OUTSIDE)), [{"f"}]),
        ("the held sleep under none", (FATHER, person("p", "child", 30, in_custody=True)), [{"f"}]),
    ],
)  # fmt: skip
def test_who_sleeps_under_one_roof(case: str, people: tuple, expected: list[set[str]]) -> None:
    assert roofs(*people) == expected, case


def test_a_household_without_any_address_is_under_no_known_roof() -> None:
    assert roofs(person("f", "head", 50, **NOWHERE)) == []
