"""Outcomes of a home of a former version become visits and rulings: what counted on a past day still does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from data_contracts.loading.contracts import load_contracts
from tests.helpers.homes import KEY
from tests.helpers.warehouses import empty_warehouse
from warehouse.as_of import outcomes
from warehouse.casework.visits import differences
from warehouse.database.connection import Connection, transaction
from warehouse.database.schema import create
from warehouse.identity.vault import Vault
from warehouse.migrations.visits_as_rows import outcomes_into_visits
from warehouse.written.words import VISIT, keep_notes, with_notes

CONTRACTS = {"public_security.population": load_contracts()["public_security.population"]}
DAY = [date(2025, 9, day) for day in range(1, 31)]
KEY_COLUMNS = (
    "alert_id VARCHAR, result_code VARCHAR, found_date DATE, known_date DATE, feedback_sha256 VARCHAR"
)
ROWS = [
    ("a", "20", DAY[1], DAY[5], "f1", "dibao", None),
    ("b", "20", DAY[1], DAY[5], "f1", None, None),  # contradicted by the next: both counted side by side
    ("b", "40", DAY[2], DAY[9], "f2", None, None),
    ("c", "40", DAY[1], DAY[5], "f1", None, DAY[20]),  # taken back
    ("d", "40", DAY[1], DAY[5], None, None, None),
    ("d", "40", DAY[1], DAY[5], None, None, None),
]


@pytest.fixture
def former(tmp_path: Path) -> Iterator[tuple[Connection, Vault]]:
    con = empty_warehouse(tmp_path / "warehouse.duckdb")
    con.execute("DROP VIEW mart.outcome")
    con.execute(f"CREATE TABLE mart.outcome ({KEY_COLUMNS}, benefit_id VARCHAR, withdrawn_date DATE)")
    con.executemany("INSERT INTO mart.outcome VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
    extra = "withdrawn_date DATE, decided_at TIMESTAMP, decided_by VARCHAR"
    con.execute(f"CREATE TABLE ops.outcome_withdrawal ({KEY_COLUMNS}, {extra})")
    con.execute("INSERT INTO ops.outcome_withdrawal VALUES ('c', '40', ?, ?, 'f1', ?, ?, 'me')",
                [DAY[1], DAY[5], DAY[20], DAY[20]])  # fmt: skip
    with Vault(tmp_path / "vault.duckdb", KEY, make=True) as vault:
        yield con, vault
    con.close()


def counting(con: Connection, day: date) -> list[tuple[str, str]]:
    return sorted(set(outcomes(con, day).select("alert_id", "result_code").rows()))


def test_every_row_becomes_a_visit_and_counts_on_the_days_it_did(former: tuple[Connection, Vault]) -> None:
    con, vault = former
    before = {day: counting(con, day) for day in DAY}
    noted = con.execute("SELECT * FROM mart.outcome WHERE alert_id = 'a'").pl()
    with transaction(vault.con):
        keep_notes(
            vault,
            noted.with_columns(note_zh=noted["alert_id"] + "说明", worker=noted["alert_id"]),
            DAY[5],
            "f1",
        )
    create(con, CONTRACTS, ())  # as an opening does before it: the old table stays for the step
    with transaction(con):
        outcomes_into_visits(con, vault, CONTRACTS)
    assert {day: counting(con, day) for day in DAY} == before
    assert con.execute("SELECT count(*), count(DISTINCT visit_id) FROM mart.visit").fetchall() == [(6, 6)]
    kept = "SELECT does_count, effective_date, decided_by FROM mart.visit_ruling ORDER BY 3, 2"
    assert con.execute(kept).fetchall() == [
        (True, DAY[5], "former_version"),
        (True, DAY[9], "former_version"),
        (False, DAY[20], "me"),
    ]
    (pair,) = differences(con).to_dicts()
    assert (pair["list_id"], pair["result_code"], pair["other_result_code"]) == ("b", "20", "40")
    visits = con.execute("SELECT * FROM mart.visit WHERE alert_id = 'a'").pl()
    assert with_notes(vault, visits)["note_zh"].to_list() == ["a说明"]
    assert vault.con.execute("SELECT kind FROM v.written").fetchall() == [(VISIT,)]
