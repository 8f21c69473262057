"""Other people's test cases for ID numbers: our verdict, their verdict, and the reason where they part."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data_contracts.cells.id_findings import report_numbers
from divisions import area_codes

VECTORS = Path(__file__).resolve().parents[1] / "data" / "id_vectors.csv"

ON = date(2026, 11, 25)
# Numbers that one project calls invalid in its strict mode and valid otherwise. Strictly, nobody can be born
# before the area code came into force; in life, people are registered late. So it is a warning here.
STRICT_ONLY = {"500154199301135886", "411082198901010002"}
# What their notes blame, and the error we must name for it.
BLAMED = {
    "号码位数不合法": "id_length",
    "地址码不合法": None,  # an area in a known province: a warning here; the check digit refuses it
    "出生日期码不合法": "id_birth_date",
    "验证码不合法": "id_check_digit",
    "校验位不合法": "id_check_digit",
}


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    """One row per case: kind, value, expected, note, source, and what we find."""
    read = pl.read_csv(VECTORS, infer_schema=False).filter(pl.col("kind").str.starts_with("ric"))
    found = report_numbers(read["value"], area_codes(), ON).drop("kind", "number")
    return pl.concat([read, found], how="horizontal")


def test_every_verdict_is_theirs_but_for_strict_mode(cases: pl.DataFrame) -> None:
    assert cases.height == 70
    parted = cases.filter((pl.col("expected") == "valid") != pl.col("valid"))
    assert set(parted["value"]) == STRICT_ONLY
    assert parted["note"].str.contains("(?i)strict=true").all()
    assert parted["warnings"].to_list() == [["id_area_late"]] * parted.height


def test_each_invalid_number_says_why(cases: pl.DataFrame) -> None:
    assert (cases.filter(~pl.col("valid"))["errors"].list.len() >= 1).all()
    assert cases.filter("valid")["errors"].list.len().max() == 0


def test_we_name_the_error_that_they_blame(cases: pl.DataFrame) -> None:
    noted = cases.filter(pl.col("note").is_in(list(BLAMED)))
    assert noted.height == 6
    for note, errors in noted.select("note", "errors").iter_rows():
        assert BLAMED[note] is None or BLAMED[note] in errors, note


def test_a_valid_numbers_normal_form_has_eighteen_characters(cases: pl.DataFrame) -> None:
    valid = cases.filter("valid")
    assert set(valid["normal"].str.len_chars()) == {18}
    assert valid["normal"].equals(valid["id_number"].rename("normal"))


def test_codes_of_the_past_never_make_a_number_wrong(cases: pl.DataFrame) -> None:
    """珠海市市辖区 and 太原市市区 are in no division table: a warning. 罗定市 is, from 1993."""
    historical = cases.filter(pl.col("note").fill_null("").str.starts_with("历史遗留"))
    assert historical.select("area_code", pl.col("warnings").list.first()).rows() == [
        ("440401", "id_area_unknown"),
        ("140120", "id_area_unknown"),
        ("441282", "id_area_late"),
    ]
    assert historical["valid"].all()


def test_credit_codes_are_left_alone() -> None:
    """统一社会信用代码 are in the file too. No extract asks for them, so nothing here reads them."""
    codes = pl.read_csv(VECTORS, infer_schema=False).filter(pl.col("kind") == "uscc")["value"]
    assert codes.len() == 2
    assert not report_numbers(codes, area_codes(), ON)["valid"].any()
