"""A list that fits the station, the audit arm beside it, and the compliance queue apart from both."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.alerts import (
    AS_OF,
    NEXT,
    OPERATIONS,
    OTHER,
    TOWN,
    gap,
    homes,
    listed,
    many,
    one,
    run,
    signal,
    visit,
)
from tests.helpers.alerts import operations as made_operations
from tests.helpers.examples import costly
from transforms.alerts.alerts import ALERT_SCHEMA

# ---- budget ----


def test_red_then_score_then_level_then_points_then_household() -> None:
    signals = many("yyoyr")
    signals[3]["points"] = 9
    households = homes([f"H{i:03}" for i in range(5)])
    assert listed(run(signals, households=households)) == ["H004", "H002", "H003", "H000", "H001"]
    scores = pl.DataFrame({"household_id": ["H001", "H000"], "score": [0.9, 0.1]})
    scored = run(signals, households=households, scores=scores)
    assert listed(scored) == ["H004", "H001", "H000", "H002", "H003"]  # red first; unscored last, by level
    assert scored["arm"].unique().to_list() == ["rule"]  # every one would have been listed by points alone


def test_the_arm_says_whether_the_model_made_the_difference() -> None:
    households = homes([f"H{i:03}" for i in range(4)])
    scores = pl.DataFrame({"household_id": ["H002"], "score": [0.9]})
    alerts = run(many("yyyy"), households=households, scores=scores, capacity=2)
    assert dict(alerts.filter("is_listed").select("household_id", "arm").iter_rows()) == {
        "H002": "model",
        "H000": "rule",
    }


def test_capacity_is_hard_but_for_red_and_reds_beyond_it_are_marked() -> None:
    households = homes([f"H{i:03}" for i in range(20)])
    alerts = run(many("r" * 15 + "y" * 5), households=households)
    assert len(listed(alerts)) == 15 and alerts["is_overflow_red"].sum() == 3
    assert alerts.filter("is_overflow_red")["list_rank"].to_list() == [13, 14, 15]
    with_signal, waiting = (
        pl.col("signal_ids") != "",
        ~pl.col("is_listed") & (pl.col("status") != "suppressed"),
    )
    assert alerts.select(with_signal.sum(), waiting.sum()).row(0) == (20, 5)  # nothing is cut in silence


def test_open_cases_win_ties_and_crowd_out_nobody_of_more_need() -> None:
    households = homes(["H000", "H001", "H002"])
    overdue = run([signal("H002")], households=households)
    signals = many("ooo")
    signals[0]["points"] = 9
    alerts = run(signals, households=households, previous=overdue, as_of=NEXT)
    assert listed(alerts) == ["H000", "H002", "H001"]
    assert one(alerts.filter(household_id="H002"))["due_date"] < NEXT  # and its day stays what it was


def test_red_stands_by_the_day_it_is_due_before_any_score() -> None:
    households = homes(["H000", "H001"])
    overdue = run([signal("H001", "red")], households=households)
    scores = pl.DataFrame({"household_id": ["H000", "H001"], "score": [0.9, 0.1]})
    alerts = run(many("rr"), households=households, previous=overdue, as_of=NEXT, scores=scores)
    assert listed(alerts) == ["H001", "H000"]


def test_missing_benefits_alone_are_ordered_by_yuan() -> None:
    households = homes(["H000", "H001", "H002"])
    gaps = [gap("H000", amount="10"), gap("H001", amount="300"), gap("H002", amount="20")]
    before = run([], gaps=gaps[:1], households=households)
    alerts = run([], gaps=gaps, households=households, previous=before, as_of=NEXT)
    assert listed(alerts) == ["H001", "H002", "H000"]


def test_among_equals_escalated_come_before_repeated_before_new() -> None:
    households = homes(["H000", "H001", "H002"])
    overdue = run([signal("H002")], households=households)
    recent = run([signal("H001")], households=households, as_of=date(2026, 3, 30))
    alerts = run(many("ooo"), households=households, previous=pl.concat([overdue, recent]), as_of=NEXT)
    assert alerts.sort("list_rank")["status"].to_list() == ["escalated", "repeated", "new"]
    assert listed(alerts) == ["H002", "H001", "H000"]


def test_towns_do_not_share_capacity() -> None:
    households = pl.concat([homes(["H000", "H001"]), homes(["H002", "H003"], OTHER)])
    alerts = run(many("yyyy"), households=households, capacity=1)  # the other town has no capacity of its own
    counts = alerts.filter("is_listed").group_by("town_code").len().sort("town_code")
    assert counts.rows() == [(OTHER, 2), (TOWN, 1)]


# ---- the audit arm ----


@pytest.mark.parametrize(("capacity", "lines"), [(3, 0.24), (10, 1), (12, 1), (20, 2), (100, 8)])
def test_audit_lines(capacity: int, lines: float) -> None:
    assert OPERATIONS.audit_mean(capacity) == lines


def test_the_audit_arm_draws_from_everybody_not_listed() -> None:
    households = homes([f"H{i:03}" for i in range(60)])
    alerts = run(many("o" * 15), households=households, operations=OPERATIONS)
    rule, audit = (alerts.filter(pl.col("is_listed") & (pl.col("arm") == arm)) for arm in ("rule", "audit"))
    assert (rule.height, audit.height) == (11, 1)
    row = one(audit)
    chances = {
        "edge": 0.2 / 0.9 / 4,
        "quiet": 0.4 / 0.9 / 45,
    }  # no other signs, no model: they share the line
    assert row["draw_chance"] == pytest.approx(chances[row["draw_band"]] * 0.9 / 0.6)
    assert row["household_id"] not in rule["household_id"].to_list()
    assert alerts.equals(run(many("o" * 15), households=households, operations=OPERATIONS))


def test_a_drawn_candidate_keeps_its_own_reason() -> None:
    households = homes(["H000", "H001"])
    alerts = run(many("oo"), households=households, operations=OPERATIONS, capacity=10)
    assert alerts["arm"].to_list() == ["rule", "rule"]
    crowded = run(
        many("o" * 12), households=homes([f"H{i:03}" for i in range(12)]), operations=OPERATIONS, capacity=10
    )
    drawn = one(crowded.filter(pl.col("arm") == "audit"))
    assert drawn["reason_zh"].startswith("I01：近12个月") and drawn["draw_band"] == "edge"


def test_nobody_on_the_months_list_is_drawn_again_for_its_second() -> None:
    drawn = made_operations(audit_share="0.5")
    first = run([], operations=drawn)
    assert first["is_listed"].all() and first.height == 2
    again = run([], previous=first, operations=drawn, as_of=date(2026, 3, 20))
    assert again.is_empty()
    april = run([], previous=first, operations=drawn, as_of=NEXT)
    assert april.height == 2 and set(april["status"]) == {"repeated"}


def test_an_open_audit_visit_keeps_its_seat_and_a_visited_household_rests() -> None:
    households = homes([f"H{i:03}" for i in range(30)])
    first = run([], households=households, operations=OPERATIONS)
    later = date(2026, 4, 1)
    both = run([], households=households, operations=OPERATIONS, previous=first, as_of=later)
    again, fresh = (one(both.filter(draw_band=band)) for band in ("kept", "quiet"))
    assert (again["household_id"], again["status"]) == (one(first)["household_id"], "repeated")
    assert again["due_date"] == one(first)["due_date"] and again["first_listed_date"] == AS_OF
    # who is seldom at home does not close the draw to everybody else
    assert (fresh["status"], fresh["draw_chance"]) == ("new", pytest.approx(1 / 29))
    found = visit("40", date(2026, 3, 10), one(first)["alert_id"])
    alone = homes([one(first)["household_id"]])
    kwargs: dict[str, Any] = {"operations": OPERATIONS, "previous": first, "outcomes": found, "as_of": later}
    assert run([], households=alone, **kwargs).is_empty()


def test_nobody_visits_a_household_without_living_members() -> None:
    assert run([], households=homes(["H1"]).with_columns(member_cnt=0), operations=OPERATIONS).is_empty()


# ---- compliance ----


def test_compliance_is_a_queue_of_its_own_without_a_budget() -> None:
    households = homes([f"H{i:03}" for i in range(20)])
    checks = [signal(f"H{i:03}", "C01", queue="compliance", level="yellow") for i in range(20)]
    alerts = run([*checks, signal("H000")], [gap("H000")], households=households)
    county = alerts.filter(pl.col("queue") == "compliance")
    assert county["is_listed"].all() and county["list_rank"].to_list() == list(range(1, 21))
    assert (
        county["missing_benefits_zh"].unique().to_list() == [""] and "20260305-H000-C" in county["alert_id"]
    )
    need = one(alerts.filter(pl.col("queue") == "need"))
    assert need["alert_id"] == "20260305-H000-N" and need["signal_ids"] == "I01,E01"


def test_a_result_in_one_queue_says_nothing_about_the_other() -> None:
    signals = [signal(), signal(name="C01", queue="compliance", level="yellow")]
    first = run(signals)
    after = run(signals, previous=first, outcomes=visit("70", date(2026, 3, 10), "20260305-H1-C"), as_of=NEXT)
    status = dict(after.select("queue", "status").iter_rows())
    assert status == {"need": "escalated", "compliance": "suppressed"}


def test_a_person_without_a_household_is_kept_but_cannot_be_listed() -> None:
    row = one(run([signal(None, person_id="p9", queue="compliance", name="C01")]))
    assert (row["alert_id"], row["household_id"], row["is_listed"]) == ("20260305-p9-C", None, False)


# ---- properties ----


@costly
@given(st.lists(st.sampled_from("roy"), max_size=40), st.integers(0, 15), st.randoms())
def test_never_more_than_the_capacity_but_for_red_nor_a_weaker_level_before_a_stronger(
    levels: list[str], capacity: int, random: Any
) -> None:
    signals = many("".join(levels))
    households = homes([f"H{i:03}" for i in range(45)])
    alerts = run(signals, households=households, capacity=capacity, operations=OPERATIONS)
    on, off = alerts.filter("is_listed"), alerts.filter(~pl.col("is_listed"))
    beyond = alerts["is_overflow_red"].sum()
    assert beyond == max(0, on.height - capacity) and set(alerts.filter("is_overflow_red")["level"]) <= {
        "red"
    }
    assert alerts.filter(level="red")["is_listed"].all() and on["list_rank"].to_list() == list(
        range(1, on.height + 1)
    )
    order = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
    chosen = [order[level] for level in on.filter(pl.col("arm") != "audit")["level"]]
    assert not chosen or off.is_empty() or max(chosen) <= min(order[level] for level in off["level"])
    random.shuffle(signals)
    assert run(signals, households=households, capacity=capacity, operations=OPERATIONS).equals(alerts)


def test_no_alerts_have_the_columns() -> None:
    assert run([]).schema == ALERT_SCHEMA
