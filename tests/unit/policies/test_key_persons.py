"""Who is a key person: by rule, the first kind that holds; the unknown is no key person and is counted."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from policies.casework.key_person_rows import KEY_PERSONS, UNTOLD, key_persons
from policies.casework.key_persons import key_rule_problems, load_key_persons
from policies.casework.versions import FOLDER
from policies.loading import load_catalogue

AS_OF = date(2026, 3, 5)
NOBODY: dict[str, Any] = {
    "is_member": True, "benefit_category_code": "none", "child_type_code": "none", "age_years": 40,
    "is_living_alone": False, "care_ability_code": "none", "is_disabled": False, "disability_grade": None,
}  # fmt: skip


def ask(*people: dict[str, Any], members: int | None = 2) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    place = {"household_id": "H1", "town_code": "440512001", "village_code": "440512001001"}
    rows = [{"person_id": f"P{n}", **place, **NOBODY, **one} for n, one in enumerate(people)]
    persons = pl.DataFrame(rows, infer_schema_length=None)
    households = pl.DataFrame({"household_id": ["H1"], "town_code": ["440512001"], "member_cnt": [members]})
    found, untold = key_persons(load_key_persons(AS_OF), load_catalogue(), persons, households, AS_OF)
    assert found.schema == KEY_PERSONS and untold.schema == UNTOLD
    return dict(found.select("person_id", "kind_code").iter_rows()), untold.rows()


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"benefit_category_code": "tekun"}, "tekun"),
        ({"child_type_code": "orphan", "age_years": 9}, "orphan"),
        ({"child_type_code": "unsupported", "age_years": 9}, "unsupported_child"),
        ({"age_years": 60, "is_living_alone": True}, "lone_elder"),
        ({"age_years": 80, "care_ability_code": "disabled"}, "disabled_elder"),
        ({"age_years": 80, "care_ability_code": "disabled", "is_living_alone": True}, "lone_elder"),
        ({"benefit_category_code": "tekun", "age_years": 80, "is_living_alone": None}, "tekun"),
        ({"age_years": 59, "is_living_alone": True}, None),
        ({"age_years": 80, "care_ability_code": "partial"}, None),
        ({"benefit_category_code": "tekun", "is_member": False}, None),
    ],
)
def test_the_first_kind_that_holds(facts: dict[str, Any], kind: str | None) -> None:
    found, untold = ask(facts)
    assert found == ({"P0": kind} if kind else {}) and untold == []


def test_severely_disabled_and_alone_in_the_household() -> None:
    severe = {"is_disabled": True, "disability_grade": 1, "disability_type_code": "physical"}
    assert ask(severe, members=1)[0] == {"P0": "severe_alone"}
    assert ask(severe, members=2)[0] == {}


def test_whose_fact_is_unknown_is_no_key_person_and_is_counted() -> None:
    old = {"age_years": 70, "is_living_alone": None}
    found, untold = ask(
        old, old | {"benefit_category_code": "tekun"}, {"age_years": 30, "is_living_alone": None}
    )
    assert found == {"P1": "tekun"} and untold == [("440512001", 1)]
    # The roll never came: of nobody it can be told.
    assert ask({"benefit_category_code": None}, {"benefit_category_code": None}) == ({}, [("440512001", 2)])


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("is_living_alone}", "is_living_alon}", "is_living_alon"),
        ("$elder.care_age AND is_living", "60 AND is_living", "the number 60 belongs in a parameter"),
        ("when: is_member AND child_type_code = 'orphan'", "when: child_type_code", "no yes or no"),
        ("$elder.care_age AND is_living", "$elder.car_age AND is_living", "car_age"),
    ],
)
def test_a_rule_that_means_nothing_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, what: str
) -> None:
    shutil.copytree(FOLDER, tmp_path / "casework", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = tmp_path / "casework" / "key_persons.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) >= 1
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    problems = [str(problem) for problem in key_rule_problems(load_catalogue(), path.parent)]
    assert len(problems) == 1 and what in problems[0] and "key_persons.yaml:" in problems[0]
    assert key_rule_problems(load_catalogue(), FOLDER) == []
