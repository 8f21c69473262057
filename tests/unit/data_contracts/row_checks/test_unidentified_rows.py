"""Refused rows that say who they speak of, though not by a number."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import check_rows
from data_contracts.row_checks.unidentified_rows import number_digits, unidentified_rows

RIGHT = "11010519491231002X"
CHILD = {
    "身份证号": None,
    "name": "陈小花",
    "child_type_code": "孤儿",
    "basic_living_yuan_month": "1900",
    "start_month": "2025-06",
}


def recognised(extract: str, *rows: dict[str, Any]) -> pl.DataFrame | None:
    """What is recognised among the rows of one delivery."""
    contract = load_contracts()[extract]
    columns = {c.name: pl.String for c in contract.columns}
    frame = pl.DataFrame([{k: v for k, v in row.items() if k in columns} for row in rows], schema=columns)
    text = frame.with_row_index("row_no", 2).with_columns(pl.col("row_no").cast(pl.Int64))
    checked = check_rows(text, contract, load_codes())
    return unidentified_rows(checked, contract, load_codes(), [checked.good])


def child(**more: Any) -> dict[str, Any]:
    return {**CHILD, **more}


def test_a_child_with_a_birth_date_but_no_number_is_recognised() -> None:
    found = recognised("civil_affairs.child_welfare", child(birth_date="2020-05-01"))
    assert found is not None
    assert found.select("row_no", "id_number", "name", "_number_text").rows() == [(2, None, "陈小花", None)]
    assert str(found["birth_date"][0]) == "2020-05-01"


def test_a_guardian_is_enough_and_a_name_alone_is_not() -> None:
    assert recognised("civil_affairs.child_welfare", child(guardian_id_number=RIGHT)) is not None
    assert recognised("civil_affairs.child_welfare", child()) is None
    assert recognised("civil_affairs.child_welfare", child(name=None, guardian_id_number=RIGHT)) is None


def test_a_mistyped_number_is_kept_as_written() -> None:
    found = recognised("civil_affairs.child_welfare", child(id_number="110105194912310021"))
    assert found is not None
    assert found["_number_text"].to_list() == ["110105194912310021"]


def test_a_row_with_another_fault_stays_refused_only() -> None:
    damaged = child(birth_date="2020-05-01", start_month="2025-13")
    assert recognised("civil_affairs.child_welfare", damaged) is None


def test_a_good_row_is_none_of_them_and_repeats_count_once() -> None:
    good = child(id_number=RIGHT, birth_date="1949-12-31")
    lost = child(birth_date="2020-05-01")
    found = recognised("civil_affairs.child_welfare", good, lost, lost)
    assert found is not None
    assert found["row_no"].to_list() == [3]


def test_one_number_under_two_names_is_two_people() -> None:
    parent, other = child(id_number=RIGHT), child(id_number=RIGHT, name="陈小草")
    found = recognised("civil_affairs.child_welfare", parent, other)
    assert found is not None
    told = found.select("row_no", "id_number", "name", "_number_text", "_is_repeated")
    assert told.rows() == [(3, RIGHT, "陈小草", None, True)]


def test_a_row_that_contradicts_its_own_person_is_not_used() -> None:
    """One number, one name, two amounts: which is true nobody knows."""
    rows = child(id_number=RIGHT), child(id_number=RIGHT, basic_living_yuan_month="2500")
    assert recognised("civil_affairs.child_welfare", *rows) is None


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("４４０５２４188001010014", "440524188001010014"),
        ("440524 1880 0101 001x", "44052418800101001X"),
        ("4.40524E+17", "440524"),
        ("440524188001010000.0", "440524188001010000"),
        ("无", None),
        (None, None),
    ],
)
def test_what_is_left_of_a_written_number(written: str | None, left: str | None) -> None:
    frame = pl.DataFrame({"n": [written]}, schema={"n": pl.String})
    assert frame.select(number_digits(pl.col("n"))).item() == left
