"""What waits for hands, and what the next ten visits would find: never invented, from like lines alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tests.helpers.alerts import AS_OF, NO_AUDIT, TOWN, homes, many, run
from transforms.alerts.budget import next_in_line
from transforms.stations.waiting import STATION_SCHEMA, station_rows, yields

NEEDS = pl.DataFrame({"result_code": ["20", "40", "42"], "is_need": [True, False, None]})
FOUND = pl.Schema({"level": pl.String, "arm": pl.String, "need_share": pl.Float64})


def visited(*kinds: tuple[str, str, str, int]) -> pl.DataFrame:
    rows = [(level, arm, code) for level, arm, code, count in kinds for _ in range(count)]
    return pl.DataFrame(rows, schema=["level", "arm", "result_code"], orient="row")


def station(alerts: pl.DataFrame, found: list[tuple[str, str, float]], **more: Any) -> dict[str, Any]:
    hands = ("staff_cnt", "hours_month", "visit_minutes", "key_visit_minutes")
    base: dict[str, Any] = dict.fromkeys(hands) | {
        "town_code": TOWN, "capacity": 3, "key_due_cnt": 0, "key_planned_cnt": 0, "key_unknown_cnt": 0,
    }  # fmt: skip
    rows = pl.DataFrame([base | more])
    known = pl.DataFrame(found, schema=FOUND, orient="row")
    got = station_rows(alerts, next_in_line(alerts), rows, known, AS_OF)
    assert got.schema == STATION_SCHEMA
    return got.row(0, named=True)


def alerts_of(levels: str, capacity: int = 3) -> pl.DataFrame:
    return run(
        many(levels),
        households=homes([f"H{i:03}" for i in range(60)]),
        capacity=capacity,
        operations=NO_AUDIT,
    )


def test_a_yield_needs_enough_visits_that_can_tell() -> None:
    enough = visited(("orange", "rule", "20", 20), ("orange", "rule", "40", 10), ("orange", "rule", "42", 50))
    few = visited(("yellow", "rule", "20", 29))
    assert yields(pl.concat([enough, few]), NEEDS, 30).rows() == [("orange", "rule", 20 / 30)]


def test_the_next_ten_are_those_that_would_be_listed_next() -> None:
    alerts = alerts_of("o" * 8 + "y" * 12)  # three orange are listed; five orange and five yellow come next
    row = station(alerts, [("orange", "rule", 0.8), ("yellow", "rule", 0.5)])
    assert (row["listed_cnt"], row["waiting_cnt"], row["red_beyond_cnt"]) == (3, 17, 0)
    assert row["next_ten_need_cnt"] == Decimal("6.50")


def test_one_kind_without_a_known_yield_leaves_the_price_empty() -> None:
    alerts = alerts_of("o" * 8 + "y" * 12)
    assert station(alerts, [("orange", "rule", 0.8)])["next_ten_need_cnt"] is None
    assert station(alerts, [("orange", "rule", 0.8), ("yellow", "model", 0.5)])["next_ten_need_cnt"] is None


def test_where_fewer_than_ten_wait_they_alone_are_priced_and_where_nobody_waits_nothing_is() -> None:
    assert station(alerts_of("ooooo"), [("orange", "rule", 0.8)])["next_ten_need_cnt"] == Decimal("1.60")
    assert station(alerts_of("oo"), [("orange", "rule", 0.8)])["next_ten_need_cnt"] is None


def test_red_beyond_the_hours_is_listed_and_counted() -> None:
    row = station(alerts_of("rrrrroo"), [])
    assert (row["listed_cnt"], row["red_beyond_cnt"], row["waiting_cnt"]) == (5, 2, 2)


def test_the_line_is_that_of_a_longer_list() -> None:
    """Whoever is next is who would be listed with one more hand."""
    levels = "yoroyoryooyr"
    short, longer = alerts_of(levels, 6), alerts_of(levels, 7)
    first = next_in_line(short).filter(place=1)["alert_id"].item()
    added = longer.filter("is_listed").join(short.filter("is_listed"), on="alert_id", how="anti")
    assert added["alert_id"].to_list() == [first] and date(2026, 3, 5) == AS_OF
