"""Household spells: told month by month or all at once they are the same, and the past keeps its own."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.loading.contracts import load_contracts
from tests.helpers.examples import costly
from tests.helpers.whole_core import core_frames
from transforms.households.spells import household_spells
from warehouse.as_of import members_at
from warehouse.database.connection import connect, run
from warehouse.database.schema import create
from warehouse.deliveries.account import Delivery
from warehouse.deliveries.deliveries import Decision, record_event, update_statuses
from warehouse.loading.load import update_derived
from warehouse.loading.members import follow_derived, open_members, rebuild_membership_history

NAME = "public_security.population"
CONTRACT = load_contracts()[NAME]
MONTHS = [date(2025, m, 1) for m in (8, 9, 10, 11, 12)]
PEOPLE, HOMES = "abcde", ("H1", "H2", "H3")
Roll = dict[str, tuple[str, str, str]]  # person -> household, relation, status

place = st.tuples(st.sampled_from(HOMES), st.sampled_from(["head", "child"]), st.just("active"))
entry = st.one_of(place, st.tuples(st.just("H1"), st.just("head"), st.sampled_from(["dead", "moved_out"])))
roll = st.dictionaries(st.sampled_from(PEOPLE), entry, min_size=1)
history = st.lists(roll, min_size=2, max_size=5)


@cache
def made() -> bytes:
    """The file of a warehouse without rows: making its tables takes ten times as long as writing it down."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        con = connect(path)
        create(con, {NAME: CONTRACT}, [])
        con.close()
        return path.read_bytes()


@contextmanager
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        path.write_bytes(made())
        con = connect(path)
        try:
            yield con
        finally:
            con.close()


def on_time(month: date) -> date:
    return month + timedelta(days=monthrange(month.year, month.month)[1] + 4)


def deliver(
    con: duckdb.DuckDBPyConnection, month: date, rows: Roll, known: date | None = None, part: str = ""
) -> Delivery:
    """What loading does to core and ops, without files and vault."""
    known = known or on_time(month)
    name = f"{known:%Y%m%d}-population-{month:%m}{part}"
    one = Delivery(
        name, "public_security", "population", "p.csv", name, known, "accepted", len(rows), len(rows),
        period_month=month, part=part,
    )  # fmt: skip
    frame = pl.DataFrame(
        [(p, h, r, s) for p, (h, r, s) in sorted(rows.items())],
        schema=["person_id", "household_id", "relation_code", "registration_status_code"],
        orient="row",
    )
    run(
        con,
        "INSERT INTO core._population BY NAME SELECT *, row_number() OVER () AS row_no, ? AS delivery_id, "
        "?::DATE AS known_date, ?::DATE AS period_month FROM frame",
        [name, known, month],
        frame=frame,
    )
    values = [getattr(one, field) for field in Delivery.__dataclass_fields__]
    con.execute(f"INSERT INTO ops.delivery VALUES ({', '.join('?' * len(values))})", values)
    decision = Decision("accepted", known)
    record_event(con, name, decision)
    living = frame.filter(pl.col("registration_status_code") == "active")
    update_derived(con, CONTRACT, one, known, update_statuses(con, name, decision), members=living)
    return one


def withdraw(con: duckdb.DuckDBPyConnection, one: Delivery, on: date) -> None:
    decision = Decision("withdrawn", on)
    record_event(con, one.delivery_id, decision)
    update_derived(con, CONTRACT, one, on, update_statuses(con, one.delivery_id, decision))


