"""Which visits are drawn from and priced by: those that count, once, and of the need queue alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_contracts.registry.tables import schema
from tests.helpers.casework import put_visits
from tests.helpers.warehouses import empty_warehouse, put_rows
from warehouse.casework.station_visits import visits_by_kind, visits_to_check
from warehouse.database.connection import Connection

SEP, OCT, NOV = date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5)
SEEN = date(2025, 9, 12)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    con = empty_warehouse(tmp_path / "warehouse.duckdb")
    need, check = {"queue": "need", "level": "red"}, {"queue": "compliance", "level": "red"}
    beside = {"as_of": SEP, "arm": "rule", "county_code": "440604", "is_listed": True}
    for name, kind in {"a": need, "b": need, "c": need | {"level": "blue"}, "p": check}.items():
        put(con, "mart.alert", {"alert_id": name, **beside, **kind})
    yield con
    con.close()


def put(con: Connection, table: str, *rows: dict[str, Any]) -> None:
    known = schema(table)
    names = [name for name in known if any(name in row for row in rows)]
    put_rows(con, table, pl.DataFrame(list(rows), schema={name: known[name] for name in names}))


def visit(alert: str | None, code: str, known: date = SEEN, **more: Any) -> dict[str, Any]:
    return {"alert_id": alert, "result_code": code, "found_date": SEEN, "known_date": known, **more}


def drawn_from(con: Connection, as_of: date, since: date | None) -> list[tuple[Any, ...]]:
    return sorted(visits_to_check(con, as_of, since).select("county_code", "result_code").rows())


def test_visits_that_became_known_since_the_last_lists_and_count(con: Connection) -> None:
    put_visits(
        con,
        visit("a", "20"),
        visit("b", "40", known=NOV),
        visit("c", "20"),
        visit("c", "40"),
        visit("p", "20"),
    )
    # c was found in need and in none on one day: neither counts. p is the county's own check.
    assert drawn_from(con, OCT, SEP) == [("440604", "20")]
    assert drawn_from(con, NOV, OCT) == [("440604", "40")]
    assert drawn_from(con, NOV, None) == [("440604", "20"), ("440604", "40")]
    assert visits_by_kind(con, OCT).rows() == [("red", "rule", "20")]


def test_a_copy_of_a_list_is_no_second_visit_and_one_drawn_before_is_not_drawn_again(con: Connection) -> None:
    put_visits(con, visit("a", "20"), visit("a", "20", known=OCT), visit("b", "20"))
    found = visits_to_check(con, OCT, SEP)
    assert found.height == 2
    put(con, "mart.spot_check", {"as_of": OCT, "visit_id": found["visit_id"][0]})
    assert visits_to_check(con, NOV, SEP)["visit_id"].to_list() == [found["visit_id"][1]]


def test_a_family_that_somebody_found_is_drawn_from_by_its_case(con: Connection) -> None:
    put(con, "mart.case", {"case_no": "10000012", "queue": "need", "town_code": "441621114"})
    put_visits(con, visit(None, "20", case_no="10000012"), visit(None, "40", case_no="10000020"))
    found = visits_to_check(con, OCT, SEP).sort("result_code")
    # A case that nobody knows lies in no county: it is there, and spot_checks draws none of those.
    assert found.select("county_code", "result_code").rows() == [("441621", "20"), (None, "40")]
