"""Lines with the chance they had: the first visit that tells answers them, late ones too, with its tries."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.registry.tables import schema
from tests.helpers.casework import put_visits
from tests.helpers.warehouses import empty_warehouse, put_rows
from warehouse.database.connection import Connection
from warehouse.queries.random_lines import drawn_from, lines_with_chances

SEP, OCT, LATER = date(2025, 9, 5), date(2025, 10, 5), date(2025, 12, 1)
TELLING = ("20", "40")


def put(con: Connection, table: str, *rows: dict[str, Any]) -> None:
    known = schema(table)
    names = [name for name in known if any(name in row for row in rows)]
    put_rows(con, table, pl.DataFrame(list(rows), schema={name: known[name] for name in names}))


def alert(day: date, home: str, band: str | None = "quiet", **more: Any) -> dict[str, Any]:
    named = {
        "alert_id": f"{day:%Y%m%d}-{home}-N",
        "as_of": day,
        "household_id": home,
        "town_code": "440511002",
    }
    return {**named, "queue": "need", "is_listed": True, "draw_band": band, "draw_chance": 0.25, **more}


def visit(day: date, home: str, code: str, found: date, known: date | None = None) -> dict[str, Any]:
    alert_id = f"{day:%Y%m%d}-{home}-N"
    return {"alert_id": alert_id, "result_code": code, "found_date": found, "known_date": known or found}


def told(con: Connection, known_by: date = LATER) -> list[tuple[Any, ...]]:
    lines = lines_with_chances(con, known_by, OCT, TELLING, 60)
    return lines.select("as_of", "result_code").rows()


def test_the_first_visit_that_tells_answers_every_line_of_the_household(tmp_path: Path) -> None:
    with empty_warehouse(tmp_path / "w.duckdb") as con:
        put(con, "mart.alert", alert(SEP, "H1"), alert(OCT, "H1", "kept"), alert(SEP, "H2", is_listed=False))
        put(con, "mart.alert", alert(SEP, "H3"), alert(LATER, "H4"))
        seen = OCT + timedelta(days=3)
        put_visits(
            con, visit(SEP, "H1", "60", SEP), visit(OCT, "H1", "20", seen), visit(SEP, "H3", "60", SEP)
        )
        # H1 was not found in September, and in need in October: an answer to both; H3 never was
        assert told(con) == [(SEP, "20"), (SEP, None), (OCT, "20")]
        assert told(con, known_by=OCT) == [(SEP, None)] * 2 + [(OCT, None)]


def test_a_visit_long_after_the_list_says_little_of_it(tmp_path: Path) -> None:
    with empty_warehouse(tmp_path / "w.duckdb") as con:
        put(con, "mart.alert", alert(SEP, "H1"))
        put_visits(con, visit(SEP, "H1", "20", SEP + timedelta(days=60)))
        assert told(con) == [(SEP, None)]


def test_tries_are_those_written_down_until_the_visit(tmp_path: Path) -> None:
    with empty_warehouse(tmp_path / "w.duckdb") as con:
        put(con, "mart.alert", alert(SEP, "H1"), alert(SEP, "H2"))
        seen = SEP + timedelta(days=5)
        put_visits(con, {**visit(SEP, "H1", "40", seen), "case_no": "C1"}, visit(SEP, "H2", "40", seen))
        tries = [("T1", SEP), ("T2", seen), ("T3", seen + timedelta(days=9))]
        put(
            con,
            "mart.contact",
            *({"contact_id": i, "case_no": "C1", "contact_date": d, "known_date": d} for i, d in tries),
        )
        lines = lines_with_chances(con, LATER, OCT, TELLING, 60)
        assert lines.select("result_code", "try_cnt").rows() == [("40", 2), ("40", None)]


def test_what_was_drawn_from_is_that_of_the_lists_until_a_day(tmp_path: Path) -> None:
    with empty_warehouse(tmp_path / "w.duckdb") as con:
        band = {"town_code": "440511002", "draw_band": "quiet", "household_cnt": 9, "draw_chance": 0.1}
        put(con, "mart.draw", {"as_of": SEP, **band}, {"as_of": LATER, **band})
        assert drawn_from(con, OCT)["as_of"].to_list() == [SEP]
