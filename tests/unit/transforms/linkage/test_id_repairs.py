"""Candidates for a mistyped number: every valid number one slip away, by arithmetic and by trying all."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.cells.id_numbers import only_valid
from transforms.linkage.id_repairs import repaired_numbers, rounded_numbers

pytestmark = pytest.mark.slow

RIGHT = "11010519491231002X"


def wrong(*numbers: str | None) -> pl.DataFrame:
    names = [f"P{i}" for i in range(len(numbers))]
    return pl.DataFrame(
        {"person_id": names, "id_digits": numbers}, schema={"person_id": str, "id_digits": str}
    )


def all_slips(number: str) -> set[str]:
    """By trying: every other character at every place, every two neighbours swapped."""
    tried = {number[:i] + c + number[i + 1 :] for i in range(18) for c in "0123456789X"}
    tried |= {number[:i] + number[i + 1] + number[i] + number[i + 2 :] for i in range(17)}
    series = pl.Series(sorted(tried - {number}))
    return set(only_valid(series).drop_nulls().to_list())


@given(st.from_regex(r"[1-5][0-9]{5}(19[3-9][0-9]|20[01][0-9])[01][0-9][0-3][0-9]{4}[0-9X]", fullmatch=True))
def test_candidates_are_exactly_the_valid_numbers_one_slip_away(number: str) -> None:
    found = repaired_numbers(wrong(number)).get_column("id_number").to_list()
    assert len(found) == len(set(found))
    assert set(found) == all_slips(number)


@given(st.integers(0, 17), st.integers(1, 9))
def test_every_mistyped_digit_is_found_again(place: int, shift: int) -> None:
    typed = "0" if RIGHT[place] == "X" else str((int(RIGHT[place]) + shift) % 10)
    found = repaired_numbers(wrong(RIGHT[:place] + typed + RIGHT[place + 1 :]))
    assert RIGHT in found.get_column("id_number").to_list()


@given(st.integers(0, 15))
def test_swapped_neighbours_are_found_and_told_apart(place: int) -> None:
    typed = RIGHT[:place] + RIGHT[place + 1] + RIGHT[place] + RIGHT[place + 2 :]
    if typed == RIGHT:
        return
    found = repaired_numbers(wrong(typed)).filter(id_number=RIGHT)
    assert found.get_column("kind").to_list() == ["transposed"]


def test_what_is_no_number_has_no_candidates() -> None:
    assert repaired_numbers(wrong(None, "", "440524", "4405241880010100144", "X" * 18)).is_empty()


def test_a_rounded_number_leads_back_to_the_numbers_it_may_have_been() -> None:
    known = pl.DataFrame({"person_id": ["K1", "K2"], "id_number": ["110105194912310021", RIGHT]})
    found = rounded_numbers(wrong("110105194912310016"), known)
    assert found.rows() == [("P0", "110105194912310021", "rounded")]
    assert rounded_numbers(wrong("110105194912310021"), known).is_empty()  # not rounded at all
