"""Who has no head, or several: told with their rows, across chunks, and nothing else follows."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from data_contracts.row_checks.rows import CheckedDelivery, check_delivery, without_notes
from tests.helpers.id_numbers import made_number
from tests.helpers.rows import CODES, CONTRACTS, PERSON

REGISTER = CONTRACTS["public_security.population"]
RULE = "public_security.population.one_head"
HERE, THERE = "440103001101", "440204001101"


def member(order: int, household: str, relation: str, **more: str) -> dict[str, Any]:
    number = made_number(order)
    return {**PERSON, "id_number": number, "birth_date": "1961-03-05", "household_no": household,
            "relation_code": relation, **more}  # fmt: skip


def checked(*rows: dict[str, Any], chunk: int = 100) -> CheckedDelivery:
    schema = {"row_no": pl.Int64, **dict.fromkeys(PERSON, pl.String)}
    frame = pl.DataFrame([{"row_no": 2 + n, **row} for n, row in enumerate(rows)], schema=schema)
    return check_delivery(frame.iter_slices(chunk), REGISTER, CODES)


def told(found: CheckedDelivery) -> list[int]:
    rows = found.faults.filter(rule_id=RULE).get_column("row_no").to_list()
    assert found.counts[RULE] == len(rows) and found.rows_good == found.rows_read
    return rows


FAMILIES = [
    member(1, "1", "户主"), member(2, "1", "户主"), member(3, "2", "配偶"), member(4, "2", "子女"),
    member(5, "3", "户主"), member(6, "3", "子女"),
]  # fmt: skip


@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_two_heads_and_no_head_are_noted_whatever_the_chunks(chunk: int) -> None:
    """Tried §1 case 32: neither was told anywhere."""
    assert told(checked(*FAMILIES, chunk=chunk)) == [2, 3, 4]


def test_heads_of_one_number_in_two_towns_are_noted_too() -> None:
    """Case 31: they are two households, and somebody may want to know that one number means both."""
    rows = [member(1, "1", "户主", village_code=HERE), member(2, "1", "户主", village_code=THERE)]
    assert told(checked(*rows)) == [2, 3]


@pytest.mark.parametrize(
    "rows",
    [
        [
            member(1, "1", "户主"),
            member(2, "1", "户主", registration_status_code="死亡", cancel_date="2020-01-01"),
        ],
        [member(1, "1", "户主"), member(1, "1", "户主")],  # the same row again
        [member(1, "1", "户主"), member(2, "2", "户主")],
    ],
)
def test_one_living_head_is_enough(rows: list[dict[str, Any]]) -> None:
    found = checked(*rows)
    assert found.counts[RULE] == 0 and found.faults.filter(rule_id=RULE).is_empty()


def test_a_head_whose_row_went_back_is_no_missing_head() -> None:
    found = checked(member(1, "1", "户主", sex_code="未知数"), member(2, "1", "配偶"))
    assert found.rows_refused == 1 and found.counts[RULE] == 0


def test_corrected_rows_are_no_whole_households() -> None:
    found = without_notes(checked(*FAMILIES), REGISTER, "one_head")
    assert found.counts[RULE] == 0 and found.faults.filter(rule_id=RULE).is_empty()
