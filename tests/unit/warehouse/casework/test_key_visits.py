"""Key persons' months: due is done + excused + open to the unit, whatever came back and how often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.registry.tables import schema
from tests.helpers.warehouses import empty, empty_warehouse, put_rows
from warehouse.casework.key_visits import answered_in_month, key_months, last_key_visits
from warehouse.casework.station_visits import spent_in_month
from warehouse.database.connection import Connection

MAR, LATER, APR = date(2026, 3, 5), date(2026, 3, 20), date(2026, 4, 5)
KNOWN = date(2026, 4, 1)


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    con = empty_warehouse(tmp_path_factory.mktemp("keys") / "warehouse.duckdb")
    yield con
    con.close()


def put(con: Connection, table: str, *rows: dict[str, Any]) -> None:
    known = schema(table)
    put_rows(
        con, table, pl.DataFrame(list(rows), schema={n: known[n] for n in known if any(n in r for r in rows)})
    )


def plan(con: Connection, as_of: date, *persons: str, town: str | None = "t1") -> None:
    put(
        con,
        "mart.key_person",
        *({"as_of": as_of, "person_id": p, "town_code": town, "is_planned": True} for p in persons),
    )


def came(
    con: Connection, *rows: tuple[str, date | None, str | None], as_of: date = MAR, known: date = LATER
) -> None:
    start = con.execute("SELECT count(*) FROM mart.key_visit").fetchall()[0][0]
    for n, (person, day, why) in enumerate(rows, start=start):
        said = {"key_visit_id": f"P{n}", "person_id": person, "visited_date": day, "excuse_code": why}
        put(con, "mart.key_visit", {"as_of": as_of, "known_date": known, **said})


@pytest.fixture(autouse=True)
def clean(con: Connection) -> None:
    for table in ("mart.key_person", "mart.key_visit", "mart.station"):
        empty(con, table)


def months(con: Connection, as_of: date = KNOWN) -> list[tuple[Any, ...]]:
    counts = ("due_cnt", "done_cnt", "excused_cnt", "open_cnt", "differing_cnt")
    return key_months(con, as_of).select("month", "town_code", *counts).rows()


def test_one_person_with_two_lines_counts_once_and_is_shown_as_a_difference(con: Connection) -> None:
    plan(con, MAR, "a", "b", "c", "d")
    came(
        con,
        ("a", MAR, None),
        ("a", MAR, None),
        ("b", MAR, None),
        ("b", None, "hospital"),
        ("c", None, "away"),
    )
    assert months(con) == [(MAR.replace(day=1), "t1", 4, 2, 1, 1, 1)]


def test_a_second_list_of_a_month_adds_nobody_twice_and_a_move_counts_where_they_live_now(
    con: Connection,
) -> None:
    plan(con, MAR, "a", "b")
    plan(con, LATER, "a", town="t2")
    came(con, ("a", LATER, None), as_of=LATER, known=KNOWN)
    assert months(con) == [
        (MAR.replace(day=1), "t1", 1, 0, 0, 1, 0),
        (MAR.replace(day=1), "t2", 1, 1, 0, 0, 0),
    ]


def test_what_came_later_and_for_another_month_is_not_seen(con: Connection) -> None:
    plan(con, MAR, "a")
    plan(con, APR, "a")
    came(con, ("a", APR, None), as_of=APR, known=APR)
    assert months(con, KNOWN) == [(MAR.replace(day=1), "t1", 1, 0, 0, 1, 0)]
    assert [row[2:] for row in months(con, APR)] == [(1, 0, 0, 1, 0), (1, 1, 0, 0, 0)]
    assert answered_in_month(con, APR)["person_id"].to_list() == ["a"]
    assert answered_in_month(con, KNOWN).is_empty() and last_key_visits(con, KNOWN).is_empty()


def test_a_line_on_somebody_who_was_not_due_counts_nowhere(con: Connection) -> None:
    plan(con, MAR, "a")
    came(con, ("z", MAR, None))
    assert months(con) == [(MAR.replace(day=1), "t1", 1, 0, 0, 1, 0)]


def test_the_months_earlier_lists_took_their_hours(con: Connection) -> None:
    put(
        con,
        "mart.station",
        *({"as_of": d, "town_code": "t1", "listed_cnt": 7} for d in (date(2026, 2, 5), MAR)),
    )
    plan(con, MAR, "a", "b", "c")
    came(con, ("a", MAR, None), ("b", None, "away"))
    assert spent_in_month(con, LATER).rows() == [("t1", 7, 1)]
    assert spent_in_month(con, APR).is_empty()


LINES = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["done", "hospital", "away"]), st.integers(0, 40)),
    max_size=25,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(due=st.sets(st.sampled_from("abcdef")), lines=LINES)
def test_due_is_done_and_excused_and_open(
    con: Connection, due: set[str], lines: list[tuple[str, str, int]]
) -> None:
    for table in ("mart.key_person", "mart.key_visit"):
        empty(con, table)
    if due:
        plan(con, MAR, *sorted(due))
    for person, what, days in lines:
        day, why = (MAR, None) if what == "done" else (None, what)
        came(con, (person, day, why), known=MAR + timedelta(days=days))
    told = [(p, what) for p, what, days in lines if MAR + timedelta(days=days) <= LATER and p in due]
    done = {p for p, what in told if what == "done"}
    excused = {p for p, what in told if what != "done"}
    wanted = (len(due), len(done), len(excused - done), len(due - done - excused), len(done & excused))
    assert [row[2:] for row in months(con, LATER)] == ([wanted] if due else [])
    assert wanted[0] == sum(wanted[1:4])
