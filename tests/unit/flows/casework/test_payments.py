"""A payment that a later date's answers show ends the application by itself, once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from data_contracts.registry.tables import shipped_tables
from flows.casework.by_system import see_payments
from flows.context.site import Site
from tests.helpers.cases import Station
from tests.helpers.warehouses import empty_warehouse, put_rows
from warehouse.database.connection import Connection, transaction
from warehouse.thin_rows import write_thin

SEP, OCT, NOV = date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5)


def answers(con: Connection, as_of: date, receiving: dict[str, bool]) -> None:
    """The answers of a date: whether each household receives dibao."""
    values = ", ".join(f"('{home}', {is_paid})" for home, is_paid in receiving.items())
    query = (
        f"SELECT DATE '{as_of}' AS as_of, NULL::VARCHAR AS person_id, home AS household_id, "
        f"'dibao' AS benefit_id, 'yes' AS eligible, is_paid AS is_receiving "
        f"FROM (VALUES {values}) v(home, is_paid)"
    )
    write_thin(con, shipped_tables()["mart.entitlement"], as_of, query)


def test_paid_is_seen_once_and_only_where_it_is_new(tmp_path: Path) -> None:
    con = empty_warehouse(tmp_path / "w.duckdb")
    answers(con, SEP, {"H1": False, "H2": True, "H3": False})
    answers(con, OCT, {"H1": False, "H2": True, "H3": False})
    answers(con, NOV, {"H1": True, "H2": True, "H3": False})
    for number, home in (("1", "H1"), ("2", "H2"), ("3", "H3")):
        case = {"case_no": number, "case_id": home, "queue": "need", "household_id": home, "opened_date": SEP}
        put_rows(con, "mart.case", pl.DataFrame([case]))
        step = {"step_id": f"S{number}", "step_no": 1, "case_no": number, "kind_code": "application",
                "subject": "dibao", "event_code": "submitted", "event_date": date(2025, 9, 20),
                "known_date": date(2025, 9, 29)}  # fmt: skip
        put_rows(con, "mart.step", pl.DataFrame([step]))
    site = cast(Site, Station(con))
    for day in (SEP, OCT, NOV, NOV):
        with transaction(con):
            see_payments(site, day)
    told = "SELECT step_id, step_no, event_code, event_date, feedback_sha256 FROM mart.step WHERE step_no > 1"
    assert con.execute(told).fetchall() == [("S1", 2, "paid", NOV, None)]
    con.close()
