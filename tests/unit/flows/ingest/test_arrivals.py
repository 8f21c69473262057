"""The id of a delivery: its day, extract, what tells files of one day apart, and the digest of its bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data_contracts.contract.file_names import KnownWords
from flows.ingest.arrivals import NOWHERE, Arrival, Placement, delivery_id, delivery_of

SHA = "0123456789abcdef"
WORDS = KnownWords(frozenset({"civil_affairs"}), frozenset({"benefit_roll"}), "a key")
ARRIVED = Arrival(Path("inbox/2025-11-05/civil_affairs/benefit_roll.csv"), SHA, date(2025, 11, 5), WORDS)


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        (Placement(date(2025, 10, 1)), "20251105-benefit_roll-0123456789ab"),
        (Placement(date(2025, 9, 1)), "20251105-benefit_roll-202509-0123456789ab"),
        (Placement(date(2025, 10, 1), "4401"), "20251105-benefit_roll-4401-0123456789ab"),
        (Placement(date(2025, 9, 1), "4401"), "20251105-benefit_roll-202509-4401-0123456789ab"),
        # Of things told as they happen, the month is the day itself.
        (Placement(date(2025, 11, 5)), "20251105-benefit_roll-0123456789ab"),
        (
            Placement(date(2025, 9, 1), "", "20251005-benefit_roll-aaa"),
            "20251105-benefit_roll-mended-0123456789ab",
        ),
        (NOWHERE, "20251105-civil_affairs.benefit_roll-0123456789ab"),
    ],
)
def test_ids(placement: Placement, expected: str) -> None:
    assert delivery_id(ARRIVED, placement) == expected
    assert delivery_of(ARRIVED, placement).delivery_id == expected


def test_a_month_stated_on_the_first_of_it_is_no_usual_one() -> None:
    """On the first of a month, that month's file and an event's day would else share an id."""
    first = Arrival(ARRIVED.path, SHA, date(2025, 11, 1), WORDS)
    assert delivery_id(first, Placement(date(2025, 11, 1))) == "20251101-benefit_roll-202511-0123456789ab"


def test_corrected_rows_sort_behind_the_files_of_their_day() -> None:
    corrected = delivery_id(ARRIVED, Placement(date(2025, 10, 1), "", "x"))
    whole = delivery_id(ARRIVED, Placement(date(2025, 10, 1)))
    assert corrected > whole


def test_a_delivery_counts_as_rejected_until_it_is_judged() -> None:
    delivery = delivery_of(ARRIVED, Placement(date(2025, 10, 1), "4401", "base"))
    assert (delivery.status, delivery.kind, delivery.amends_delivery_id) == ("rejected", "mended", "base")
    assert (delivery.department, delivery.extract) == ("civil_affairs", "benefit_roll")
    assert (delivery.file_name, delivery.part) == ("benefit_roll.csv", "4401")
    assert delivery_of(ARRIVED).kind == "full"
