"""Types at the door of `policies eval`: exact, or refused by column and row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.queries.facts_file import read_facts
from policies.engine.evaluate_all import split_facts, texts_of
from policies.engine.fact_values import typed
from policies.loading import load_catalogue
from zhaoren.errors import ZhaorenError

NAN = float("nan")


@pytest.mark.parametrize(
    ("fact_type", "values", "why"),
    [
        ("integer", [18.0, 17.9], "no whole number"),
        ("integer", [18.0, 17.99999], "no whole number"),
        ("integer", [1.0, NAN], "NaN"),
        ("integer", [1.0, 4.45224202300017e17], "too large"),
        ("integer", [Decimal("1.0"), Decimal("0.9")], "no whole number"),
        ("number", [1.0, 0.8548], "two decimals"),
        ("yuan", [1.0, 1049.325], "two decimals"),
        ("yuan", [Decimal("1"), Decimal("300.125")], "two decimals"),
        ("yuan", ["1", "300.125"], "two decimals"),
        ("yuan", [1.0, float("inf")], "infinite"),
        ("boolean", [1.0, NAN], "NaN"),
        ("boolean", [0, 2], "neither true nor false"),
        ("boolean", [0.0, 0.5], "neither true nor false"),
        ("boolean", ["true", "yes"], "neither true nor false"),
        ("integer", ["18", "many"], "whole numbers"),
        ("text", [None, 445224.0], "float"),
    ],
)
def test_what_would_be_cut_is_refused_with_its_row(fact_type: str, values: list[Any], why: str) -> None:
    """Tried §1 case 30 and §2: 17.9 became 17, 0.8548 became 0.85, NaN became true."""
    with pytest.raises(ZhaorenError) as caught:
        typed(pl.Series(values), fact_type, "some_fact")
    assert "some_fact" in caught.value.what and caught.value.where.endswith("row 2")
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("fact_type", "values", "taken"),
    [
        ("integer", [18.0, None, -2.0], [18, None, -2]),
        ("integer", ["18", None], [18, None]),
        ("yuan", [0.1 + 0.2, 5.5511e-17, None], [Decimal("0.30"), Decimal("0.00"), None]),
        ("yuan", [300, None], [Decimal("300.00"), None]),
        ("yuan", ["300.10", None], [Decimal("300.10"), None]),
        ("boolean", [1.0, 0.0, None], [True, False, None]),
        ("boolean", [1, 0, None], [True, False, None]),
        ("boolean", [True, None], [True, None]),
        ("boolean", ["TRUE", "false", "1", None], [True, False, True, None]),
        ("yuan", [1, 10**17], [Decimal("1.00"), None]),
        ("yuan", [1.0, 1e15], [Decimal("1.00"), None]),
        ("integer", ["7", str(10**18)], [7, None]),
        ("text", [445224, None], ["445224", None]),
        ("integer", [None, None], [None, None]),
    ],
)
def test_what_is_exact_is_taken(fact_type: str, values: list[Any], taken: list[Any]) -> None:
    assert typed(pl.Series(values), fact_type, "some_fact").to_list() == taken


OTHER_TYPES: list[tuple[str, list[Any]]] = [
    *(
        ("integer", [True]),
        ("integer", ["x"]),
        ("yuan", [True]),
        ("yuan", [{"a": 1}]),
        ("yuan", [date(2026, 1, 1)]),
    ),
    *(
        ("text", [["a"]]),
        ("text", [b"a"]),
        ("text", [True]),
        ("text", [date(2026, 1, 1)]),
        ("boolean", [[True]]),
    ),
]


@pytest.mark.parametrize(("fact_type", "values"), OTHER_TYPES)
def test_another_type_is_refused_by_name(fact_type: str, values: list[Any]) -> None:
    with pytest.raises(ZhaorenError, match="some_fact"):
        typed(pl.Series(values), fact_type, "some_fact")


@pytest.mark.parametrize(
    ("column", "frame"),
    [
        ("person_id", {"person_id": ["a", "a"], "age_years": [1, 2]}),
        ("person_id", {"person_id": ["a", None], "age_years": [1, 2]}),
        ("household_id", {"person_id": ["a", "b"], "household_id": ["h", None], "age_years": [1, 2]}),
        ("household_id", {"household_id": ["h", "h"], "member_cnt": [1, 2]}),
        ("person_id", {"person_id": [4.45224e19, 1.0], "age_years": [1, 2]}),
        ("person_id", {"person_id": ["4.45224E+17", "b"], "age_years": [1, 2]}),
        ("household_id", {"household_id": ["445224202300017001.0", "b"], "member_cnt": [1, 2]}),
        ("person_id", {"person_id": [" ", "b"], "age_years": [1, 2]}),
        ("household_member_cnt",
         {"person_id": ["a", "b"], "household_id": ["h", "h"], "age_years": [1, 2],
          "household_member_cnt": [2, 3]}),
    ],
)  # fmt: skip
def test_ids_that_would_mix_rows_are_refused(column: str, frame: dict[str, list[Any]]) -> None:
    """Tried §2: of two rows with one id, the row that fails took the other's yes."""
    with pytest.raises(ZhaorenError) as caught:
        split_facts(load_catalogue(), pl.DataFrame(frame))
    assert f"“{column}”" in caught.value.what


def test_ids_of_a_csv_stay_as_written(tmp_path: Path) -> None:
    """Tried §2: 001 became 1, and an id of twenty digits a float."""
    (tmp_path / "f.csv").write_text(
        "person_id,household_id,age_years\n001,44000200000000012345,20\n002,7,17.9\n"
    )
    frame = read_facts(tmp_path / "f.csv", texts_of(load_catalogue()))
    assert frame["person_id"].to_list() == ["001", "002"]
    assert frame["household_id"].to_list() == ["44000200000000012345", "7"]
    with pytest.raises(ZhaorenError, match="age_years"):
        split_facts(load_catalogue(), frame)
