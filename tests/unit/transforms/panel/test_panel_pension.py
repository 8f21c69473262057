"""Since when somebody works or draws a pension: read from the rolls, unknown where they begin too late."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.helpers.core import core_of, core_rows, persons

APR = date(2026, 4, 10)
# What one roll says of a person, by a letter: Works, Draws, paused (-), or no line at all (space).
LINES = {"W": ("employee", "paying"), "D": ("resident", "drawing"), "-": ("employee", "stopped")}


def line(letter: str, person: str = "a") -> dict[str, Any]:
    kind, status = LINES[letter]
    return {"person_id": person, "pension_type_code": kind, "pension_status_code": status}


def roll(said: str, month: int, known: date | None = None) -> pl.DataFrame:
    """The roll of a month of 2025, sent on the fifth of the next; two others work all the time."""
    sent = known or date(2025 + month // 12, month % 12 + 1, 5)
    rows = [line("W", "0"), *(line(letter) for letter in said.strip()), line("W", "z")]
    return core_rows("pension_insurance", sent, rows).with_columns(period_month=date(2025, month, 1))


def core(*said: str, first: int = 1) -> dict[str, pl.DataFrame]:
    """One roll per text, month by month from `first`; a text of two letters is two lines."""
    return core_of(pension_insurance=[roll(one, month) for month, one in enumerate(said, start=first)])


def days(core: dict[str, pl.DataFrame], as_of: date = APR) -> tuple[int | None, int | None]:
    found = persons(core, as_of)["a"]
    return found["working_days"], found["pension_drawing_days"]


def since(*day: int) -> int:
    return (APR - date(*day)).days


@pytest.mark.parametrize(
    ("said", "working", "drawing"),
    [
        (" WWW", since(2025, 2, 1), None),
        ("-WWW", since(2025, 2, 1), None),
        ("---W", since(2025, 4, 1), None),
        ("WW-W", since(2025, 4, 1), None),  # a line that says otherwise breaks the run
        ("-DDD", None, since(2025, 2, 1)),
        ("WWWD", None, since(2025, 4, 1)),
        ("-WWD", None, since(2025, 4, 1)),
        ("WWWW", None, None),  # it began before we were told of anything
        ("DDDD", None, None),
        ("-W--", None, None),  # worked once, not now
        (" WW ", None, None),  # missing from the newest roll: at work or not is unknown
        ("-W W", since(2025, 2, 1), None),  # one roll without a line is no answer
        ("W  W", since(2025, 4, 1), None),  # two are
        ("W WW", None, None),
        ("   W", since(2025, 4, 1), None),
    ],
)
def test_a_run_begins_with_its_first_roll(said: str, working: int | None, drawing: int | None) -> None:
    assert days(core(*said)) == (working, drawing)


def test_who_works_and_draws_has_both_runs() -> None:
    assert days(core("W", "WD", "D", "WD")) == (since(2025, 4, 1), since(2025, 2, 1))


def test_the_only_roll_tells_no_beginning_and_no_roll_tells_nothing() -> None:
    assert days(core("W")) == (None, None)
    row = persons(core_of(enrolment=core_rows("enrolment", date(2025, 2, 5), [{"person_id": "a"}])), APR)["a"]
    assert (row["is_working"], row["working_days"], row["pension_drawing_days"]) == (None, None, None)


def test_a_month_never_delivered_breaks_no_run() -> None:
    told = core_of(pension_insurance=[roll(one, month) for month, one in ((1, "-"), (2, "W"), (5, "W"))])
    assert days(told) == (since(2025, 2, 1), None)


def test_the_month_that_is_spoken_of_counts_and_not_the_day_it_came() -> None:
    late = roll("W", 2, known=date(2025, 6, 20))
    told = core_of(pension_insurance=[roll("-", 1), roll("W", 3), late])
    assert days(told, date(2025, 6, 1)) == ((date(2025, 6, 1) - date(2025, 3, 1)).days, None)
    assert days(told) == (since(2025, 2, 1), None)


def test_a_mended_line_replaces_the_first_word_of_its_month() -> None:
    mended = roll("-", 2, known=date(2025, 4, 20))
    told = core_of(pension_insurance=[roll("-", 1), roll("W", 2), mended, roll("W", 3)])
    before = date(2025, 4, 19)
    assert days(told, before) == ((before - date(2025, 2, 1)).days, None)
    assert days(told) == (since(2025, 3, 1), None)


def test_a_roll_in_which_nobody_could_be_linked_was_delivered_all_the_same() -> None:
    unlinked = roll("W", 1).with_columns(person_id=pl.lit(None, dtype=pl.String))
    told = core_of(pension_insurance=[unlinked, roll("W", 2), roll("W", 3)])
    assert days(told) == (since(2025, 2, 1), None)


@pytest.mark.parametrize("later", ["W", "-", "D", ""])
def test_later_rolls_change_no_earlier_answer(later: str) -> None:
    early = date(2025, 4, 10)
    told = core("-", "W", "W")
    answer = days(told, early)
    assert answer == ((early - date(2025, 2, 1)).days, None)
    told["pension_insurance"] = pl.concat([told["pension_insurance"], roll(later, 4), roll(later, 1, APR)])
    assert days(told, early) == answer


def test_an_older_roll_that_comes_late_dates_a_run_from_then_on() -> None:
    late = roll("-", 1, known=date(2025, 6, 20))
    told = core_of(pension_insurance=[roll("W", 2), roll("W", 3), late])
    assert days(told, date(2025, 6, 19)) == (None, None)
    assert days(told) == (since(2025, 2, 1), None)