def spells(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    return con.execute("SELECT * FROM core.household_member ORDER BY ALL").fetchall()


def views(con: duckdb.DuckDBPyConnection, before: date) -> list[pl.DataFrame]:
    """The memberships as believed on every delivery day before the date, and the day after each."""
    days = [on_time(m) + timedelta(days=n) for m in MONTHS for n in (0, 1)]
    return [core_frames(con, {NAME: CONTRACT}, d)["household_member"] for d in days if d < before]


@costly
@given(history)
def test_told_month_by_month_or_all_at_once_it_is_the_same(rolls: list[Roll]) -> None:
    with warehouse() as con:
        for month, rows in zip(MONTHS, rolls, strict=False):
            deliver(con, month, rows)
        told = spells(con)
        rebuild_membership_history(con, CONTRACT.extract, date(2026, 3, 1))
        assert spells(con) == told
        beliefs = "SELECT count(*), count(known_to) FROM core._household_member"
        assert con.execute(beliefs).fetchall() == [(len(told), 0)]


@costly
@given(history, st.integers(0, 4), roll, st.sampled_from(["late", "corrected", "withdrawn"]))
def test_an_upset_changes_the_present_and_no_earlier_view(
    rolls: list[Roll], which: int, other: Roll, upset: str
) -> None:
    """Afterwards all stands as in a home that never knew otherwise; before that day, as it stood."""
    which, day = which % len(rolls), on_time(MONTHS[len(rolls) - 1]) + timedelta(days=15)
    with warehouse() as con, warehouse() as never_upset:
        sent = []
        for n, (month, rows) in enumerate(zip(MONTHS, rolls, strict=False)):
            if n != which or upset != "late":
                sent.append(deliver(con, month, rows))
            if n != which or upset == "corrected":
                deliver(never_upset, month, other if n == which else rows)
        before = views(con, day)
        if upset == "withdrawn":
            withdraw(con, sent[which], day)
        else:
            deliver(con, MONTHS[which], other, known=day)
        for then, now in zip(before, views(con, day), strict=True):
            assert then.equals(now)
        if upset != "late":
            assert spells(con) == spells(never_upset)
        elif which < len(rolls) - 1:  # a late roll says nothing about who lives where now
            is_open = [row for row in spells(con) if row[-1] is None]
            expected = [row for row in spells(never_upset) if row[-1] is None]
            assert {row[:4] for row in is_open} == {row[:4] for row in expected}
        homes = con.execute("SELECT household_id FROM core.household ORDER BY 1").fetchall()
        assert homes == sorted({row[:1] for row in spells(con)})


def test_a_missing_part_ends_no_membership() -> None:
    """Cities send their own part: who is in the one that did not come has not moved out."""
    with warehouse() as con:
        first, second = MONTHS[:2]
        deliver(con, first, {"a": ("H1", "head", "active")}, part="4401")
        deliver(con, first, {"b": ("H2", "head", "active")}, part="4402")
        deliver(con, second, {"c": ("H1", "head", "active")}, part="4401")
        there = "SELECT person_id FROM core.household_member WHERE valid_to IS NULL ORDER BY 1"
        assert con.execute(there).fetchall() == [("b",), ("c",)]
        deliver(con, second, {"d": ("H2", "head", "active")}, part="4402")
        assert con.execute(there).fetchall() == [("c",), ("d",)]


def test_a_late_roll_counts_from_the_end_of_the_month_it_was_due() -> None:
    rows = pl.DataFrame(
        [
            (date(2025, 9, 1), "", "H2", "a", "head"),
            (date(2025, 10, 1), "", "H1", "a", "head"),
            (date(2025, 11, 1), "", "H2", "a", "head"),
        ],
        schema=["period_month", "part", "household_id", "person_id", "relation_code"],
        orient="row",
    )
    rolls = rows.select("period_month", "part").with_columns(
        first_date=pl.Series([date(2025, 10, 5), date(2025, 12, 20), date(2025, 12, 5)])
    )
    assert household_spells(rows, rolls).select("household_id", "valid_from", "valid_to").rows() == [
        ("H1", date(2025, 11, 30), date(2025, 12, 5)),
        ("H2", date(2025, 10, 5), date(2025, 11, 30)),
        ("H2", date(2025, 12, 5), None),
    ]


DERIVED = st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(["A1", "A2", "A3"]))
Snapshot = dict[str, str]  # person -> unit


def derive(con: duckdb.DuckDBPyConnection, day: date, found: Snapshot) -> bool:
    schema = {"household_id": pl.String, "person_id": pl.String, "relation_code": pl.String}
    rows = [(unit, person, None) for person, unit in sorted(found.items())]
    return follow_derived(con, pl.DataFrame(rows, schema=schema, orient="row"), day, "assistance")


def seen_on(con: duckdb.DuckDBPyConnection, day: date) -> Snapshot:
    now = members_at(con, day).filter(kind="assistance")
    assert now["person_id"].is_unique().all()
    return dict(now.select("person_id", "household_id").rows())


@costly
@given(st.lists(DERIVED, min_size=2, max_size=5), DERIVED)
def test_a_derived_kind_shows_each_date_what_was_found_on_it(found: list[Snapshot], other: Snapshot) -> None:
    """The newest date may be found again, as often as one likes; what is past stands as it was told."""
    days = [on_time(month) for month in MONTHS[: len(found)]]
    with warehouse() as con:
        for day, snapshot in zip(days, found, strict=True):
            assert derive(con, day, other) and derive(con, day, snapshot)
        told = con.execute("SELECT * FROM core._household_member ORDER BY ALL").fetchall()
        assert [seen_on(con, day) for day in days] == found
        assert derive(con, days[-1], found[-1])
        assert con.execute("SELECT * FROM core._household_member ORDER BY ALL").fetchall() == told
        assert dict(open_members(con, "assistance").select("person_id", "household_id").rows()) == found[-1]
        homes = con.execute("SELECT household_id FROM core.household ORDER BY 1").fetchall()
        assert homes == sorted({(unit,) for snapshot in found for unit in snapshot.values()})


def test_a_date_before_the_newest_is_not_told_anew() -> None:
    with warehouse() as con:
        early, late = on_time(MONTHS[0]), on_time(MONTHS[1])
        assert derive(con, early, {"a": "A1"}) and derive(con, late, {"a": "A2"})
        assert not derive(con, early, {"a": "A3"})
        assert (seen_on(con, early), seen_on(con, late)) == ({"a": "A1"}, {"a": "A2"})
