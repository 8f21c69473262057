"""What definitions give in formulas, and what of it a table keeps."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from policies.values.workspace import Workspace, as_stored, with_definitions
from tests.laws.by_engine import frames, law_as_read
from tests.laws.cases import read_cases

LAW = "japan_public_assistance"


def test_what_a_definition_reckons_is_rounded_only_where_it_is_kept() -> None:
    case = next(case for case in read_cases(LAW) if case.origin == "生活扶助基準2.yaml 38")
    cat, day = law_as_read(LAW, None), case.days[0]
    persons, households = frames(cat, [case])
    space = Workspace(cat, persons, households, day, given_first=True)
    kept = with_definitions(cat, persons, households, day, given_first=True)[1]
    exact = Decimal("0.85480000")
    assert space.column("household", "second_standard_taper").to_list() == [exact]
    assert kept.get_column("second_standard_taper").to_list() == [Decimal("0.85")]


def test_what_a_column_cannot_hold_is_unknown_in_its_own_row() -> None:
    fact = law_as_read(LAW, None).facts["household.needed"]
    values = pl.Series([Decimal("1.005"), Decimal("-1.005"), Decimal(10) ** 17], dtype=pl.Decimal(38, 8))
    assert as_stored(values, fact).to_list() == [Decimal("1.01"), Decimal("-1.01"), None]
