"""Three published laws, written in YAML alone, answer every case of their public suites as published."""

from __future__ import annotations

import pytest

from tests.laws import by_engine, by_specification
from tests.laws.cases import LAWS, published_origins, read_cases

PUBLISHED = {"country_template": 38, "japan_public_assistance": 577, "kentucky_ktap": 155}


@pytest.mark.parametrize("law", PUBLISHED)
def test_every_published_case_is_carried(law: str) -> None:
    assert len(published_origins(law)) == PUBLISHED[law]


@pytest.mark.parametrize("law", PUBLISHED)
def test_no_program_stands_beside_a_law(law: str) -> None:
    assert {path.suffix for path in (LAWS / law).rglob("*") if path.is_file()} == {".yaml"}


@pytest.mark.parametrize("law", PUBLISHED)
def test_the_specification_gives_what_is_published(law: str) -> None:
    faults = [fault for case in read_cases(law) for fault in case.faults(by_specification.answers(law, case))]
    assert faults == []


@pytest.mark.parametrize("law", PUBLISHED)
def test_the_engine_gives_what_is_published(law: str) -> None:
    assert by_engine.faults(law, read_cases(law)) == []


def test_a_case_says_what_came_out_differently() -> None:
    case = next(case for case in read_cases("country_template") if case.origin == "income_tax.yaml 1")
    wrong = {day: {"": {}, "a": {"income_tax": 1500.01}} for day in case.days}
    unknown = {day: {"": {}, "a": {"income_tax": None}} for day in case.days}
    assert [len(case.faults(found)) for found in (wrong, unknown)] == [1, 1]
    assert "income_tax is 1500.01, not 1500" in case.faults(wrong)[0]
