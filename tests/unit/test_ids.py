"""ID numbers: the standard's own examples, other validators' cases, and python-stdnum as a second opinion."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from zhaoren.data_contracts.ids import (
    CHECK_CHARACTERS,
    WEIGHTS,
    area_is_doubtful,
    area_state,
    check_id,
    check_ids,
    only_valid,
)
from zhaoren.divisions import area_codes

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "data" / "id_vectors.csv"


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


def test_leap_days() -> None:
    assert one(_number("440103" + "20000229" + "001"))["valid"]
    assert one(_number("440103" + "19000229" + "001"))["error"] == "id_birth_date"


def test_only_valid_keeps_just_the_normal_forms() -> None:
    texts = pl.Series(
        ["440308199901101512", "440308199901101513", " 440308199901101512", "130503670401001", None]
    )
    assert only_valid(texts).to_list() == ["440308199901101512", None, None, None, None]


def test_as_an_expression() -> None:
    frame = (
        pl.DataFrame({"n": ["440308199901101512", "x"]}).select(found=check_id(pl.col("n"))).unnest("found")
    )
    assert frame["valid"].to_list() == [True, False]


def test_the_same_answer_as_stdnum() -> None:
    """On 3,000 numbers, half of them with one digit changed, of an area that had its code all the time."""
    ric = pytest.importorskip("stdnum.cn.ric")
    draw = random.Random(7)
    numbers = [_number(f"440106{draw.randint(1990, 2024)}{draw.randint(1, 13):02}{draw.randint(1, 31):02}"
                       f"{draw.randint(0, 999):03}") for _ in range(3000)]  # fmt: skip
    numbers = [_spoilt(number, draw) if draw.random() < 0.5 else number for number in numbers]
    ours = check_ids(pl.Series(numbers))["valid"].to_list()
    assert 0 < sum(ours) < len(ours)
    assert ours == [ric.is_valid(number) for number in numbers]


@pytest.mark.skipif(not VECTORS.exists(), reason="other people's cases are not on this machine")
def test_other_validators_cases() -> None:
    """Their verdicts hold, but for their strict mode: a code younger than its holder is late registration."""
    cases = pl.read_csv(VECTORS, infer_schema=False).filter(pl.col("kind").str.starts_with("ric"))
    strict = pl.col("note").fill_null("").str.contains("(?i)strict=true")
    found = check_ids(cases["value"], area_codes()).drop("kind")
    is_strict = cases.select(strict).to_series()
    both = pl.concat([cases.select("expected"), found], how="horizontal").filter(~is_strict)
    assert both.filter((pl.col("expected") == "valid") != pl.col("valid").fill_null(False)).is_empty()
    assert set(found.filter(is_strict)["area_state"]) == {"not_yet"}


def _number(body: str) -> str:
    """A number with its check character, computed the slow and plain way."""
    return body + CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def _spoilt(number: str, draw: random.Random) -> str:
    place = draw.randrange(6, 17)
    return number[:place] + str((int(number[place]) + draw.randint(1, 9)) % 10) + number[place + 1 :]


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
