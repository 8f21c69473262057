"""Cells with no value or a spoilt one: null words, spreadsheet errors, rounded numbers, lost characters."""

from __future__ import annotations

import polars as pl
import pytest

from data_contracts.cells.damage import is_whole, rounded_together
from data_contracts.cells.values import fast, left_over, parse, slow

NULL_WORDS = (
    "\\N",
    "<NA>",
    "NaT",
    "[NULL]",
    "(NULL)",
    "<null>",
    "undefined",
    "NULL",
    "None",
    "nan",
    "<nil>",
    "Nil",
)
ERRORS = ("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#GETTING_DATA", "#CALC!",
          "Err:502", "####", "＃ＲＥＦ！", "#ref!")  # fmt: skip
READS_AS = ("text", "name", "cn_id", "date", "month", "yuan", "int", "bool", "code")


def read(text: str, reads_as: str, *, is_number: bool = False) -> tuple[object, list[str], list[str]]:
    """Value, errors and repairs of one cell, by the quick and the slow reading together."""
    texts = pl.Series("t", [text])
    quick = texts.to_frame().select(fast(pl.col("t"), reads_as, {})).to_series()
    left = texts.filter(left_over(texts, quick))
    answers = slow(left, reads_as, {}, is_number=is_number).with_columns(pl.col("value").cast(quick.dtype))
    parsed = parse(texts, quick, answers)
    return parsed.values[0], parsed.errors["error"].to_list(), parsed.repairs["kind"].to_list()


@pytest.mark.parametrize("reads_as", READS_AS)
@pytest.mark.parametrize("word", NULL_WORDS)
def test_a_null_word_is_an_empty_cell_in_every_column(word: str, reads_as: str) -> None:
    """Tried from outside, case 13: they became names and household numbers, and families were merged."""
    assert read(word, reads_as)[:2] == (None, [])


@pytest.mark.parametrize("name", ["Na", "无名", "南", "Nan Li", "NULL医院", "空小军", "Nila"])
def test_a_text_that_only_looks_like_a_null_word_stays(name: str) -> None:
    assert read(name, "name")[0] == name


@pytest.mark.parametrize("reads_as", READS_AS)
@pytest.mark.parametrize("text", ERRORS)
def test_a_cell_in_error_is_damage_in_every_column(text: str, reads_as: str) -> None:
    """Case 15: #REF! was accepted as a name, and as the number of one household of six strangers."""
    if reads_as in ("text", "name") and text.startswith("＃Ｒ"):
        text = "＃REF！"
    assert read(text, reads_as)[:2] == (None, ["cell_error"])


@pytest.mark.parametrize("text", ["#3号楼", "#", "##", "REF", "#REFUND", "Error"])
def test_a_text_with_a_hash_is_no_error(text: str) -> None:
    assert read(text, "text") == (text, [], [])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("4.45224E+14", "id_scientific"),
        ("4.40002E+19", "id_scientific"),
        ("4e+17", "id_scientific"),
        ("4.45224202300001e17", "id_scientific"),
        ("445224.0", "id_float"),
        ("445224202300001024.0", "id_float"),
        ("1.", "id_float"),
        ("4.45224 E+14", "id_scientific"),
        ("４．４５２２４Ｅ＋１４", "id_scientific"),
        ("4,45224E+14", "id_scientific"),
        ("4.45224E+0014", "id_scientific"),
        ("4,452,240", "id_characters"),
        ("户\ufffd1", "text_garbled"),
    ],
)
def test_a_number_that_lost_digits_keys_nothing(text: str, error: str) -> None:
    """Case 14: three families whose numbers read 4.45224E+14 became one household."""
    assert read(text, "text", is_number=True)[:2] == (None, [error])


@pytest.mark.parametrize(
    "text", ["0001", "445224202300001024", "A-17", "12E3", "1234567E8", "4E5", "440106.5", "1.2.3"]
)
def test_a_whole_number_or_code_stays(text: str) -> None:
    assert read(text, "text", is_number=True) == (text, [], [])


def test_prose_may_look_like_a_number() -> None:
    assert read("1.0", "text") == ("1.0", [], [])


@pytest.mark.parametrize(
    "name", ["陈\ufffd华", "锟斤拷", "烫烫烫", "李?华", "李？", "?明", "李□明", "张&#40878;", "??", "王〓"]
)
def test_a_name_with_a_lost_character_is_no_name(name: str) -> None:
    """Case 16: it must not count as another name of the person, nor be compared."""
    assert read(name, "name")[:2] == (None, ["text_garbled"])


def test_a_question_in_a_text_is_no_lost_character() -> None:
    assert read("是否到过现场？", "text")[0] == "是否到过现场？"


@pytest.mark.parametrize("text", ["445224202300017", "0001", "A-17", "12E3", "44000200000000000017"])
def test_a_whole_number_is_whole(text: str) -> None:
    assert pl.select(is_whole(pl.lit(text))).item() is True


@pytest.mark.parametrize(
    "numbers",
    [
        ["445224202300017000", "445224202300025000", "445224202300025000", None],
        ["445224202300017000"] * 6,  # three families, one number
        ["445224193103155008", "445224195509091008", "445224198011301056"],  # written out from doubles
    ],
)
def test_a_column_of_rounded_numbers_is_damaged_though_each_may_be_whole(numbers: list[str | None]) -> None:
    """Case 14's kind: long numbers held as numbers and written out again; one in eleven passes as an ID."""
    found = rounded_together(pl.Series(numbers, dtype=pl.String))
    assert found is not None and found.to_list() == [number is not None for number in numbers]


def test_one_rounded_number_gives_the_others_of_its_column_away() -> None:
    """Case 14, forms.csv: 4.45224E+14 and 445224202300017000 in one column of one sheet."""
    numbers = pl.Series(["4.45224E+17", "445224202300017000", "445224202300025013", None])
    found = rounded_together(numbers)
    assert found is not None and found.to_list() == [False, True, False, False]


@pytest.mark.parametrize(
    "numbers",
    [
        ["445224202300017000", "445224202300025013", "445224202300025021"],
        ["445224202300017000", "445224202300017000"],  # a family of two
        ["0001", "0002", "0100", "0200"],
        ["445224193103155008", "445224195509091031", "445224198011301056"],
        ["445224193103155008", "445224193103155008"],
        ["440512001000", "440513001000", "440514001000"],  # villages
        ["1000", "2000", "3000"],
        [None, None],
    ],
)
def test_a_column_of_whole_numbers_is_whole(numbers: list[str | None]) -> None:
    assert rounded_together(pl.Series(numbers, dtype=pl.String)) is None


def test_a_whole_number_that_ends_in_zeros_stays_beside_one_that_lost_its_digits() -> None:
    """One in 1,100 whole numbers does; a single cell in E notation is no reason to doubt it."""
    numbers = [f"44522419610305{at:04}" for at in range(101, 400) if at % 100] + [
        "445224196103051000",
        "4.45224E+17",
    ]
    assert rounded_together(pl.Series(numbers)) is None
