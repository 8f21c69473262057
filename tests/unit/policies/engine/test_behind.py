"""Where a derived fact is unknown, the departments' facts behind it are asked for, never a known one."""

from __future__ import annotations

import polars as pl
import pytest

from policies.catalogue.shapes import Entity
from policies.engine.behind import columns_behind, lacking
from policies.loading import load_catalogue
from policies.values.workspace import Workspace
from tests.helpers.households import AS_OF, household, person

CATALOGUE = load_catalogue()
KNOWN = {"is_disabled": True, "disability_grade": 3, "disability_type_code": "5"}


def lacks(entity: Entity, name: str, persons: pl.DataFrame, homes: pl.DataFrame) -> list[str]:
    columns = [name, *columns_behind(CATALOGUE, entity, name, AS_OF)]
    frame = Workspace(CATALOGUE, persons, homes, AS_OF).frame(entity, columns)
    row = frame.select(test.alias(n) for n, test in lacking(CATALOGUE, entity, name, AS_OF).items())
    return [n for n, is_lacking in row.row(0, named=True).items() if is_lacking]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (KNOWN, []),
        (KNOWN | {"disability_type_code": None}, ["disability_type_code"]),
        # a first grade is severe whatever the kind: nothing is missing
        (KNOWN | {"disability_grade": 1, "disability_type_code": None}, []),
        (dict.fromkeys(KNOWN), ["is_disabled", "disability_grade", "disability_type_code"]),
        # who states the derived fact as unknown, and everything behind it as known, lacks the fact itself
        (KNOWN | {"is_severe_disabled": None}, ["is_severe_disabled"]),
    ],
)
def test_a_severe_disability_lacks_what_the_card_does_not_say(facts: dict, expected: list[str]) -> None:
    persons = pl.DataFrame([person("p1", **facts)], infer_schema_length=None)
    assert lacks("person", "is_severe_disabled", persons, household()) == expected


def test_a_sum_over_members_is_named_itself() -> None:
    persons = pl.DataFrame([person("p1", own_cost_yuan_year=None, person_burden_12m_yuan=10)])
    assert lacks("household", "rigid_spend_12m_yuan", persons, household()) == ["education_cost_yuan_year"]


def test_of_several_sources_that_would_do_none_is_named() -> None:
    persons, homes = pl.DataFrame([person("p1")]), household(income_yuan_month=None)
    assert lacks("household", "income_yuan_month", persons, homes) == ["income_yuan_month"]


def test_a_household_s_fact_in_a_person_s_rule_keeps_its_prefix() -> None:
    found = lacking(CATALOGUE, "person", "household_rigid_spend_12m_yuan", AS_OF)
    assert list(found)[:2] == ["household_burden_12m_yuan", "household_education_cost_yuan_year"]
