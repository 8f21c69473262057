"""The net for numbers of persons: what it catches in any writing, and what it lets through."""

from __future__ import annotations

import polars as pl
import pytest

from data_contracts.cells.revealing import COVERED, PLACE_SHAPE, covered, is_number_of_somebody, may_be_number

CAUGHT = [
    "11010519491231002X",
    "11010519491231002x。",
    "张三１１０１０５１９４９１２３１００２Ｘ户",
    "1101 0519 4912 3100 2X",
    "110105-19491231-002X",
    "G11010519491231002X",
    "110105491231002",
    "𝟭𝟯𝟴𝟬𝟬𝟭𝟯𝟴𝟬𝟬𝟬",
    "13800138000",
    "电话138-0013-8000转",
    "+86 13800138000",
    "020-87654321",
    "0755 2600 1234",
    "6222020000000000000",
    "6222 0200 0000 0000 000",
]
FREE = [
    "441621114202",
    "20250905-population-d8b3d631cc39",
    "n 3120, share 0.1234",
    "2024-01-05 10:00:00",
    "第12行",
]


@pytest.mark.parametrize("text", CAUGHT)
def test_a_number_of_somebody_is_covered(text: str) -> None:
    assert COVERED in covered(text)
    assert not any(piece.isdigit() for piece in covered(text))


@pytest.mark.parametrize("text", FREE)
def test_what_is_none_stays(text: str) -> None:
    assert covered(text) == text


def test_no_amount_is_as_long_as_a_phone() -> None:
    phones = ["13800138000", "1.3800138E10", "13,800,138,000", "075526001234"]
    amounts = ["999999999.99", "0.30000000000000004", "-12.5"]
    texts = pl.DataFrame({"t": [*phones, *amounts, "１３８００１３８０００"]})
    found = texts.select(looked=may_be_number(pl.col("t")), is_one=is_number_of_somebody(pl.col("t")))
    assert found["is_one"].to_list() == [True, True, True, True, False, False, False, True]
    assert found.filter("is_one")["looked"].all()  # the quick look misses none


def test_a_place_has_the_shape_of_one() -> None:
    codes = pl.Series(
        ["441621114202", "441621114", "441621", "075526001234", "6222020000000000", "张三", "9944"]
    )
    assert codes.str.contains(PLACE_SHAPE).to_list() == [True, True, True, False, False, False, False]
