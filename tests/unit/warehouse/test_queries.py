"""The named questions to the warehouse: what each counts, what it leaves out, in which order it answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.helpers.casework import put_visits
from tests.helpers.warehouses import empty_warehouse
from warehouse.database.connection import run
from warehouse.queries.alerts import (
    alerts_until,
    listed_before,
    newest_answer,
    red_beyond_since,
    visited_alerts,
)
from warehouse.queries.deliveries import (
    corrections_of_day,
    delivered_files,
    deliveries_with_receipt,
    persons_of_rows,
)
from warehouse.queries.evaluation import newest_evaluation, replace_evaluation
from warehouse.queries.findings import (
    duplicate_rows,
    faulty_rows,
    findings_of_day,
    noted_cells,
    refused_rows,
)
from warehouse.queries.households import household_rows
from warehouse.queries.runs import panel_dates, runs_by_date

SEP, OCT, NOV = date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = empty_warehouse(tmp_path / "warehouse.duckdb")
    yield con
    con.close()


def put(con: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    """Add rows; columns that are not given are null."""
    run(con, f"INSERT INTO {table} BY NAME SELECT * FROM part", part=pl.DataFrame(list(rows)))


def alert(alert_id: str, as_of: date, household: str, **more: Any) -> dict[str, Any]:
    shown = {"queue": "need", "is_listed": True, "status": "new", "town_code": "440103001"}
    return {"alert_id": alert_id, "as_of": as_of, "household_id": household, **shown, **more}


def delivery(delivery_id: str, known: date, **more: Any) -> dict[str, Any]:
    counts = {"rows_read": 10, "rows_loaded": 7, "rows_quarantined": 2, "rows_duplicate": 1}
    named = {"department": "health", "extract": "major_illness", "file_name": f"{delivery_id}.csv"}
    return {"delivery_id": delivery_id, "known_date": known, **named, **counts, **more}


def test_alerts_are_those_until_a_date_and_earlier_ones_that_were_visited(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(con, "mart.alert", alert("b", OCT, "H2"), alert("a", SEP, "H1"), alert("c", NOV, "H1"))
    assert alerts_until(con, OCT)["alert_id"].to_list() == ["a", "b"]
    assert visited_alerts(con, NOV).rows() == []
    known = {"result_code": "20", "known_date": OCT}
    put_visits(con, {"alert_id": "a", **known}, {"alert_id": "a", **known}, {"alert_id": "c", **known})
    assert visited_alerts(con, NOV).rows() == [("a", "H1")]


def test_households_that_a_list_held_before_and_since_when_a_red_one_is_beyond_the_hours(
    con: duckdb.DuckDBPyConnection,
) -> None:
    beyond = {"is_listed": True, "is_overflow_red": True}
    put(
        con,
        "mart.alert",
        alert("a", SEP, "H1"),
        alert("b", SEP, "H2", **beyond),
        alert("c", OCT, "H2", **beyond),
        alert("d", OCT, "H3"),
    )
    assert listed_before(con, OCT).rows() == [("need", "H1"), ("need", "H2")]
    assert red_beyond_since(con, OCT).rows() == [("H2", SEP)]


def test_a_case_number_or_household_leads_to_its_newest_date(con: duckdb.DuckDBPyConnection) -> None:
    put(con, "mart.alert", alert("a", SEP, "H1"), alert("b", OCT, "H1"))
    put(
        con,
        "panel.household",
        *({"as_of": day, "household_id": h} for day in (OCT, NOV) for h in ("H1", "H2")),
    )
    assert newest_answer(con, "a") == ("H1", SEP)
    assert newest_answer(con, "H1") == ("H1", OCT)  # its newest list, not its newest facts
    assert newest_answer(con, "H2") == ("H2", NOV)  # on no list
    assert newest_answer(con, "H2", OCT) == ("H2", OCT)
    assert newest_answer(con, "H1", NOV) == ("H1", NOV)
    assert newest_answer(con, "H3") is None and newest_answer(con, "H2", SEP) is None
    put(con, "mart.case", {"case_no": "10000177", "case_id": "H1", "queue": "need", "household_id": "H1"})
    assert newest_answer(con, "10000177") == ("H1", OCT)  # what a list prints


def test_a_households_rows_are_of_one_date(con: duckdb.DuckDBPyConnection) -> None:
    put(
        con,
        "panel.person",
        *({"as_of": d, "household_id": "H1", "person_id": p} for d in (SEP, OCT) for p in "BA"),
    )
    assert household_rows(con, "panel.person", "H1", OCT)["person_id"].to_list() == ["A", "B"]
    assert panel_dates(con) == [SEP, OCT]


def test_a_date_with_files_and_no_run_says_so_and_the_newest_run_counts(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(con, "ops.delivery", delivery("d1", SEP), delivery("d2", SEP), delivery("d3", OCT))
    started = [datetime(2025, 9, 5, hour) for hour in (8, 9)]  # noqa: DTZ001 (local wall time)
    put(
        con,
        "ops.run",
        {"run_id": "r1", "as_of": SEP, "started_at": started[1], "status": "finished"},
        {"run_id": "r2", "as_of": SEP, "started_at": started[0], "status": "running"},
    )
    assert runs_by_date(con).rows() == [
        (SEP, "finished", 2, 20, 14, 4, 2),
        (OCT, "not run", 1, 10, 7, 2, 1),
    ]


def test_deliveries_are_found_by_day_and_as_files(con: duckdb.DuckDBPyConnection) -> None:
    put(con, "ops.delivery", delivery("d2", OCT), delivery("d1", OCT), delivery("d3", SEP, status="rejected"))
    assert deliveries_with_receipt(con, OCT)["delivery_id"].to_list() == ["d1", "d2"]
    event = {"effective_date": OCT, "decided_by": "somebody", "event_no": 1}
    put(con, "ops.delivery_event", event | {"delivery_id": "d3", "event": "released"})
    assert deliveries_with_receipt(con, OCT)["delivery_id"].to_list() == ["d1", "d2", "d3"]
    assert deliveries_with_receipt(con, SEP)["delivery_id"].to_list() == ["d3"]
    files = delivered_files(con)
    assert files["delivery_id"].to_list() == ["d3", "d1", "d2"]
    assert files["status"].to_list() == ["rejected", None, None]


def test_corrections_are_returned_receipts_and_files_that_changed_another(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(
        con,
        "ops.delivery",
        delivery("d1", OCT, kind="full"),
        delivery("d2", OCT, kind="full"),
        delivery("d3", OCT, kind="mended"),
    )
    put(
        con,
        "ops.delivery_change",
        *({"delivery_id": "d2", "change": c} for c in ("added", "added", "changed")),
    )
    found = corrections_of_day(con, OCT).select("delivery_id", "added_cnt", "removed_cnt", "changed_cnt")
    assert found.rows() == [("d2", 2, 0, 1), ("d3", 0, 0, 0)]


def test_whom_rows_were_taken_to_be_about(con: duckdb.DuckDBPyConnection) -> None:
    put(con, "core._major_illness", {"delivery_id": "d1", "row_no": 3, "person_id": "P1"})
    assert persons_of_rows(con, "major_illness").rows() == [("d1", 3, "P1")]


@pytest.fixture
def faults(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    put(con, "ops.delivery", delivery("d1", OCT), delivery("d2", SEP))
    put(
        con,
        "ops.quarantine",
        {"delivery_id": "d1", "row_no": 7, "rule_id": "r.type", "column_name": "cost_yuan"},
        {"delivery_id": "d1", "row_no": 2, "rule_id": "r.checksum", "column_name": "id_number"},
        {"delivery_id": "d1", "row_no": 7, "rule_id": "r.checksum", "column_name": "id_number"},
        {"delivery_id": "d1", "row_no": 9, "rule_id": "r.delivery_held", "column_name": None},
        {"delivery_id": "d2", "row_no": 1, "rule_id": "r.type", "column_name": "cost_yuan"},
    )
    put(con, "ops.duplicate", {"delivery_id": "d1", "row_no": 4}, {"delivery_id": "d1", "row_no": 4})
    put(con, "ops.repair", {"delivery_id": "d1", "row_no": 5, "column_name": "name", "kind": "spaces"})
    noted = {"delivery_id": "d1", "row_no": 5, "rule_id": "r.code", "level": "note"}
    put(con, "ops.noted_fault", noted | {"column_name": "name"}, noted | {"column_name": "phone"})
    return con


def test_findings_are_those_of_the_days_deliveries(faults: duckdb.DuckDBPyConnection) -> None:
    found = findings_of_day(faults, OCT)
    assert set(found) == {"faults", "noted", "repairs", "duplicates", "reading", "results", "changes"}
    assert found["faults"].select("delivery_id", "row_no").rows() == [
        ("d1", 2),
        ("d1", 7),
        ("d1", 7),
        ("d1", 9),
    ]
    assert found["duplicates"].height == 2 and found["results"].is_empty()
    assert findings_of_day(faults, NOV)["faults"].is_empty()


def test_rows_refused_with_their_whole_delivery_are_not_faulty_themselves(
    faults: duckdb.DuckDBPyConnection,
) -> None:
    assert faulty_rows(faults, "d1").to_list() == [2, 7]
    assert faulty_rows(faults, "").to_list() == []


def test_a_row_with_another_fault_stays_refused_when_one_column_does_not_count(
    faults: duckdb.DuckDBPyConnection,
) -> None:
    assert sorted(refused_rows(faults).rows()) == [("d1", 2), ("d1", 7), ("d1", 9), ("d2", 1)]
    assert sorted(refused_rows(faults, but_for="id_number").rows()) == [("d1", 7), ("d1", 9), ("d2", 1)]


def test_each_duplicate_row_and_noted_cell_is_named_once(faults: duckdb.DuckDBPyConnection) -> None:
    assert duplicate_rows(faults).rows() == [("d1", 4)]
    assert sorted(noted_cells(faults).rows()) == [("d1", 5, "name"), ("d1", 5, "phone")]


def test_only_the_newest_evaluation_is_kept_and_its_sums_are_shown(con: duckdb.DuckDBPyConnection) -> None:
    def measured(share: float) -> pl.DataFrame:
        rows = [("model", "all", share), ("random", "all", share / 2), ("model", "2025-10-05", share)]
        return pl.DataFrame(rows, schema=["ranking", "as_of", "share_in_hardship"], orient="row")

    replace_evaluation(con, measured(0.4))
    replace_evaluation(con, measured(0.5))
    shown = newest_evaluation(con).select("ranking", "share_in_hardship")
    assert shown.rows() == [("random", 0.25), ("model", 0.5)]
