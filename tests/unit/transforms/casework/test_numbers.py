"""Case numbers: short, in order, and a misheard digit or two exchanged neighbours are noticed."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.casework.numbers import FIRST, allotted, is_case_no, is_case_no_column

NUMBERS = allotted(None, 3000).to_list()


def _mod_11_10(digits: str) -> int:
    """ISO 7064 MOD 11,10, written as the standard's text has it."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10


def test_numbers_are_eight_digits_in_order_and_never_twice() -> None:
    assert sorted(set(NUMBERS)) == NUMBERS and all(len(number) == 8 for number in NUMBERS)
    assert NUMBERS[0] == f"{FIRST}{_mod_11_10(str(FIRST))}"
    assert all(_mod_11_10(number[:7]) == int(number[7]) for number in NUMBERS)
    assert allotted(NUMBERS[99], 2900).to_list() == NUMBERS[100:]


def test_every_wrong_digit_and_every_exchange_of_neighbours_is_noticed() -> None:
    wrong = []
    for number in NUMBERS[:300]:
        for place, digit in enumerate(number):
            others = [d for d in "0123456789" if d != digit]
            wrong += [number[:place] + other + number[place + 1 :] for other in others]
            if place < 7 and digit != number[place + 1]:
                wrong.append(number[:place] + number[place + 1] + digit + number[place + 2 :])
    assert len(wrong) > 22_000
    assert not is_case_no_column(pl.Series(wrong)).any()


def test_what_people_write_is_told_from_a_number() -> None:
    assert all(is_case_no(number) for number in NUMBERS[:50])
    texts = ["", "1234567", "20260305-H1-N", NUMBERS[0] + "0", " " + NUMBERS[0], "一二三四五六七八", None]
    assert not is_case_no_column(pl.Series(texts)).any()


@given(st.integers(0, 8_000_000), st.integers(0, 60))
def test_however_many_are_wanted_there_are(start: int, count: int) -> None:
    last = f"{FIRST + start}0"
    found = allotted(last, count)
    assert len(found) == count and all(int(number[:7]) > FIRST + start for number in found)
