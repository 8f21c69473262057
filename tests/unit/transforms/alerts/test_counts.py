"""The counts of list heads, county pages and report: one definition, and nothing between them is lost."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.alerts import NEXT, OPERATIONS, homes, listed, many, run, signal, visit
from tests.helpers.examples import costly
from transforms.alerts.counts import LINE_STATES, line_states, red_beyond, station_counts

NOBODY = pl.DataFrame(schema={"queue": pl.String, "household_id": pl.String})


def test_red_beyond_the_stations_hands_is_counted_and_named() -> None:
    """tried §3: a town with 35 red listed 11 and nobody was told; now all, of whom 24 beyond its hands."""
    alerts = run(many("r" * 35), households=homes([f"H{i:03}" for i in range(40)]), capacity=11)
    counted = station_counts(line_states(alerts, NOBODY)).row(0, named=True)
    assert (counted["listed_cnt"], counted["waiting_cnt"], counted["red_beyond_cnt"]) == (35, 0, 24)
    assert counted["red_cnt"] == 35 and red_beyond(alerts).height == 24


@costly
@given(
    levels=st.text("royb", min_size=1, max_size=60),
    capacity=st.integers(0, 20),
    unplaced=st.sets(st.integers(0, 59), max_size=5),
)
def test_every_red_one_with_a_town_is_listed_and_nothing_else_beyond_the_hands(
    levels: str, capacity: int, unplaced: set[int]
) -> None:
    """tried §3: to the unit, whatever the levels, the hands, and the households without a town."""
    names = [f"H{i:03}" for i in range(len(levels))]
    nowhere = pl.col("household_id").is_in([f"H{i:03}" for i in unplaced])
    places = homes(names).with_columns(town_code=pl.when(~nowhere).then("town_code"))
    full = {"r": "red", "o": "orange", "y": "yellow", "b": "blue"}
    signals = [signal(name, level=full[c]) for name, c in zip(names, levels, strict=True)]
    alerts = line_states(run(signals, households=places, capacity=capacity, operations=OPERATIONS), NOBODY)
    sums = station_counts(alerts).select(pl.col("^.*_cnt$").sum()).row(0, named=True)
    placed = alerts.filter(pl.col("town_code").is_not_null())
    red, of_town = placed.filter(level="red"), placed["is_overflow_red"].sum()
    assert sums["red_cnt"] == levels.count("r") and red["is_listed"].all()
    assert red_beyond(alerts).height == sums["red_beyond_cnt"] == of_town + levels.count("r") - red.height
    assert of_town == max(0, sums["listed_cnt"] - capacity)  # to the unit
    assert sums["listed_cnt"] + sums["waiting_cnt"] + sums["suppressed_cnt"] == alerts.height
    assert sum(sums[f"{state}_cnt"] for state in LINE_STATES) == sums["listed_cnt"] == len(listed(alerts))


def test_a_family_listed_and_settled_before_is_not_called_new() -> None:
    """tried §3: the same family four times, each time as 新增."""
    before = run([signal("H1")])
    found = visit("40", before["as_of"][0])
    grown = signal("H1", name="I03", level="red")
    again = run([grown, signal("H2")], previous=before, outcomes=found, as_of=NEXT)
    states = line_states(again, before.filter("is_listed"))
    assert dict(states.select("household_id", "line_state").iter_rows()) == {"H1": "returned", "H2": "new"}
    assert states["status"].to_list() == ["new", "new"]  # its deadline is that of a new case
