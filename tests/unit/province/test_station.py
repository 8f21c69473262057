"""What the made-up stations do: from the truth and luck of its own, and within what forms and rules allow."""

from __future__ import annotations

from datetime import date

import polars as pl

from policies.casework.contacts import load_contacts
from policies.casework.steps import load_steps
from province.station.agreements import NEEDY, agreements
from province.station.contacts import contacts
from province.station.matters import progress
from province.station.rounds import key_visits

DAY, SEED = date(2025, 9, 5), 7
NOBODY = pl.DataFrame(schema={"alert_id": pl.String, "as_of": pl.Date})


def _visits(codes: list[str], each: int) -> pl.DataFrame:
    rows = [(f"{code}-{n}", code) for code in codes for n in range(each)]
    frame = pl.DataFrame(rows, schema=["alert_id", "result_code"], orient="row")
    return frame.with_columns(found_date=pl.date(2025, 9, 15))


def test_a_family_that_was_away_was_tried_as_the_rule_asks() -> None:
    """Three tries in different parts of the day, then somebody asked; a few workers forget the last."""
    tries = contacts(
        _visits(["60"], 300), pl.DataFrame(schema={"alert_id": pl.String, "as_of": pl.Date}), SEED
    )
    rule = load_contacts().not_reached
    failed = tries.filter(~pl.col("way_code").is_in(rule.then_ways)).group_by("alert_id")
    counts = failed.agg(pl.len(), pl.col("part_of_day").n_unique().alias("parts"))
    assert counts["len"].min() == rule.tries and counts["parts"].min() == 3
    asked = tries.filter(pl.col("way_code").is_in(rule.then_ways))["alert_id"].n_unique()
    assert 240 < asked < 290
    reached = contacts(
        _visits(["20"], 300), pl.DataFrame(schema={"alert_id": pl.String, "as_of": pl.Date}), SEED
    )
    met = reached.filter(pl.col("contact_result") == "reached")
    assert met["alert_id"].n_unique() == 300 and met.height == 300


def test_most_needs_have_a_next_step_and_nothing_else_has() -> None:
    found = agreements(_visits([*NEEDY, "10", "40", "50"], 100), SEED)
    assert set(found["alert_id"].str.split("-").list.first()) == set(NEEDY)
    assert 500 < found.height < 590 and (found["next_date"] > date(2025, 9, 15)).all()


def test_every_event_may_follow_the_one_before() -> None:
    """Open matters of every kind and state go on only as the steps allow."""
    rows = [
        (f"{kind.code}-{event.code}-{n}", kind.code, event.code)
        for kind in load_steps().kind_list
        for event in kind.event_list
        if not event.is_end
        for n in range(40)
    ]
    open_ = pl.DataFrame(rows, schema=["step_id", "kind_code", "event_code"], orient="row")
    open_ = open_.with_columns(event_date=pl.date(2025, 8, 10), case_no=pl.lit("1"))
    decided = open_.select("step_id", months_taken=pl.lit(1, pl.Int64))
    found = progress(open_, decided, DAY, SEED).join(open_, on="step_id", suffix="_before")
    assert found["kind_code"].n_unique() >= 4 and (found["event_date"] >= DAY).all()
    for row in found.rows(named=True):
        kind = load_steps().kinds[row["kind_code"]]
        assert row["event_code"] in {event.code for event in kind.may_follow(row["event_code_before"])}, row
        needs = kind.events[row["event_code"]]
        assert bool(row["next_date"]) or not needs.asks_due, row
        assert bool(row["note_zh"]) or not needs.asks_note, row
    assert found.equals(progress(open_, decided, DAY, SEED).join(open_, on="step_id", suffix="_before"))


def test_a_key_person_is_visited_or_excused_or_open_never_two() -> None:
    due = pl.DataFrame({"key_no": [f"K{n}" for n in range(1000)], "town_code": "1", "is_planned": True})
    found = key_visits(due, DAY, SEED)
    both = (
        found["visited_date"].is_not_null().to_frame("a").with_columns(b=found["excuse_code"].is_not_null())
    )
    assert (both["a"] ^ both["b"]).all() and 920 < found.height < 980
