"""The month's key persons: who was longest not visited goes first, numbers run by village, nobody is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.casework.key_plan import PLAN_SCHEMA, key_plan, still_due

END = date(2026, 3, 31)
DUE = ("person_id", "household_id", "town_code", "village_code", "kind_code")
LAST = {"person_id": pl.String, "visited_date": pl.Date}


def person(n: int, village: str = "v1", town: str | None = "t1") -> tuple[Any, ...]:
    return (f"P{n:03}", f"H{n:03}", town, village, "tekun")


def plan(
    people: list[tuple[Any, ...]], hours: dict[str, int], seen: dict[str, date] | None = None
) -> pl.DataFrame:
    due = pl.DataFrame(people, schema=dict.fromkeys(DUE, pl.String), orient="row")
    last = pl.DataFrame(list((seen or {}).items()), schema=LAST, orient="row")
    places = {"town_code": list(hours), "key_planned_cnt": list(hours.values())}
    stations = pl.DataFrame(places, schema={"town_code": pl.String, "key_planned_cnt": pl.Int64})
    found = key_plan(due, last, stations, END)
    assert found.schema == PLAN_SCHEMA
    return found


def test_the_longest_not_visited_go_first_and_never_visited_before_all() -> None:
    seen = {"P001": date(2026, 2, 3), "P002": date(2025, 12, 1), "P003": date(2026, 1, 7)}
    found = plan([person(n) for n in (1, 2, 3, 4)], {"t1": 2}, seen)
    assert found.filter("is_planned")["person_id"].to_list() == ["P002", "P004"]
    assert found["due_date"].unique().to_list() == [END]


def test_numbers_run_village_by_village_the_planned_ones_first() -> None:
    people = [person(1, "v2"), person(2, "v1"), person(3, "v2"), person(4, "v1")]
    found = plan(people, {"t1": 3}, {"P002": date(2026, 2, 1)})
    assert dict(found.select("person_id", "key_no").iter_rows()) == {
        "P004": "K1", "P001": "K2", "P003": "K3", "P002": "K4",
    }  # fmt: skip
    assert found.filter(~pl.col("is_planned"))["person_id"].to_list() == ["P002"]


def test_whose_town_nobody_knows_is_kept_without_a_number() -> None:
    found = plan([person(1, town=None), person(2)], {"t1": 5})
    assert found.select("person_id", "key_no", "is_planned").rows() == [
        ("P001", None, False),
        ("P002", "K1", True),
    ]


def test_who_was_answered_for_this_month_is_not_due_again() -> None:
    people = pl.DataFrame([person(1), person(2)], schema=dict.fromkeys(DUE, pl.String), orient="row")
    came = pl.DataFrame({"person_id": ["P001", "P002"], "as_of": [date(2026, 3, 5), date(2026, 2, 5)]})
    assert still_due(people, came, date(2026, 3, 20))["person_id"].to_list() == ["P002"]


@given(
    st.lists(st.tuples(st.sampled_from(["t1", "t2"]), st.sampled_from(["a", "b", "c"])), max_size=30),
    st.integers(0, 8),
    st.randoms(),
)
def test_the_same_plan_whatever_the_order_of_rows_and_everybody_in_turn(
    places: list[tuple[str, str]], hours: int, random: Any
) -> None:
    people = [person(n, village, town) for n, (town, village) in enumerate(places)]
    found = plan(people, {"t1": hours, "t2": 99})
    random.shuffle(people)
    assert plan(people, {"t1": hours, "t2": 99}).equals(found)
    here = found.filter(town_code="t1")
    assert here["is_planned"].sum() == min(hours, here.height)
    assert sorted(here["key_no"], key=lambda no: int(no[1:])) == [f"K{i + 1}" for i in range(here.height)]
    # Month by month, who was visited steps behind: in so many months everybody has been visited.
    seen: dict[str, date] = {}
    for month in range(-(-here.height // hours) if hours else 0):
        now = plan(people, {"t1": hours, "t2": 99}, seen).filter("is_planned", town_code="t1")
        seen |= dict.fromkeys(now["person_id"], date(2026, 1, 1 + month))
    assert not hours or set(seen) == set(here["person_id"])
