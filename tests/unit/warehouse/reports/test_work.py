"""Key persons, referrals, satisfaction, objections, services: each equals a count by hand over the rows."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl

from tests.helpers.made_lives import Lives, Row, made_lives
from tests.helpers.made_work import add_work
from tests.helpers.warehouses import empty_warehouse
from transforms.reports.rollup import of_places
from warehouse.reports.registry import Asked, rows_behind

TOWNS = ("440111001", "440111002", "440113001")
FIRST, LAST, DAY = date(2025, 10, 1), date(2025, 10, 31), date(2025, 11, 8)


def _found(tmp_path: Path) -> tuple[Lives, dict[tuple[str, str], float]]:
    lives = made_lives(11, 200, TOWNS)
    add_work(lives, 11, TOWNS)
    con = empty_warehouse(tmp_path / "w.duckdb")
    lives.put(con)
    asked = Asked(
        first_date=FIRST, last_date=LAST, day=DAY, need_codes=("20", "21"), no_visit_codes=("60",),
        open_states=("issued", "assigned", "contacted", "not_reached", "visited"),
        signal_departments=pl.DataFrame({"signal_id": ["I01", "I03"], "department": ["insurer", "insurer"]}),
    )  # fmt: skip
    cells = of_places(rows_behind(con, asked), [], []).filter(area="44")
    return lives, {(m, p): v for m, p, v in cells.select("metric", "part", "value").iter_rows()}


def _in_month(day: date) -> bool:
    return FIRST <= day <= LAST


def test_key_persons_due_is_done_excused_and_open_to_the_unit(tmp_path: Path) -> None:
    lives, found = _found(tmp_path)
    visits: dict[tuple[date, str], list[Row]] = {}
    for visit in lives.of("mart.key_visit"):
        if visit["known_date"] <= DAY:
            visits.setdefault((visit["as_of"], visit["person_id"]), []).append(visit)
    by_hand: Counter[str] = Counter()
    for person in (row for row in lives.of("mart.key_person") if _in_month(row["as_of"])):
        of = visits.get((person["as_of"], person["person_id"]), [])
        by_hand["done" if any(v["visited_date"] for v in of) else "excused" if of else "open"] += 1
    assert {part: found["key", part] for part in ("done", "excused", "open")} == by_hand
    assert found["key_due", ""] == sum(by_hand.values()) > 10


def test_steps_of_the_month_are_counted_by_what_happened(tmp_path: Path) -> None:
    lives, found = _found(tmp_path)
    needy = {case["case_no"] for case in lives.of("mart.case") if case["queue"] == "need"}
    steps = [s for s in lives.of("mart.step") if s["case_no"] in needy and s["known_date"] <= DAY]
    month = [s for s in steps if _in_month(s["event_date"])]
    for kind in ("referral", "satisfaction"):
        by_hand = Counter(s["event_code"] for s in month if s["kind_code"] == kind)
        assert {part: n for (metric, part), n in found.items() if metric == kind} == by_hand
        assert sum(by_hand.values()) > 3
    raised = [s for s in month if (s["kind_code"], s["event_code"]) == ("objection", "raised")]
    assert found["doorstep_error", "medical_insurance"] == len(raised)
    last = {s["step_id"]: s for s in steps if s["kind_code"] == "referral" and s["event_date"] <= LAST}
    silent = [s for s in last.values() if s["event_code"] in ("sent", "accepted") and s["due_date"] < LAST]
    assert found["referral_silent", ""] == len(silent) > 0


def test_what_stands_at_the_end_of_the_month(tmp_path: Path) -> None:
    lives, found = _found(tmp_path)
    needy = {case["case_no"] for case in lives.of("mart.case") if case["queue"] == "need"}
    stands = {
        e["case_no"]: e
        for e in lives.of("mart.case_event")
        if e["case_no"] in needy and e["known_date"] <= DAY and e["event_date"] <= LAST
    }
    assert found["not_reached", ""] == sum(e["to_state"] == "not_reached" for e in stands.values()) > 0
    late = [e for e in stands.values() if e["due_date"] and e["due_date"] < LAST]
    assert found["overdue", "county"] == len(late) > 0
    waiting = [s["waiting_cnt"] for s in lives.of("mart.station") if s["as_of"] == date(2025, 10, 5)]
    assert found["waiting", ""] == sum(waiting)


def test_services_are_added_up(tmp_path: Path) -> None:
    lives, found = _found(tmp_path)
    month = [a for a in lives.of("mart.activity") if _in_month(a["service_date"]) and a["known_date"] <= DAY]
    served = sum(n for (metric, _), n in found.items() if metric == "served")
    assert served == sum(a["person_cnt"] for a in month) > 0
    assert found["resources", ""] == sum(a["resource_yuan"] for a in month)
    assert sum(n for (metric, _), n in found.items() if metric == "form") == len(month)


def test_yield_counts_a_visit_once_for_each_sign(tmp_path: Path) -> None:
    _, found = _found(tmp_path)
    assert found["signal_visited", "I03"] < found["signal_visited", "I01"]
    assert found["department_visited", "insurer"] == found["signal_visited", "I01"]
    assert 0 < found["signal_confirmed", "I01"] < found["signal_visited", "I01"]
