"""What core may hold of a department's row, and how a former home's core comes to hold no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data_contracts.loading.contracts import load_contract, load_contracts
from tests.helpers.core import PACKAGE
from tests.helpers.homes import KEY
from warehouse.database.connection import Connection, fetch
from warehouse.database.schema import create
from warehouse.identity.vault import Vault
from warehouse.identity.vault_secrets import number_hashes
from warehouse.loading.boundary import outgoing
from warehouse.migrations.numbers_into_vault import numbers_into_vault

CONTRACTS = {"education.student_aid": load_contracts()["education.student_aid"]}
ID, PHONE, CARD, DAY = "11010519491231002X", "13800138000", "6222020000000000000", date(2025, 9, 5)
METER = PACKAGE / "docs" / "examples" / "nineteenth" / "contracts" / "power_grid" / "meter.yaml"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault(tmp_path / "vault.duckdb", KEY, make=True) as opened:
        yield opened


@pytest.fixture
def former() -> Connection:
    """A warehouse of a former version: numbers, a school and a card stand in core."""
    con = duckdb.connect()
    create(con, CONTRACTS, ())
    con.execute("ALTER TABLE core._student_aid ADD COLUMN school_name VARCHAR")
    row = "INSERT INTO core._student_aid (student_no, person_id, school_name, village_code, "
    row += "own_cost_yuan_year, known_date, period_month, delivery_id, row_no) "
    row += "VALUES (?, 'P1', ?, ?, ?, ?, ?, 'd', 2)"
    con.execute(row, [f"G{ID}", f"张三家{PHONE}", CARD, PHONE, DAY, DAY])
    con.execute(row, ["G2", "第一小学", "441621114202", 12.5, DAY, DAY])
    con.execute(
        "INSERT INTO ops.check_result (delivery_id, rule_id, detail) VALUES ('d', 'r', ?), ('d', 's', ?)",
        [f"answer {ID}", "n 12"],
    )
    con.execute(
        "INSERT INTO ops.validation VALUES ('d', ?)", [f'{{"seen": ["{ID}"], "share": 0.13800138000}}']
    )
    con.execute(
        "INSERT INTO ops.place_code (as_of, extract, code) VALUES (?, 'student_aid', ?), "
        "(?, 'student_aid', '441621')",
        [DAY, CARD, DAY],
    )
    return con


def test_a_former_home_keeps_hashes_and_the_vault_the_numbers(former: Connection, vault: Vault) -> None:
    numbers_into_vault(former, vault, CONTRACTS)
    rows = fetch(
        former,
        "SELECT student_no, village_code, own_cost_yuan_year::DOUBLE AS cost FROM core._student_aid "
        "ORDER BY cost NULLS FIRST",
    )
    hashed = pl.DataFrame({"n": [f"G{ID}", "G2"]}).select(
        number_hashes(vault.con).of(pl.col("n"), "student_no")
    )
    assert rows["student_no"].to_list() == hashed.to_series().to_list()
    assert rows.rows() == [(rows.item(0, 0), None, None), (rows.item(1, 0), "441621114202", 12.5)]
    columns = {name for (name, *_) in former.execute("DESCRIBE core._student_aid").fetchall()}
    assert "school_name" not in columns
    kept = fetch(vault.con, "SELECT attribute, value FROM v.identity ORDER BY ALL").rows()
    assert kept == [("school_name", f"张三家{PHONE}"), ("school_name", "第一小学"),
                    ("student_no", f"G{ID}"), ("student_no", "G2")]  # fmt: skip
    said = fetch(former, "SELECT detail FROM ops.check_result ORDER BY rule_id")["detail"].to_list()
    assert said == ["answer ［号码］", "n 12"]
    (document,) = fetch(former, "SELECT document FROM ops.validation")["document"]
    assert ID not in document and "0.13800138" in document
    assert fetch(former, "SELECT code FROM ops.place_code")["code"].to_list() == ["441621"]


def test_what_was_done_to_the_vault_may_be_done_again(former: Connection, vault: Vault) -> None:
    """Killed between the two commits, the warehouse is as it was and the vault is ahead."""
    again = former.cursor()
    for con in (former, again):
        con.execute("BEGIN")
        numbers_into_vault(con, vault, CONTRACTS)
        con.execute("ROLLBACK" if con is former else "COMMIT")
    assert fetch(vault.con, "SELECT * FROM v.identity").height == 4


def test_a_number_is_hashed_alike_under_one_name_and_unlike_under_two(vault: Vault, tmp_path: Path) -> None:
    numbers, hashes = pl.DataFrame({"n": ["1", None]}), number_hashes(vault.con)
    one, other = (numbers.select(hashes.of(pl.col("n"), name)).to_series() for name in ("psn_no", "aac001"))
    assert one[0] != other[0] and one[1] is None and len(one[0]) == 32
    with (
        Vault(tmp_path / "same.duckdb", KEY, make=True) as same,
        Vault(tmp_path / "other.duckdb", KEY * 2, make=True) as others,
    ):
        again, foreign = (
            numbers.select(number_hashes(v.con).of(pl.col("n"), "psn_no")).item(0, 0) for v in (same, others)
        )
    assert again == one[0] != foreign


def test_an_older_contract_of_a_home_lets_no_text_out(vault: Vault, tmp_path: Path) -> None:
    """Its texts are hashed; the words that its own facts compare with go on meaning the same."""
    text = METER.read_text("utf-8").replace("value: code}", "value: text}")
    text = text.replace("          - {property: codes, value: meter_status}\n", "")
    text = text.replace("          - {property: inCore, value: keyed_hash}\n", "")
    path = tmp_path / "power_grid" / "meter.yaml"
    path.parent.mkdir()
    path.write_text(text.replace("classification: identifier", "classification: internal", 1), "utf-8")
    contract = load_contract(path)
    rows = pl.DataFrame({"meter_no": ["张三"], "meter_status": [PHONE]})
    rows = pl.concat([rows, pl.DataFrame({"meter_no": ["1"], "meter_status": ["cut_off"]})])
    out = rows.with_columns(outgoing(contract, rows.columns, number_hashes(vault.con)))
    assert out["meter_status"].str.len_chars().to_list() == [32, 7] and out.item(1, 1) == "cut_off"
    assert out["meter_no"].str.contains("^[0-9a-f]{32}$").all()


def test_nothing_passes_that_the_row_checks_let_through(vault: Vault) -> None:
    (contract,) = CONTRACTS.values()
    contract = replace(contract, rules=())
    rows = pl.DataFrame({"village_code": [CARD, "441621114202"], "aid_yuan_year": [13800138000, 12]})
    out = rows.with_columns(outgoing(contract, rows.columns, number_hashes(vault.con)))
    assert out.rows() == [(None, None), ("441621114202", 12)]
