"""ID numbers: the standard's own examples, dirt, cards, areas in their time, errors apart from warnings.

Other people's cases: tests/outside/test_id_vectors.py. A second opinion on random numbers:
tests/generative/test_ids_against_stdnum.py.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data_contracts.cells.id_area_codes import area_is_doubtful, area_state
from data_contracts.cells.id_findings import AREA_WARNINGS, report_numbers
from data_contracts.cells.id_numbers import (
    CARD_FAULTS,
    CHECK_CHARACTERS,
    WEIGHTS,
    faults,
    only_valid,
)
from data_contracts.rules.messages import ERRORS, WARNINGS
from divisions import area_codes
from tests.helpers.id_numbers import check_ids

ON = date(2026, 11, 25)
GOOD = "440308199901101512"


def one(text: str | None) -> dict[str, object]:
    return check_ids(pl.Series([text], dtype=pl.String), area_codes()).row(0, named=True)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014", "34052419800101001X"])
def test_published_examples_pass(number: str) -> None:
    found = one(number)
    assert (found["normal"], found["valid"], found["error"]) == (number, True, None)


@pytest.mark.parametrize(
    "written",
    [
        "４４０３０８１９９９０１１０１５１２", " 440308199901101512 ", "440308 199901 101512",
        "'440308199901101512",
        "\u200b440308199901101512\ufeff", "\u3000440308199901101512", '"440308199901101512"',
    ],
)  # fmt: skip
def test_dirt_around_a_number_is_taken_off(written: str) -> None:
    assert one(written)["normal"] == "440308199901101512"


def test_lower_and_full_width_x() -> None:
    assert one("11010519491231002x")["normal"] == one("11010519491231002Ｘ")["normal"] == "11010519491231002X"


def test_fifteen_digits_are_widened() -> None:
    found = one("130503670401001")
    assert (found["normal"], found["kind"]) == ("130503196704010016", "resident_15")
    assert (found["birth_date"], found["sex_code"]) == (date(1967, 4, 1), "1")


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("4.40308E+17", "id_scientific"), ("440308199901101512.0", "id_float"),
        ("4403081999011015", "id_length"),
        ("44030819990110151A", "id_characters"), ("440308199901101Z12", "id_characters"),
        ("160308199901101512", "id_province"), ("440308199902301512", "id_birth_date"),
        ("440308219901101512", "id_birth_date"), ("440308199901101513", "id_check_digit"),
        ("610104620932690", "id_birth_date"), ("张三", "id_characters"),
        ("4403081999011O1512", "id_characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(number: str, error: str) -> None:
    found = one(number)
    assert (found["valid"], found["error"], found["normal"]) == (False, error, None)


@pytest.mark.parametrize("number", [None, "", "  "])
def test_nothing_is_neither_valid_nor_invalid(number: str | None) -> None:
    found = one(number)
    assert (found["valid"], found["error"], found["normal"]) == (None, None, None)


def test_other_documents_of_the_same_form() -> None:
    assert one("810000199408230021")["kind"] == "hmt_residence"
    assert one("830000199201300022")["area_state"] == "in_use"


def test_an_area_code_in_its_time() -> None:
    assert one("440308199901101512")["area_state"] == "in_use"
    assert one("500154199301135886")["area_state"] == "not_yet"  # the code came in 2016: a late registration
    assert one(_number("110104" + "20200101" + "001"))["area_state"] == "dropped"  # 宣武区, until 2010
    assert one(_number("119999" + "20200101" + "001"))["area_state"] == "unknown"
    assert one(_number("110104" + "20050101" + "001"))["area_state"] == "since_dropped"


def test_nobody_is_late_who_was_born_before_numbers_were_given() -> None:
    """天河区 has its code since 1985: usual for someone born in 1984 or later only if registered late."""
    states = [one(_number(f"440106{year}0101001"))["area_state"] for year in (1950, 1983, 1984, 1985)]
    assert states == ["not_yet", "not_yet", "not_yet", "in_use"]
    states = [one(_number(f"440103{year}0101001"))["area_state"] for year in (1899, 1950, 1982)]
    assert states == ["in_use", "in_use", "in_use"]  # 荔湾区 since 1983, before the first number was given


def test_a_code_given_up_and_taken_again() -> None:
    """A birth between two spells of a code belongs to the later one: registered late."""
    areas = pl.DataFrame(
        {
            "code": ["999901", "449901", "449901"],
            "start_year": [1990, 1985, 2000],
            "end_year": [None, 1989, 2010],
        }
    )
    heads = [f"449901{year}0101001X" for year in (1984, 1989, 1995, 2005, 2011)]
    states = area_state(pl.Series([*heads, None]), areas).to_list()
    assert states == ["not_yet", "since_dropped", "not_yet", "since_dropped", "dropped", None]


@pytest.mark.parametrize(
    ("card", "type_code", "grade_code"),
    [("11010519491231002X43", "4", "3"), ("11010519491231002x43B1", "4", "3"), (GOOD + "11", "1", "1"),
     (GOOD + "74b9", "7", "4"), ("１１０１０５１９４９１２３１００２Ｘ４３", "4", "3")],
)  # fmt: skip
def test_a_card_number_holds_the_number_type_and_grade(card: str, type_code: str, grade_code: str) -> None:
    found = one(card)
    assert (found["valid"], found["error"]) == (True, None)
    assert (found["card_type_code"], found["card_grade_code"]) == (type_code, grade_code)
    assert str(found["normal"]).startswith(str(found["id_number"])) and one(str(found["id_number"]))["valid"]
    assert found["kind"] == f"disability_card_{len(str(found['normal']))}"
    assert found["area_state"] == one(str(found["id_number"]))["area_state"]


@pytest.mark.parametrize(
    ("card", "error"),
    [(GOOD + "83", "id_card_type"), (GOOD + "45", "id_card_grade"), (GOOD + "43B0", "id_card_reissue"),
     (GOOD[:-1] + "343", "id_check_digit"), (GOOD + "4", "id_length"), (GOOD + "43C1", "id_length"),
     (GOOD + "43B", "id_length"), (GOOD + ".0", "id_float")],
)  # fmt: skip
def test_what_is_wrong_with_a_card_is_named(card: str, error: str) -> None:
    found = one(card)
    assert (found["valid"], found["error"], found["id_number"], found["card_type_code"]) == (
        False, error, None, None,
    )  # fmt: skip


def test_a_plain_number_has_no_card() -> None:
    assert (one(GOOD)["card_type_code"], one(GOOD)["card_grade_code"], one(GOOD)["id_number"]) == (
        None, None, GOOD,
    )  # fmt: skip


def test_the_kind_shows_even_where_the_number_is_wrong() -> None:
    assert one("440308199901101513")["kind"] == "resident_18"
    assert one("610104620932690")["kind"] == "resident_15"
    assert one("1234")["kind"] is None
    assert one(_number("91112419810803002"))["kind"] == "foreigner_residence"


def test_a_foreigners_card_names_who_issued_it_and_a_country_and_no_area() -> None:
    """Tried §1: 990426… was valid though no province has 90, and its digits were shown as an area."""
    found = one(_number("91112419810803002"))
    assert found["valid"] and found["area_code"] is None
    assert (found["issuing_province_code"], found["country_code"]) == ("11", "124")
    home = one(GOOD)
    assert (home["area_code"], home["issuing_province_code"], home["country_code"]) == ("440308", None, None)
    assert only_valid(pl.Series([_number("94415619810803002")])).null_count() == 0  # issued in Guangdong


@pytest.mark.parametrize("start", ["990426", "900426", "981124", "971124"])
def test_a_card_that_no_province_issued_is_invalid(start: str) -> None:
    number = _number(start + "19810803" + "002")
    found = one(number)
    assert (found["kind"], found["valid"], found["error"]) == (
        "foreigner_residence", False, "id_issuing_province",
    )  # fmt: skip
    assert only_valid(pl.Series([number])).to_list() == [None]


def test_born_after_the_day_asked() -> None:
    late = _number("440308" + "20261126" + "001")
    assert check_ids(pl.Series([late]), on=ON)["error"].to_list() == ["id_birth_future"]
    assert check_ids(pl.Series([late]), on=date(2026, 11, 26))["error"].to_list() == [None]
    assert one(late)["valid"]  # without a day, nothing is in the future


def test_errors_and_warnings_stand_apart() -> None:
    numbers = [GOOD, "160308199902301512", "500154199301135886", "12", "", "1" * 20 + "B7", None]
    found = report_numbers(pl.Series(numbers), area_codes(), ON)
    assert found["number"].to_list() == numbers
    assert found["valid"].to_list() == [True, False, True, False, False, False, False]
    assert found["errors"].to_list() == [
        [], ["id_province", "id_birth_date", "id_check_digit"], [], ["id_length"], ["id_blank"],
        ["id_birth_date", "id_check_digit"], ["id_blank"],
    ]  # fmt: skip
    assert found["warnings"].to_list() == [[], [], ["id_area_late"], [], [], [], []]


def test_a_fault_of_form_silences_what_the_digits_say() -> None:
    found = report_numbers(pl.Series(["4.40308E+17", "99999999999999999A", GOOD + ".0"]), area_codes(), ON)
    assert found["errors"].to_list() == [["id_scientific"], ["id_characters"], ["id_float"]]


def test_every_error_and_warning_has_its_sentence() -> None:
    every = {*faults(ON), *CARD_FAULTS, "id_blank"}
    assert every == {name for name in ERRORS if name.startswith("id_")}
    assert set(AREA_WARNINGS.values()) == set(WARNINGS)


def test_no_number_at_all() -> None:
    for empty in (pl.Series([], dtype=pl.String), pl.Series([None, None], dtype=pl.String)):
        assert (
            check_ids(empty, area_codes(), ON).height
            == report_numbers(empty, area_codes(), ON).height
            == empty.len()
        )


def test_leap_days() -> None:
    assert one(_number("440103" + "20000229" + "001"))["valid"]
    assert one(_number("440103" + "19000229" + "001"))["error"] == "id_birth_date"


def test_only_valid_keeps_just_the_normal_forms() -> None:
    texts = pl.Series(
        ["440308199901101512", "440308199901101513", " 440308199901101512", "130503670401001", None]
    )
    assert only_valid(texts).to_list() == ["440308199901101512", None, None, None, None]


def _number(body: str) -> str:
    """A number with its check character, computed the slow and plain way."""
    return body + CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def test_the_quick_look_at_areas_agrees_with_the_full_one() -> None:
    """Over every area code there is and was, codes beside them, and births before, in and after its time."""
    areas = area_codes()
    codes = areas["code"].cast(pl.String).str.pad_end(6, "0").unique().sort()
    beside = [str(int(code) + 1) for code in codes[::7]] + ["810000", "830000", "840000", "999999", "111111"]
    numbers = pl.DataFrame({"area": pl.concat([codes, pl.Series(beside)])}).join(
        pl.DataFrame({"year": ["1899", "1950", "1983", "1999", "2024"]}), how="cross"
    )
    normal = numbers.select(normal=pl.concat_str("area", "year", pl.lit("0101001X")))["normal"].extend(
        pl.Series([None], dtype=pl.String)
    )
    quick = normal.to_frame().select(doubt=area_is_doubtful(pl.col("normal"), areas).fill_null(False))
    full = area_state(normal, areas).is_in(["unknown", "dropped"]).fill_null(False)
    assert quick["doubt"].to_list() == full.to_list()
    assert 0 < full.sum() < full.len()
