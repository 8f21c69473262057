"""Outcomes become labels: what counts, what says nothing, what is known by when."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from models.features.labels import known_labels, labels
from tests.helpers.visits import CODES, DATES
from zhaoren.errors import ZhaorenError


def small_alerts() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "alert_id": ["a", "a", "b", "c", "d"],
            "as_of": [DATES[0], DATES[1], DATES[0], DATES[0], DATES[0]],
            "household_id": ["h1", "h1", "h2", "h3", "h4"],
            "town_code": ["t"] * 5,
            "queue": ["need", "need", "need", "compliance", "need"],
            "is_listed": [True] * 5,
            "arm": ["rule"] * 5,
        }
    )


def small_outcomes(rows: list[tuple[str, str, date, date]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["alert_id", "result_code", "found_date", "known_date"], orient="row")


def test_a_label_is_a_verified_need_and_silence_is_no_label() -> None:
    day = date(2025, 9, 20)
    got = labels(
        small_outcomes(
            [("a", "20", day, day), ("b", "60", day, day), ("c", "20", day, day), ("d", "40", day, day)]
        ),
        small_alerts(),
        CODES,
    )
    # b was not at home, c belongs to the compliance queue; a counts for the first list it stood on
    assert got.select("household_id", "as_of", "label").rows() == [
        ("h1", DATES[0], True),
        ("h4", DATES[0], False),
    ]


def test_the_last_word_known_by_a_date_counts_and_an_absence_takes_nothing_back() -> None:
    rows = [
        ("a", "40", date(2025, 9, 10), date(2025, 9, 10)),
        ("a", "30", date(2025, 10, 1), date(2025, 10, 1)),
        ("a", "60", date(2025, 11, 1), date(2025, 11, 1)),
    ]
    got = labels(small_outcomes(rows), small_alerts(), CODES)
    assert known_labels(got, date(2025, 9, 30))["label"].to_list() == [False]
    assert known_labels(got, date(2025, 12, 1))["label"].to_list() == [True]
    assert known_labels(got, date(2025, 9, 1)).is_empty()


def test_a_result_code_without_meaning_is_refused() -> None:
    with pytest.raises(ZhaorenError, match="'77'"):
        labels(small_outcomes([("a", "77", DATES[0], DATES[0])]), small_alerts(), CODES)
