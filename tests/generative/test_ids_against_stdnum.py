"""Whole columns of numbers against python-stdnum, a library that looks at one number at a time.

Where the two differ on purpose:
- stdnum refuses a number whose area code it does not know, or not for the year of birth. For us that is a
  warning: numbers are given late, and keep their code for life. (stdnum 2.2 fails with a KeyError on an
  unknown county of a known province; here that counts as a refusal.)
- stdnum takes any year of birth from 1 to 9999. We take 1800 to 2099.
- stdnum knows 18 digits only. Our reading of 15 digits must be a number it accepts.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data_contracts.cells.id_area_codes import area_state
from data_contracts.cells.id_numbers import ISSUING, PROVINCES, only_valid
from divisions import area_codes
from tests.helpers.id_numbers import check_ids

ric = pytest.importorskip("stdnum.cn.ric", reason="python-stdnum is not installed")
from stdnum.exceptions import ValidationError  # noqa: E402

CODES = area_codes()["code"].cast(pl.String).str.pad_end(6, "0").unique().sort().to_list()
DIGITS = "0123456789"

area = st.one_of(st.sampled_from(CODES), st.text(DIGITS, min_size=6, max_size=6))
any_day = st.dates(date(1, 1, 1), date(2199, 12, 31)).map(lambda day: f"{day:%Y%m%d}".zfill(8))
usual_day = st.dates(date(1900, 1, 1), date(2026, 12, 31)).map(lambda day: f"{day:%Y%m%d}")
birth = st.one_of(usual_day, usual_day, any_day, st.text(DIGITS, min_size=8, max_size=8))
body = st.tuples(area, birth, st.text(DIGITS, min_size=3, max_size=3)).map("".join)


def checked(digits: str) -> str:
    return digits + ric.calc_check_digit(digits + "0")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A number with one place replaced, taken out or doubled, or two neighbours exchanged."""
    number = checked(draw(body))
    place = draw(st.integers(0, 16))
    one, rest = number[place], number[place + 1 :]
    instead = draw(st.sampled_from([*DIGITS, "X", "A", "O", "", one * 2, rest[0] + one]))
    return number[:place] + instead + (rest[1:] if instead == rest[0] + one else rest)


numbers = st.lists(
    st.one_of(
        body.map(checked),
        st.tuples(body, st.sampled_from(DIGITS + "X")).map("".join),
        mutated(),
        st.text(DIGITS + "XABZ", min_size=1, max_size=20),
    ),
    min_size=1,
    max_size=40,
)


def has_birth_place(number: str) -> bool:
    try:
        return bool(ric.get_birth_place(number))
    except (ValidationError, KeyError):
        return False


def stdnum_accepts(number: str) -> bool:
    try:
        return bool(ric.is_valid(number))
    except KeyError:
        return False


def right_but_for_its_place(number: str) -> bool:
    """stdnum's own steps without the last one, and our bounds."""
    try:
        day = ric.get_birth_date(number)
    except (ValidationError, ValueError, IndexError):
        return False
    right = len(number) == 18 and number[:-1].isdigit() and number[-1] == ric.calc_check_digit(number)
    return (
        right
        and 1800 <= day.year <= 2099
        and (int(number[1:3]) in ISSUING if number[0] == "9" else int(number[:2]) in PROVINCES)
    )


@given(numbers)
@example(["11010519491231002X", "440524188001010014", "34052419800101001X"])
@example(["360426199101010071", "360426199101010072", "440308199902301512"])
def test_every_number_has_stdnums_verdict_but_for_the_place(written: list[str]) -> None:
    ours = check_ids(pl.Series([text for text in written if len(text) == 18], dtype=pl.String))
    for number, valid in ours.select("text", "valid").iter_rows():
        assert valid == right_but_for_its_place(number), number
        if stdnum_accepts(number):
            assert valid or not 1800 <= ric.get_birth_date(number).year <= 2099, number
        elif valid:
            assert not has_birth_place(number), number


@given(numbers)
def test_no_other_length_but_15_and_cards_is_valid(written: list[str]) -> None:
    ours = check_ids(pl.Series([text for text in written if len(text) != 18], dtype=pl.String))
    assert set(ours.filter("valid")["text"].str.len_bytes()) <= {15, 20, 22}
    for number in ours.filter("valid")["id_number"]:
        assert right_but_for_its_place(number)


@given(st.lists(st.tuples(area, usual_day, st.text(DIGITS, min_size=3, max_size=3)), min_size=1))
def test_fifteen_digits_are_read_as_stdnum_would_write_them(parts: list[tuple[str, str, str]]) -> None:
    of_the_century = [(a, "19" + b[2:], o) for a, b, o in parts]
    short = check_ids(pl.Series([a + b[2:] + o for a, b, o in of_the_century]))
    whole = [checked("".join(part)) for part in of_the_century]
    assert short["normal"].to_list() == [n if right_but_for_its_place(n) else None for n in whole]


@given(numbers)
def test_the_fast_look_agrees_with_the_full_one(written: list[str]) -> None:
    full = check_ids(pl.Series(written))
    as_written = full.filter(pl.col("text") == pl.col("id_number"))["text"].to_list()
    assert only_valid(pl.Series(written)).drop_nulls().to_list() == as_written


def test_the_division_tables_know_the_places_stdnum_knows() -> None:
    """Every code since 1981 with every third year of birth since 1984: stdnum's place is our state."""
    years = pl.DataFrame({"year": list(range(1984, 2024, 3))})
    heads = pl.DataFrame({"code": CODES}).join(years, how="cross")
    heads = heads.with_columns(number=pl.concat_str("code", "year", pl.lit("0101001"))).sort("number")
    state = area_state(heads["number"], area_codes())
    theirs = pl.Series([has_birth_place(number) for number in heads["number"]])
    both = pl.DataFrame({"state": state, "theirs": theirs})
    agreed = both.select(
        share=(pl.col("state").is_in(["in_use", "since_dropped"]) == pl.col("theirs")).mean()
    )
    print("area codes by year, agreed with stdnum:", agreed.item())
    assert both.filter(pl.col("state") == "unknown").is_empty()
    assert agreed.item() > 0.99
