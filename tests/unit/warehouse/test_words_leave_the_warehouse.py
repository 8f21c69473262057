"""Names, notes and reasons of a home of a former version move into the vault, also after a kill half way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from data_contracts.loading.contracts import load_contracts
from tests.helpers.byte_search import found_in
from tests.helpers.homes import KEY
from warehouse.database.catalogue import has_table
from warehouse.database.connection import Connection, connect, transaction
from warehouse.database.rewriting import rewrite
from warehouse.database.schema import create
from warehouse.identity.vault import Vault
from warehouse.migrations.migrate import MIGRATIONS, migrate
from warehouse.written.names import delivery_names, entry_names, own_words
from warehouse.written.words import DELIVERY_DECISION, VISIT, VISIT_WITHDRAWN, with_notes, written

pytestmark = pytest.mark.slow

NAME, NUMBER, PHONE = "张三丰", "110105194912310021", "13800138000"
CONTRACTS = {"public_security.population": load_contracts()["public_security.population"]}
DAY, SHA = date(2025, 9, 5), "ab" * 32
ODD = f"20250905-{NAME}.{PHONE}-{SHA[:12]}"
PART = f"20250905-population-202501-{NUMBER}-{SHA[:12]}"
KEY_COLUMNS = (
    "alert_id VARCHAR, result_code VARCHAR, found_date DATE, known_date DATE, feedback_sha256 VARCHAR"
)
FORMER = {
    "ops.delivery": ("headers",),
    "mart.outcome": ("note_zh", "worker"),
    "ops.outcome_withdrawal": ("decided_by", "reason"),
    "ops.identity_decision": ("decided_by",),
}


@pytest.fixture
def former(tmp_path: Path) -> Iterator[tuple[Connection, Vault]]:
    """A home whose every text holds a name, a number or a phone."""
    con = connect(tmp_path / "warehouse.duckdb")
    create(con, CONTRACTS, ())
    con.execute("DROP VIEW mart.outcome")
    con.execute(f"CREATE TABLE mart.outcome ({KEY_COLUMNS}, benefit_id VARCHAR, withdrawn_date DATE)")
    con.execute(
        f"CREATE TABLE ops.outcome_withdrawal ({KEY_COLUMNS}, withdrawn_date DATE, decided_at TIMESTAMP)"
    )
    for table, columns in FORMER.items():
        for column in columns:
            con.execute(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR")
    delivery = (
        "INSERT INTO ops.delivery (delivery_id, department, extract, file_name, sha256, known_date, part, "
    )
    delivery += "status, reason, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    text = (
        f"No contract covers this file.\nwhere: {NAME}/{PHONE}.csv\nwhy: There is no contract {NAME}.{PHONE}."
    )
    con.execute(delivery, [ODD, NAME, PHONE, f"{PHONE}.csv", SHA, DAY, "", "rejected", text, None])
    own = f'{{"name": "姓名{NAME}"}}'
    name = f"population.2025-01.{NUMBER}.csv"
    con.execute(
        delivery, [PART, "public_security", "population", name, SHA, DAY, NUMBER, "accepted", "", own]
    )
    linked = hashlib.sha256(f"{NAME}.csv".encode()).hexdigest()
    link = f"20250905-{NAME}.{NAME}-{linked[:12]}"
    con.execute(delivery, [link, NAME, NAME, f"{NAME}.csv", linked, DAY, "", "rejected", "x", None])
    held = f"same bytes as {PART}"
    con.execute(
        "INSERT INTO ops.delivery_event (delivery_id, event, effective_date, decided_by, reason, event_no) "
        "VALUES (?, 'rejected', ?, 'rules', ?, 1), (?, 'withdrawn', ?, 'me', ?, 2), "
        "(?, 'held', ?, 'rules', ?, 3)",
        [ODD, DAY, text, PART, DAY, f"{NAME}说的", PART, DAY, held],
    )
    con.execute("INSERT INTO core._population (delivery_id) VALUES (?)", [PART])
    con.execute("INSERT INTO ops.inbox_note (as_of, entry_name, code) VALUES (?, ?, 'misnamed')", [DAY, NAME])
    con.execute(
        "INSERT INTO ops.feedback_file (sha256, file_name, received_date) VALUES (?, ?, ?)",
        [SHA, f"{NAME}.xlsx", DAY],
    )
    key = "alert_id, result_code, found_date, known_date, feedback_sha256"
    con.execute(
        f"INSERT INTO mart.outcome ({key}, note_zh, worker) VALUES ('a', '40', ?, ?, ?, ?, ?)",
        [DAY, DAY, SHA, f"{NAME} {PHONE}", NAME],
    )
    con.execute(
        f"INSERT INTO ops.outcome_withdrawal ({key}, decided_by, reason) "
        "VALUES ('a', '40', ?, ?, ?, 'me', ?)",
        [DAY, DAY, SHA, NAME],
    )
    con.execute("INSERT INTO ops.identity_decision (case_id, decided_by) VALUES ('c', ?)", [NAME])
    with Vault(tmp_path / "vault.duckdb", KEY, make=True) as vault:
        vault.con.execute("INSERT INTO v.quarantine_value VALUES (?, 1, 'name', 'x')", [PART])
        yield con, vault


@pytest.mark.parametrize("killed", [False, True])
def test_all_of_it_is_in_the_vault_and_nothing_in_the_warehouse(
    former: tuple[Connection, Vault], tmp_path: Path, killed: bool
) -> None:
    con, vault = former
    for done, step in enumerate(MIGRATIONS[:2] if killed else ()):
        migrate(con, vault, CONTRACTS, MIGRATIONS[:done])
        con.execute("BEGIN")
        with transaction(vault.con):  # committed; the warehouse's half is lost
            step.work(con, vault, CONTRACTS)
        con.execute("ROLLBACK")
    migrate(con, vault, CONTRACTS)
    columns = {(t, c) for t, cs in FORMER.items() for c in cs}
    assert not has_table(con, "mart.outcome") and not has_table(con, "ops.outcome_withdrawal")
    there = "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns()"
    assert not columns & set(con.execute(there).fetchall())

    ids = dict(con.execute("SELECT extract, delivery_id FROM ops.delivery").fetchall())
    assert con.execute("SELECT delivery_id FROM core._population").fetchall() == [(ids["population"],)]
    assert ids["population"].startswith("20250905-population-202501-p") and ids["population"].endswith(
        SHA[:12]
    )
    assert vault.con.execute("SELECT delivery_id FROM v.quarantine_value").fetchall() == [
        (ids["population"],)
    ]
    folder, name, headers = own_words(vault, [ids["population"]])[ids["population"]]
    assert (folder, name) == ("public_security", f"population.2025-01.{NUMBER}.csv")
    assert headers == {"name": f"姓名{NAME}"}
    names = delivery_names(vault)
    assert names.height == 3 and names.filter(name=f"{NAME}.csv")["sha256"].to_list() == [None]
    visit = con.execute("SELECT * FROM mart.visit").pl()
    assert with_notes(vault, visit).row(0, named=True)["note_zh"] == f"{NAME} {PHONE}"
    said = {
        kind: written(vault, kind)["text"].to_list() for kind in (DELIVERY_DECISION, VISIT, VISIT_WITHDRAWN)
    }
    assert said == {DELIVERY_DECISION: [f"{NAME}说的"], VISIT: [f"{NAME} {PHONE}"], VISIT_WITHDRAWN: [NAME]}
    assert entry_names(vault)["name"].to_list() == [f"{NAME}.xlsx"]

    con.close()
    rewrite(tmp_path / "warehouse.duckdb")
    assert found_in(tmp_path, [NAME, NUMBER, PHONE], but=("vault.duckdb",), key=KEY) == []
