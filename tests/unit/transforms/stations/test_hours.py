"""A station's hours: never more visits than fit, key persons and alerts each their part, sums exact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.stations.hands import HANDS
from tests.helpers.examples import costly
from transforms.stations.hours import HoursRules, shared_again, shared_out, stations_on

AS_OF, TOWN, OTHER = date(2026, 3, 5), "440512001", "440511002"
RULES = HoursRules(Decimal("0.5"), station_lines_month=12, yield_visit_min_cnt=30)
SPENT = pl.Schema({"town_code": pl.String, "alert_visit_cnt": pl.Int64, "key_visit_cnt": pl.Int64})


def hands(hours: str = "20", visit: int = 90, key: int = 40, **more: Any) -> tuple[Any, ...]:
    base = {"town_code": TOWN, "valid_from": date(2026, 1, 1), "valid_to": None} | more
    return (*base.values(), 2, Decimal(hours), visit, key)


def rows(*given: tuple[Any, ...], spent: tuple[Any, ...] = (), as_of: date = AS_OF) -> pl.DataFrame:
    towns = pl.DataFrame({"town_code": [OTHER, TOWN, TOWN, None]})
    table = pl.DataFrame(list(given), schema=HANDS, orient="row")
    return stations_on(towns, table, pl.DataFrame(list(spent), schema=SPENT, orient="row"), as_of)


def due(count: int, town: str = TOWN) -> pl.DataFrame:
    return pl.DataFrame({"town_code": [town] * count}, schema={"town_code": pl.String})


def of(frame: pl.DataFrame, *names: str, town: str = TOWN) -> tuple[Any, ...]:
    return frame.filter(town_code=town).select(names).row(0)


def test_alerts_get_what_the_key_persons_leave() -> None:
    shared = shared_out(rows(hands("20")), due(4), RULES)  # 1,200 minutes, of which 160 for key persons
    assert of(shared, "key_due_cnt", "key_planned_cnt", "capacity") == (4, 4, 11)


def test_key_persons_never_take_the_alerts_share() -> None:
    shared = shared_out(rows(hands("20")), due(300), RULES)
    assert of(shared, "key_due_cnt", "key_planned_cnt", "capacity") == (300, 15, 6)


def test_what_alerts_leave_goes_to_key_persons() -> None:
    shared = shared_out(rows(hands("20")), due(300), RULES)
    again = shared_again(shared, pl.DataFrame({"town_code": [TOWN], "listed_cnt": [2]}))
    assert of(again, "key_planned_cnt", "capacity") == (25, 2)  # 1,200 - 2 × 90 = 1,020 = 25 × 40 + 20


def test_a_station_whose_hands_nobody_entered_has_the_default() -> None:
    shared = shared_out(rows(hands("20")), due(300, OTHER), RULES)
    assert of(shared, "minutes", "key_planned_cnt", "capacity", town=OTHER) == (None, 300, 12)
    again = shared_again(shared, pl.DataFrame({"town_code": [OTHER], "listed_cnt": [40]}))
    assert of(again, "key_planned_cnt", "capacity", town=OTHER) == (300, 12)


@pytest.mark.parametrize(
    ("as_of", "hours"), [(date(2026, 3, 31), 20), (date(2026, 4, 1), 10), (date(2025, 12, 31), None)]
)
def test_hands_hold_from_their_first_to_their_last_day(as_of: date, hours: int | None) -> None:
    both = rows(hands(valid_to=date(2026, 3, 31)), hands("10", valid_from=date(2026, 4, 1)), as_of=as_of)
    assert of(both, "hours_month") == (hours,)


def test_a_second_list_of_the_month_has_what_the_first_left() -> None:
    left = shared_out(rows(hands("20"), spent=((TOWN, 10, 5),)), due(1), RULES)
    assert of(left, "minutes", "key_planned_cnt", "capacity") == (100, 1, 0)  # 60 minutes are no visit of 90
    over = shared_out(rows(hands("20"), spent=((TOWN, 30, 0),)), due(1), RULES)
    assert of(over, "minutes", "key_planned_cnt", "capacity") == (0, 0, 0)  # red went beyond the hours


@costly
@given(
    hours=st.decimals("0.01", 900, places=2),
    minutes=st.tuples(st.integers(5, 600), st.integers(5, 600)),
    counts=st.tuples(st.integers(0, 400), st.integers(0, 400)),
    share=st.decimals(0, 1, places=2),
)
def test_never_more_than_the_hours_and_both_get_their_part(
    hours: Decimal, minutes: tuple[int, int], counts: tuple[int, int], share: Decimal
) -> None:
    (visit, key), (persons, alerts) = minutes, counts
    rules = HoursRules(share, 12, 30)
    first = shared_out(rows(hands(str(hours), visit, key)), due(persons), rules)
    planned, capacity = of(first, "key_planned_cnt", "capacity")
    month = int(hours * 60)
    listed = min(alerts, capacity)
    again = shared_again(first, pl.DataFrame({"town_code": [TOWN], "listed_cnt": [listed]}))
    more, beside = of(again, "key_planned_cnt", "capacity")
    assert planned <= more <= persons and listed <= beside
    assert more * key + beside * visit <= month
    assert planned * key <= month * (1 - share)
    assert capacity == (month - planned * key) // visit >= int(share * month) // visit
    if more < persons:  # nobody waits while there is time for one more
        assert month - more * key - listed * visit < key
