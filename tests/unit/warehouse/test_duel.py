"""The duel: a station's own five families of a quarter, beside as many lines of its list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_contracts.registry.tables import schema
from tests.helpers.casework import put_visits
from tests.helpers.warehouses import empty_warehouse, put_rows
from warehouse.database.connection import Connection
from warehouse.queries.duel import duel_rows, nominated_by

SEP, YEAR, KNOWN = date(2025, 9, 5), date(2025, 1, 1), date(2025, 12, 1)
TOWN, THIRD = "440511002", date(2025, 7, 1)


def put(con: Connection, table: str, *rows: dict[str, Any]) -> None:
    known = schema(table)
    names = [name for name in known if any(name in row for row in rows)]
    put_rows(con, table, pl.DataFrame(list(rows), schema={name: known[name] for name in names}))


def visit(case: str, code: str, day: int = 3, **more: Any) -> dict[str, Any]:
    found = SEP + timedelta(days=day)
    own = {"alert_id": None, "found_by": "nominated", "known_date": found}
    return {"case_no": case, "result_code": code, "found_date": found, **own, **more}


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    con = empty_warehouse(tmp_path / "w.duckdb")
    same = {"queue": "need", "town_code": TOWN, "source_code": "alert", "opened_date": SEP}
    cases = [{"case_no": f"C{i}", "case_id": f"H{i}", "household_id": f"H{i}", **same} for i in range(9)]
    put(con, "mart.case", *cases)
    lines = [
        {"alert_id": f"20250905-H{i}-N", "as_of": SEP, "town_code": TOWN, "queue": "need", "is_listed": True,
         "draw_band": "quiet" if i == 1 else "certain", "list_rank": i + 1}
        for i in range(5)
    ]  # fmt: skip
    put(con, "mart.alert", *lines)
    yield con
    con.close()


def sides(con: Connection, most: int) -> list[tuple[str, str | None]]:
    rows = duel_rows(con, KNOWN, YEAR, ["20", "40"], most=most, days=60)
    assert set(rows.select("quarter", "town_code").iter_rows()) <= {(THIRD, TOWN)}
    return rows.select("side", "result_code").rows()


def test_as_many_lines_of_the_list_stand_beside_the_named(con: Connection) -> None:
    listed: dict[str, Any] = {"alert_id": "20250905-H2-N", "found_by": None}
    put_visits(con, visit("C7", "20"), visit("C8", "60", day=4), visit("C2", "40", **listed))
    # H0 and H2 are the first of the order (H1 was drawn); H0 was not visited
    assert sorted(sides(con, 5), key=str) == sorted(
        [("listed", None), ("listed", "40"), ("nominated", "20"), ("nominated", None)], key=str
    )


def test_no_more_than_the_station_may_name(con: Connection) -> None:
    put_visits(con, *(visit(f"C{i}", "20", day=i) for i in range(5, 9)))
    assert [side for side, _ in sides(con, 2)] == ["listed"] * 2 + ["nominated"] * 2


def test_what_others_found_is_no_part_of_it(con: Connection) -> None:
    put_visits(con, visit("C7", "20", found_by="neighbour"), visit("C8", "20", found_by=None))
    assert sides(con, 5) == []


def test_who_was_named_lately_is_known_by_household(con: Connection) -> None:
    put_visits(con, visit("C7", "20"), visit("C8", "20", known_date=KNOWN))
    assert nominated_by(con, date(2025, 10, 5), YEAR)["household_id"].to_list() == ["H7"]
