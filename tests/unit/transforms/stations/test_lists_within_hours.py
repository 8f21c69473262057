"""From hours to lists and back: whatever signs and hands there are, only red goes beyond the hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from exchange.stations.hands import HANDS
from tests.helpers.alerts import AS_OF, OPERATIONS, TOWN, homes, run, signal
from tests.helpers.examples import costly
from transforms.alerts.budget import next_in_line
from transforms.casework.key_plan import key_plan
from transforms.stations.hours import HoursRules, shared_again, shared_out, stations_on
from transforms.stations.waiting import station_rows

RULES = HoursRules(Decimal("0.5"), station_lines_month=12, yield_visit_min_cnt=30)
NOTHING = pl.Schema({"town_code": pl.String, "alert_visit_cnt": pl.Int64, "key_visit_cnt": pl.Int64})
YIELD = pl.Schema({"level": pl.String, "arm": pl.String, "need_share": pl.Float64})
LAST = pl.Schema({"person_id": pl.String, "visited_date": pl.Date})
LEVELS = {"r": "red", "o": "orange", "y": "yellow", "b": "blue"}


def month(
    levels: list[str], persons: list[int], hours: int, minutes: tuple[int, int]
) -> tuple[pl.DataFrame, ...]:
    """A month of one station: its row, its alerts, its key persons' plan."""
    names = ("person_id", "household_id", "town_code", "village_code", "kind_code")
    people = pl.DataFrame(
        [(f"P{n:03}", f"H{n:03}", TOWN, f"{TOWN}00{n % 3}", "tekun") for n in persons],
        schema=dict.fromkeys(names, pl.String),
        orient="row",
    )  # fmt: skip
    row = (TOWN, AS_OF, None, 1, Decimal(hours), *minutes)
    table = pl.DataFrame([row], schema=HANDS, orient="row")
    towns = pl.DataFrame({"town_code": [TOWN]})
    first = shared_out(stations_on(towns, table, pl.DataFrame(schema=NOTHING), AS_OF), people, RULES)
    signals = [signal(f"H{int(name[1:]):03}", level=LEVELS[name[0]]) for name in levels]
    capacity = first["capacity"].item()
    alerts = run(
        signals, households=homes([f"H{i:03}" for i in range(60)]), capacity=capacity, operations=OPERATIONS
    )
    listed = alerts.filter("is_listed").group_by("town_code").agg(pl.len().cast(pl.Int64).alias("listed_cnt"))
    again = shared_again(first, listed)
    whole = again.with_columns(key_unknown_cnt=pl.lit(0, pl.Int64))
    station = station_rows(alerts, next_in_line(alerts), whole, pl.DataFrame(schema=YIELD), AS_OF)
    plan = key_plan(people, pl.DataFrame(schema=LAST), again.select("town_code", "key_planned_cnt"), AS_OF)
    return station, alerts, plan


@costly
@given(
    levels=st.lists(st.sampled_from("royb"), max_size=40),
    persons=st.integers(0, 40),
    hours=st.integers(1, 80),
    minutes=st.tuples(st.integers(5, 240), st.integers(5, 240)),
    random=st.randoms(),
)
def test_only_red_goes_beyond_the_hours_and_the_order_of_rows_says_nothing(
    levels: list[str], persons: int, hours: int, minutes: tuple[int, int], random: Any
) -> None:
    named, people = [f"{level}{n}" for n, level in enumerate(levels)], list(range(persons))
    station, alerts, plan = month(named, people, hours, minutes)
    row, (visit, key) = station.row(0, named=True), minutes
    within = row["listed_cnt"] - row["red_beyond_cnt"]
    assert within * visit + row["key_planned_cnt"] * key <= hours * 60
    assert within <= row["capacity"] and (within == row["capacity"] or row["red_beyond_cnt"] == 0)
    assert alerts.filter(level="red")["is_listed"].all()
    assert set(alerts.filter("is_overflow_red")["level"]) <= {"red"}
    assert row["listed_cnt"] + row["waiting_cnt"] == alerts.height
    assert (row["key_due_cnt"], row["key_planned_cnt"]) == (plan.height, plan["is_planned"].sum())
    random.shuffle(named)
    random.shuffle(people)
    for one, other in zip(month(named, people, hours, minutes), (station, alerts, plan), strict=True):
        assert one.equals(other)
