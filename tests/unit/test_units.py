"""Who lives from one purse and who sleeps under one roof, as tables that a policy person can read."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from zhaoren.transforms.units import UnitRules, assistance_units, dwellings

RULES = UnitRules(18, ("senior", "college"), ("single",))
PEOPLE = {
    "person_id": pl.String, "household_id": pl.String, "relation_code": pl.String, "age_years": pl.Int64,
    "is_alive": pl.Boolean, "registration_status_code": pl.String, "in_custody": pl.Boolean,
    "is_student": pl.Boolean, "school_stage_code": pl.String, "dwelling_id": pl.String,
    "is_dwelling_outside": pl.Boolean,
}  # fmt: skip
LISTED = {"person_id": pl.String, "unit_no": pl.String, "category_code": pl.String}


def person(name: str, relation: str, age: int | None, **more: Any) -> dict[str, Any]:
    base = {"household_id": "H1", "is_alive": True, "registration_status_code": "active", "in_custody": False}
    told = {"is_student": False, "dwelling_id": "D1", "is_dwelling_outside": False}
    return {"person_id": name, "relation_code": relation, "age_years": age, **base, **told, **more}


FATHER, MOTHER, CHILD = person("f", "head", 50), person("m", "spouse", 48), person("c", "child", 12)


def frame(*people: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(people), schema=PEOPLE)


def units(*people: dict[str, Any], listed: tuple[tuple[str, str, str], ...] = ()) -> list[set[str]]:
    found = assistance_units(frame(*people), pl.DataFrame(list(listed), schema=LISTED, orient="row"), RULES)
    return sorted((set(part["person_id"]) for part in found.partition_by("household_no")), key=min)


def roofs(*people: dict[str, Any]) -> list[set[str]]:
    return sorted((set(part["person_id"]) for part in dwellings(frame(*people)).partition_by("household_id")), key=min)


GROWN_ELSEWHERE = person("g", "child", 26, dwelling_id="D2")


@pytest.mark.parametrize(
    ("case", "people", "expected"),
    [
        ("spouses and a minor child", (FATHER, MOTHER, CHILD), [{"f", "m", "c"}]),
        ("a grown child at home counts", (FATHER, person("g", "child", 26)), [{"f", "g"}]),
        ("a grown child who keeps house elsewhere does not", (FATHER, GROWN_ELSEWHERE), [{"f"}, {"g"}]),
        (
            "a student away at college does",
            (FATHER, person("s", "child", 20, dwelling_id="D9", is_student=True, school_stage_code="college")),
            [{"f", "s"}],
        ),
        (
            "whether a grown child is a student is not known: elsewhere is elsewhere",
            (FATHER, person("s", "child", 20, dwelling_id="D9", is_student=None)),
            [{"f"}, {"s"}],
        ),
        ("a boarding pupil of 12 does", (FATHER, person("c", "child", 12, dwelling_id="D9")), [{"c", "f"}]),
        ("a spouse who works elsewhere does", (FATHER, person("m", "spouse", 48, dwelling_id="D9")), [{"f", "m"}]),
        ("old parents next door do", (FATHER, person("o", "parent", 80, dwelling_id="D9")), [{"f", "o"}]),
        (
            "two who left together keep one house",
            (FATHER, GROWN_ELSEWHERE, person("w", "child_in_law", 25, dwelling_id="D2")),
            [{"f"}, {"g", "w"}],
        ),
        (
            "a grown child outside the province is alone",
            (FATHER, person("g", "child", 26, dwelling_id=None, is_dwelling_outside=True)),
            [{"f"}, {"g"}],
        ),
        ("where a grown child lives is not known: at home", (FATHER, person("g", "child", 26, dwelling_id=None)), [{"f", "g"}]),
        ("the held, the dead and the moved do not", (
            FATHER, person("p", "child", 30, in_custody=True), person("d", "parent", 80, is_alive=False),
            person("a", "child", 30, registration_status_code="moved_out")), [{"f"}]),
        ("whether somebody is held is not known: they count", (FATHER, person("p", "child", 30, in_custody=None)), [{"f", "p"}]),
    ],
)  # fmt: skip
def test_who_lives_from_one_purse(case: str, people: tuple, expected: list[set[str]]) -> None:
    assert units(*people) == expected, case


def test_the_benefit_rolls_unit_goes_before_the_register() -> None:
    cousin = person("x", "head", 40, household_id="H2", dwelling_id="D5")
    listed = (("f", "U1", "dibao"), ("x", "U1", "dibao"))
    assert units(FATHER, MOTHER, cousin, listed=listed) == [{"f", "x"}, {"m"}]


def test_who_is_recognised_alone_is_a_unit_of_one() -> None:
    listed = (("f", "U1", "marginal"), ("m", "U1", "marginal"), ("m", "U1", "single"))
    assert units(FATHER, MOTHER, CHILD, listed=listed) == [{"c"}, {"f"}, {"m"}]


@pytest.mark.parametrize(
    ("case", "people", "expected"),
    [
        ("one roof", (FATHER, MOTHER, CHILD), [{"f", "m", "c"}]),
        ("who left sleeps elsewhere", (FATHER, GROWN_ELSEWHERE), [{"f"}, {"g"}]),
        ("who tells no address sleeps where the head does", (FATHER, person("c", "child", 9, dwelling_id=None)), [{"c", "f"}]),
        ("two registered households under one roof", (FATHER, person("o", "head", 70, household_id="H2")), [{"f", "o"}]),
        ("outside the province is no roof of ours", (FATHER, person("g", "child", 26, dwelling_id=None, is_dwelling_outside=True)), [{"f"}]),
        ("the held sleep under none", (FATHER, person("p", "child", 30, in_custody=True)), [{"f"}]),
    ],
)  # fmt: skip
def test_who_sleeps_under_one_roof(case: str, people: tuple, expected: list[set[str]]) -> None:
    assert roofs(*people) == expected, case


def test_a_household_without_any_address_is_under_no_known_roof() -> None:
    assert roofs(person("f", "head", 50, dwelling_id=None)) == []
