"""A place's own formula of a definition: whom it holds for, from when, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from policies.analysis.definition_examples import run_definition
from policies.catalogue.model import Catalogue
from policies.values.workspace import Workspace
from tests.helpers.small_law import LAW, with_own

SHIPPED = (LAW / "definitions" / "family.yaml").read_text(encoding="utf-8")
# In this city everybody counts as a child, from 2026 on.
CITY = (
    SHIPPED.replace("entity: household\n", 'entity: household\n    place: "4401"\n', 1)
    .replace("valid_from: 2020-01-01", "valid_from: 2026-01-01")
    .replace("COUNT_MEMBERS(age_years < $aid.adult_age)", "COUNT_MEMBERS(age_years >= 0)")
    .replace("gives: 1}", "gives: 2}")
)
TOWNS = ["440103001", "440300001", None]


def children(cat: Catalogue, day: date, ages: tuple[int, int]) -> list[int | None]:
    """The number of children of two persons in each of the towns."""
    ids = [f"h{i}" for i in range(len(TOWNS))]
    homes = pl.DataFrame({"household_id": ids, "town_code": TOWNS})
    people = {"person_id": [f"p{i}" for i in range(2 * len(ids))], "household_id": sorted(2 * ids)}
    persons = pl.DataFrame({**people, "age_years": list(ages) * len(ids)})
    return Workspace(cat, persons, homes, day).column("household", "child_cnt").to_list()


def test_a_place_s_own_formula_goes_before_the_one_for_everywhere(tmp_path: Path) -> None:
    cat, problems = with_own(tmp_path, "definitions", CITY)
    assert cat is not None and problems == []
    results = run_definition(cat, cat.definitions["household.child_cnt"])
    assert [result.faults for result in results] == [(), ()]  # the example for everywhere, and the place's
    day = date(2026, 3, 1)
    # who lives nobody knows where: only where both formulas agree
    assert children(cat, day, (10, 40)) == [2, 1, None]
    assert children(cat, day, (10, 12)) == [2, 2, 2]
    assert children(cat, date(2025, 12, 31), (10, 40)) == [1, 1, 1]


def test_what_a_place_may_not_do(tmp_path: Path) -> None:
    _, problems = with_own(tmp_path, "definitions", CITY, CITY)
    assert "two versions of child_cnt for 4401 are in force on 2026-01-01" in problems[0]
    _, problems = with_own(tmp_path / "type", "definitions", CITY.replace("type: integer", "type: number"))
    assert "'child_cnt' is of type integer, for every place alike" in problems[0]
    _, problems = with_own(tmp_path / "name", "definitions", CITY.replace("child_cnt", "minor_cnt"))
    assert "there is no 'minor_cnt' for everywhere to differ from" in problems[0]
    _, problems = with_own(tmp_path / "text", "definitions", CITY.replace(">= 0", "> old"))
    assert "there is no fact “old” here" in problems[0] and "own_0.yaml:" in problems[0]
