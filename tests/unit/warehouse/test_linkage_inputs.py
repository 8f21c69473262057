"""What the linkage holds against a pair: deaths that the registers named by the parameters report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from data_contracts.loading.contracts import load_contracts
from flows.context.parameters import death_registers
from policies.loading import load_catalogue
from tests.helpers.core import FEB, JAN, MAR
from tests.helpers.warehouses import empty_warehouse
from transforms.golden_record.rules import ReportRule
from warehouse.identity.linkage_inputs import LinkageInputs

CANCELLED, CREMATED, STOPPED = date(2026, 1, 20), date(2026, 1, 12), date(2026, 1, 31)


@pytest.fixture
def around(tmp_path: Path) -> LinkageInputs:
    """`a` is reported dead by the police and the crematorium, `b` by a stopped payment, `c` is alive."""
    contracts = load_contracts()
    con = empty_warehouse(tmp_path / "w.duckdb")
    delivered(con, "public_security", "population")
    con.execute(
        "INSERT INTO core._population (delivery_id, person_id, registration_status_code, cancel_date) "
        "VALUES ('population', 'a', 'dead', $1), ('population', 'c', 'moved_out', $1)",
        [CANCELLED],
    )
    delivered(con, "civil_affairs", "cremation_marriage")
    con.execute(
        "INSERT INTO core._cremation_marriage (delivery_id, person_id, vital_event_code, registered_date) "
        "VALUES ('cremation_marriage', 'a', 'cremation', $1), ('cremation_marriage', 'c', 'marriage', $1)",
        [CREMATED],
    )
    delivered(con, "civil_affairs", "benefit_roll")
    con.execute(
        "INSERT INTO core._benefit_roll (delivery_id, person_id, stop_reason_code, stop_date) "
        "VALUES ('benefit_roll', 'b', 'death', $1)",
        [STOPPED],
    )
    return LinkageInputs(con, contracts, MAR)


def delivered(con: duckdb.DuckDBPyConnection, department: str, extract: str) -> None:
    con.execute(
        "INSERT INTO ops.delivery (delivery_id, department, extract, known_date, status, period_month, part, "
        "kind, rows_loaded) VALUES ($1, $2, $1, $3, 'accepted', $4, '', 'full', 1)",
        [extract, department, FEB, JAN.replace(day=1)],
    )
    con.execute(
        "INSERT INTO ops.delivery_event (delivery_id, event, effective_date, event_no) "
        "VALUES ($1, 'accepted', $2, hash($1) % 1000)",
        [extract, FEB],
    )


def test_the_linkage_hears_of_deaths_from_the_registers_of_the_parameter(around: LinkageInputs) -> None:
    registers = death_registers(load_catalogue(), MAR)
    assert sorted(report.extract for report in registers) == ["cremation_marriage", "population"]
    assert around.deaths(registers).rows() == [("a", CANCELLED)]  # the latest day any of them gives


def test_another_register_in_the_parameter_reaches_the_linkage(around: LinkageInputs) -> None:
    stopped = ReportRule("benefit_roll", "stop_reason_code", "death", "stop_date")
    visit = ReportRule("death_visit", None, None, "found_date")  # no extract: a visit is not held against it
    assert around.deaths([stopped, visit]).rows() == [("b", STOPPED)]
    every_row = ReportRule("cremation_marriage", None, None, "registered_date")
    assert around.deaths([every_row]).rows() == [("a", CREMATED), ("c", CREMATED)]
