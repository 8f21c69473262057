"""Months missed are claimed no further back than the rolls on file reach."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.deliveries.roll_spans import roll_spans, within_span

SOURCES = {"nursing": ("disability_card",), "dibao": ("benefit_roll", "disability_card")}
HOUSEHOLDS = pl.DataFrame(
    [("H1", "440512001"), ("H2", "441621114"), ("H3", None)],
    schema=["household_id", "town_code"],
    orient="row",
)


def delivery(extract: str, month: date, part: str = "", status: str = "accepted") -> dict[str, Any]:
    return {"extract": extract, "part": part, "status": status, "period_month": month}


def missed(
    deliveries: list[dict[str, Any]], count: int | None, as_of: date, benefit: str = "nursing"
) -> list[int | None]:
    spans = roll_spans(pl.DataFrame(deliveries, schema_overrides={"part": pl.String}), SOURCES)
    rows = HOUSEHOLDS.select("household_id").with_columns(
        benefit_id=pl.lit(benefit), missed_month_cnt=pl.lit(count, pl.Int64), other=pl.lit("x")
    )
    found = within_span(rows, HOUSEHOLDS, spans, as_of)
    assert found.columns == rows.columns and found["household_id"].to_list() == ["H1", "H2", "H3"]
    return found["missed_month_cnt"].to_list()


def test_a_card_of_ten_years_ago_and_three_months_of_rolls() -> None:
    """tried §3: 约121个月未领, from one roll and a card's date."""
    rolls = [delivery("disability_card", date(2025, month, 1)) for month in (8, 9, 10)]
    assert missed(rolls, 121, date(2025, 11, 5)) == [3, 3, 3]
    assert missed(rolls, 1, date(2025, 11, 5)) == [1, 1, 1]  # a right that began later
    assert missed(rolls, None, date(2025, 11, 5)) == [None] * 3


def test_the_place_own_part_counts_and_without_a_roll_nothing_is_claimed() -> None:
    rolls = [
        delivery("disability_card", date(2025, 6, 1), part="4405"),
        delivery("disability_card", date(2025, 9, 1), part="4416"),
        delivery("disability_card", date(2024, 1, 1), part="4416", status="rejected"),
    ]
    assert missed(rolls, 121, date(2025, 11, 5)) == [5, 2, None]
    assert missed([delivery("benefit_roll", date(2025, 6, 1))], 9, date(2025, 11, 5)) == [None] * 3


def test_of_two_rolls_that_are_both_needed_the_younger_counts() -> None:
    rolls = [delivery("benefit_roll", date(2025, 1, 1)), delivery("disability_card", date(2025, 10, 1))]
    assert missed(rolls, 9, date(2025, 11, 5), "dibao") == [1, 1, 1]


@given(
    count=st.none() | st.integers(0, 2000),
    firsts=st.lists(st.dates(date(2020, 1, 1), date(2026, 12, 31)), min_size=1, max_size=4),
    as_of=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_never_beyond_the_datas_own_span(count: int | None, firsts: list[date], as_of: date) -> None:
    """tried §3: whatever a card says, and whichever rolls came."""
    rolls = [delivery("disability_card", first) for first in firsts]
    span = max(0, (as_of.year - min(firsts).year) * 12 + as_of.month - min(firsts).month)
    for shown in missed(rolls, count, as_of):
        assert shown == (None if count is None else min(count, span))
