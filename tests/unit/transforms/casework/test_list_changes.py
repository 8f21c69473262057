"""What changed between two lists, case by case."""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.casework.list_changes import household_states, list_changes

EVENTS = {"household_id": pl.String, "state": pl.String, "event_date": pl.Date}
FOUND = {"household_id": pl.String, "result_zh": pl.String, "found_date": pl.Date}


def listed(*households: str) -> pl.DataFrame:
    rows = [(one, "T1", f"理由{one}", "new") for one in households]
    schema = [(name, pl.String) for name in ("household_id", "town_code", "reason_zh", "status")]
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_every_household_of_either_list_has_one_kind_of_change() -> None:
    before, now = listed("kept", "done", "gone", "rest", "waits", "works"), listed("new", "kept", "back")
    alerts = pl.concat([now, listed("waits"), listed("rest").with_columns(status=pl.lit("suppressed"))])
    events = pl.DataFrame([("works", "handled", date(2025, 9, 9))], schema=EVENTS, orient="row")
    found = pl.DataFrame([("done", "情况不属实", date(2025, 9, 8))], schema=FOUND, orient="row")
    states = household_states(before, alerts, events, found)
    seen = listed("kept", "back", "done", "gone", "rest", "waits", "works")
    changed = list_changes(now, before, states, seen)
    assert dict(changed.select("household_id", "change").rows()) == {
        "new": "new", "kept": "kept", "back": "back", "done": "done", "gone": "withdrawn", "rest": "rest",
        "waits": "waiting", "works": "at_work",
    }  # fmt: skip
    assert changed["change"].to_list()[:3] == ["new", "back", "kept"]
    assert changed.filter(household_id="done")["result_zh"].to_list() == ["情况不属实"]
    assert changed.filter(household_id="gone")["reason_zh"].to_list() == ["理由gone"]


def test_a_cases_own_state_goes_before_what_its_alerts_suggest() -> None:
    events = pl.DataFrame([("a", "withdrawn", date(2025, 9, 9))], schema=EVENTS, orient="row")
    states = household_states(listed("a"), listed("a"), events, pl.DataFrame(schema=FOUND))
    assert list_changes(listed(), listed("a"), states, listed("a"))["change"].to_list() == ["withdrawn"]
