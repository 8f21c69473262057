"""The life of a case, on a real warehouse: what each day brings, and that the log is only ever added to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.helpers.cases import Station, alert_id
from tests.helpers.warehouses import empty_warehouse, put_rows
from warehouse.erasure.records import delete_from_warehouse
from warehouse.erasure.subject import Subject

MARCH, APRIL, MAY = date(2026, 3, 5), date(2026, 4, 5), date(2026, 5, 5)
RESTS = {"status": "suppressed", "rest_until": date(2026, 6, 5), "is_listed": False}


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    con = empty_warehouse(tmp_path / "w.duckdb")
    yield Station(con)
    con.close()


def _listed(station: Station, case: str = "H1", day: date = MARCH, **more: object) -> str:
    station.score(day, {"case": case, **more})
    station.advance(day)
    return station.case(case)


def test_a_listed_household_is_a_case_that_is_assigned(station: Station) -> None:
    case = _listed(station)
    assert station.story(case) == ["issue issued", "assign assigned"]
    last = station.log().row(-1, named=True)
    assert (last["due_date"], last["held_by"], last["alert_id"]) == (
        *(date(2026, 3, 28), "town"),
        alert_id(MARCH, "H1"),
    )


def test_a_waiting_household_is_issued_and_assigned_when_its_place_comes(station: Station) -> None:
    case = _listed(station, is_listed=False)
    assert station.story(case) == ["issue issued"]
    assert station.log()["due_date"].to_list() == [None]
    _listed(station, day=APRIL)
    assert station.story(case) == ["issue issued", "assign assigned"]


def test_one_case_per_household_and_queue_for_ever(station: Station) -> None:
    station.score(MARCH, {"case": "H1"}, {"case": "H1", "queue": "compliance"}, {"case": "H2"})
    station.advance(MARCH)
    numbers = {station.case("H1"), station.case("H1", "compliance"), station.case("H2")}
    assert len(numbers) == 3
    station.score(APRIL, {"case": "H2"}, {"case": "H1"}, {"case": "H3"})
    station.advance(APRIL)
    assert {station.case("H1"), station.case("H1", "compliance"), station.case("H2")} == numbers


def test_the_same_run_twice_adds_nothing(station: Station) -> None:
    _listed(station)
    station.visit(alert_id(MARCH, "H1"), "20", date(2026, 3, 20))
    station.advance(date(2026, 3, 20))
    before = station.log()
    assert station.advance(date(2026, 3, 20)) == station.advance(MARCH) == 0
    assert station.log().equals(before)


def test_a_settled_visit_closes_and_the_next_list_lets_it_rest(station: Station) -> None:
    case = _listed(station)
    station.visit(alert_id(MARCH, "H1"), "40", date(2026, 3, 20))
    station.advance(date(2026, 3, 20))
    rest = date(2026, 6, 18)
    _listed(station, day=APRIL, status="suppressed", rest_until=rest, is_listed=False)
    _listed(station, day=MAY, status="suppressed", rest_until=rest, is_listed=False)
    assert station.story(case)[2:] == ["visit visited", "close closed", "rest suppressed"]
    _listed(station, day=date(2026, 6, 5), rest_until=rest)
    assert station.story(case)[5:] == ["issue issued", "assign assigned"]
    assert station.log()["episode_no"].to_list() == [1] * 5 + [2] * 2


def test_a_confirmed_need_stays_open_until_its_steps_have_ended(station: Station) -> None:
    case, day = _listed(station), date(2026, 3, 20)
    station.visit(alert_id(MARCH, "H1"), "20", day)
    station.advance(day)
    assert station.story(case)[2:] == ["visit visited"]
    assert station.log()["due_date"].to_list()[-1] == date(2026, 3, 27)  # five working days
    station.step(case, "S1", 1, "application", "submitted", date(2026, 3, 25), date(2026, 5, 8))
    station.step(case, "S2", 1, "follow_up", "agreed", date(2026, 3, 25), date(2026, 4, 2))
    station.advance(date(2026, 3, 25))
    assert station.story(case)[3:] == ["handle handled", "handle handled"]
    assert station.log()["due_date"].to_list()[-1] == date(2026, 4, 2)
    station.step(case, "S2", 2, "follow_up", "done", date(2026, 4, 1))
    station.advance(date(2026, 4, 1))
    assert station.story(case)[5:] == ["handle handled"]
    assert station.log()["due_date"].to_list()[-1] == date(2026, 5, 8)
    station.step(case, "S1", 2, "application", "paid", date(2026, 5, 6))
    station.advance(date(2026, 5, 6))
    assert station.story(case)[6:] == ["handle handled", "close closed"]


def test_a_referral_goes_out_comes_back_and_is_answered(station: Station) -> None:
    case, day = _listed(station), date(2026, 3, 20)
    station.visit(alert_id(MARCH, "H1"), "22", day)
    station.step(case, "S1", 1, "referral", "sent", day, date(2026, 3, 27))
    station.advance(day)
    station.step(case, "S1", 2, "referral", "declined", date(2026, 3, 26))
    station.advance(date(2026, 3, 26))
    assert station.story(case)[2:] == ["visit visited", "refer referred", "decline returned"]
    assert station.log()["due_date"].to_list()[-1] == date(2026, 4, 2)  # somebody has to find another way
    station.step(case, "S3", 1, "referral", "sent", date(2026, 3, 30), date(2026, 4, 7))
    station.advance(date(2026, 3, 30))
    station.step(case, "S3", 2, "referral", "answered", date(2026, 4, 3))
    station.advance(date(2026, 4, 3))
    assert station.story(case)[5:] == ["refer referred", "answer handled", "close closed"]


def test_not_reached_needs_three_tries_two_times_of_day_and_somebody_asked(station: Station) -> None:
    case = _listed(station)
    tries = [("morning", "phone"), ("morning", "phone"), ("morning", "door"), ("village", "village")]
    for day, (part, way) in enumerate(tries, start=10):
        station.contact(case, date(2026, 3, day), part, way, "no_answer", f"T{day}")
        station.advance(date(2026, 3, day))
    assert station.story(case)[-1] == "try assigned"  # never in the afternoon or evening
    station.contact(case, date(2026, 3, 16), "evening", "phone", "no_answer", "T16")
    station.advance(date(2026, 3, 16))
    assert station.story(case)[-1] == "try assigned"  # asked before, not since
    station.contact(case, date(2026, 3, 17), "morning", "neighbour", "away", "T17")
    station.advance(date(2026, 3, 17))
    assert station.story(case)[-2:] == ["try assigned", "fail not_reached"]
    station.contact(case, date(2026, 3, 18), "evening", "phone", "reached", "T18")
    station.advance(date(2026, 3, 18))
    assert station.story(case)[-1] == "reach contacted"


def test_nobody_at_home_is_a_try_and_never_an_end(station: Station) -> None:
    case = _listed(station)
    station.visit(alert_id(MARCH, "H1"), "60", date(2026, 3, 20))
    station.advance(date(2026, 3, 20))
    assert station.story(case)[2:] == ["try assigned"]


def test_overdue_cases_go_up_and_stay_there_until_something_happens(station: Station) -> None:
    case = _listed(station, due_date=date(2026, 3, 10))
    for day in (
        date(2026, 3, 10),
        date(2026, 3, 11),
        date(2026, 3, 24),
        date(2026, 3, 25),
        date(2026, 3, 26),
    ):
        station.advance(day)
    rows = station.log().filter(pl.col("event_code") == "escalate")
    assert rows.select("held_by", "event_date", "known_date").rows() == [
        ("county", date(2026, 3, 11), date(2026, 3, 11)),
        ("city", date(2026, 3, 25), date(2026, 3, 25)),
    ]
    station.contact(case, date(2026, 3, 27), "morning", "phone", "reached", "T1")
    station.advance(date(2026, 3, 27))
    last = station.log().row(-1, named=True)
    assert (last["to_state"], last["held_by"]) == ("contacted", "city")
    station.visit(alert_id(MARCH, "H1"), "10", date(2026, 3, 28))
    station.advance(date(2026, 3, 28))
    assert station.story(case)[-2:] == ["visit visited", "close closed"]
    assert station.log()["held_by"].to_list()[-1] == "town"


def test_a_case_whose_reason_is_gone_is_withdrawn_with_why(station: Station) -> None:
    station.score(
        MARCH,
        *({"case": case} for case in ("H1", "H2")),
        {"case": "H3", "arm": "audit", "signal_ids": ""},
        {"case": "H4", "signal_person_ids": "P4"},
        {"case": "H5"},
    )
    station.advance(MARCH)
    station.visit(alert_id(MARCH, "H2"), "20", date(2026, 3, 20))
    station.advance(date(2026, 3, 20))
    put_rows(
        station.con,
        "ops.delivery_change",
        pl.DataFrame([{"delivery_id": "D1", "person_id": "P4", "change": "removed"}]),
    )
    put_rows(
        station.con, "ops.delivery", pl.DataFrame([{"delivery_id": "D1", "known_date": date(2026, 3, 30)}])
    )
    station.score(APRIL, {"case": "H5", "status": "repeated"})
    station.advance(APRIL)
    gone = station.log().filter(pl.col("event_code") == "withdraw")
    reasons = {station.case("H1"): "gone", station.case("H3"): "not_drawn", station.case("H4"): "corrected"}
    assert dict(gone.select("case_no", "reason_code").rows()) == reasons
    # A need that was found does not go away because its sign does.
    assert station.story(station.case("H2"))[-1] != "withdraw withdrawn"


def test_a_date_scored_anew_brings_what_is_different_and_changes_nothing_written(station: Station) -> None:
    station.score(MARCH, {"case": "H1"}, {"case": "H2"})
    station.advance(MARCH)
    before = station.log()
    station.score(MARCH, {"case": "H2"}, {"case": "H3"}, fingerprint="b")
    station.advance(MARCH)
    assert station.story(station.case("H1"))[-1] == "withdraw withdrawn"
    assert station.story(station.case("H2")) == ["issue issued", "assign assigned"]
    assert station.story(station.case("H3")) == ["issue issued", "assign assigned"]
    after = station.log()
    assert after.join(before, on=list(before.columns), how="semi", nulls_equal=True).height == before.height


def test_a_past_date_scored_anew_leaves_a_log_that_has_gone_past_it(station: Station) -> None:
    case = _listed(station)
    _listed(station, day=APRIL)
    station.score(MARCH, {"case": "H2"}, fingerprint="b")
    station.advance(APRIL)
    assert station.story(case)[2:] == ["assign assigned", "escalate escalated"]
    assert station.story(station.case("H2")) == ["issue issued", "assign assigned", "escalate escalated"]


def test_a_visit_that_comes_back_on_the_day_of_a_list_is_not_undone_by_it(station: Station) -> None:
    case = _listed(station)
    _listed(station, day=APRIL, status="repeated")
    station.visit(alert_id(MARCH, "H1"), "10", APRIL)
    station.advance(APRIL)
    assert station.story(case)[-2:] == ["visit visited", "close closed"]


def test_a_home_of_an_earlier_version_catches_up_day_by_day(station: Station) -> None:
    station.score(MARCH, {"case": "H1"}, {"case": "H2"})
    rests = {"status": "suppressed", "rest_until": date(2026, 6, 8), "is_listed": False}
    station.score(APRIL, {"case": "H1", **rests}, {"case": "H2", "status": "repeated"})
    station.visit(alert_id(MARCH, "H1"), "40", date(2026, 3, 12), date(2026, 3, 10))
    station.advance(MAY)
    assert station.story(station.case("H1")) == [
        *("issue issued", "assign assigned", "visit visited", "close closed", "rest suppressed")
    ]
    rows = station.log().filter(pl.col("case_no") == station.case("H1"))
    assert rows["known_date"].to_list() == [MARCH, MARCH, date(2026, 3, 12), date(2026, 3, 12), APRIL]


def test_what_comes_in_no_order_is_noted_and_not_lost(station: Station) -> None:
    case, day = _listed(station), date(2026, 3, 20)
    station.visit(alert_id(MARCH, "H1"), "10", day)
    station.advance(day)
    station.step(case, "S1", 1, "follow_up", "agreed", date(2026, 3, 25), date(2026, 4, 2))
    station.advance(date(2026, 3, 25))
    notes = station.con.execute("SELECT ref_id, ref_no, event_code, from_state FROM ops.case_note").fetchall()
    assert notes == [("S1", 1, "handle", "closed")]
    assert station.story(case)[-1] == "close closed"
    assert station.advance(date(2026, 3, 26)) == 0


def test_a_family_that_somebody_found_is_a_case_from_that_day(station: Station) -> None:
    row = {"case_no": "10000007", "case_id": "H9", "queue": "need", "household_id": "H9",
           "town_code": "440512001", "source_code": "neighbour", "opened_date": date(2026, 3, 9)}  # fmt: skip
    put_rows(station.con, "mart.case", pl.DataFrame([row]))
    station.visit(None, "23", date(2026, 3, 9), case_no="10000007")  # type: ignore[arg-type]
    station.score(APRIL, {"case": "H1"})
    station.advance(APRIL)
    assert station.story("10000007") == ["issue issued", "visit visited", *["escalate escalated"] * 2]


def _paid(station: Station, day: date, is_receiving: bool) -> None:
    row = {"as_of": day, "household_id": "H1", "benefit_id": "dibao", "is_receiving": is_receiving}
    put_rows(station.con, "mart.entitlement", pl.DataFrame([row]))


def test_a_payment_that_a_later_roll_shows_ends_the_application_and_the_case(station: Station) -> None:
    day = date(2026, 3, 20)
    _paid(station, MARCH, False)
    case = _listed(station)
    station.visit(alert_id(MARCH, "H1"), "20", day)
    station.step(case, "S1", 1, "application", "submitted", day, date(2026, 5, 8), subject="dibao")
    station.advance(day)
    for date_, is_receiving in ((APRIL, False), (MAY, True)):
        _paid(station, date_, is_receiving)
        station.score(date_, {"case": "H1", **RESTS})
        station.advance(date_)
        assert ("close closed" in station.story(case)) is is_receiving
    steps = station.con.execute(
        "SELECT kind_code, event_code, event_date, due_date FROM mart.step ORDER BY known_date, kind_code"
    ).fetchall()
    assert steps[1:] == [
        ("application", "paid", MAY, None),
        ("revisit", "planned", MAY, date(2026, 7, 28)),
    ]
    assert station.advance(MAY) == 0
    assert station.con.execute("SELECT count(*) FROM mart.step").fetchone() == (3,)


def test_what_was_paid_before_answers_no_application(station: Station) -> None:
    _paid(station, MARCH, True)
    case = _listed(station)
    station.visit(alert_id(MARCH, "H1"), "11", date(2026, 3, 20))
    station.step(case, "S1", 1, "application", "submitted", date(2026, 3, 20), MAY, subject="dibao")
    _paid(station, APRIL, True)
    station.score(APRIL, {"case": "H1", **RESTS})
    station.advance(APRIL)
    assert station.story(case)[-1] == "handle handled"


def test_who_is_erased_leaves_no_case_and_no_number_to_be_given_again(station: Station) -> None:
    station.score(MARCH, {"case": "H1"}, {"case": "H2"})
    station.advance(MARCH)
    gone, kept = station.case("H2"), station.case("H1")
    station.contact(gone, date(2026, 3, 10), "evening", "phone", "reached", "T1")
    station.advance(date(2026, 3, 10))
    rows = pl.DataFrame(schema={"delivery_id": pl.String, "row_no": pl.Int64})
    empty: dict[str, Any] = dict.fromkeys(("numbers", "names", "contacts", "households"), ())
    delete_from_warehouse(station.con, Subject(ids=("P2",), alone=("H2",), cases=(gone,), rows=rows, **empty))
    for table in ("mart.case", "mart.case_event", "mart.contact", "ops.case_note"):
        assert station.con.execute(f"SELECT 1 FROM {table} WHERE case_no = ?", [gone]).fetchall() == []
    station.score(APRIL, {"case": "H1"}, {"case": "H3"})
    station.advance(APRIL)
    assert gone > kept and station.case("H3") > gone
