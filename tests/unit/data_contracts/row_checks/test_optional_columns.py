"""Columns a department may leave out: without them a file is taken as before, with them they are read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from data_contracts.contract.model import Contract
from data_contracts.row_checks.rows import check_rows
from exchange.deliveries.reading import guess_contract, open_delivery, read_delivery
from exchange.receipts.receipts import Findings, write_receipt
from tests.helpers.narrow import LATER, without
from tests.helpers.rows import CODES, CONTRACTS, PERSON, SETTLEMENT, check

INFO = {
    "delivery_id": "20250905-population-0123456789ab", "file_name": "population.csv",
    "known_date": date(2025, 9, 5), "status": "accepted", "rows_read": 5, "rows_quarantined": 3,
}  # fmt: skip
# By these a row is recognised whose number is missing or mistyped.
IDENTITY = ("sex_code", "birth_date", "village_code", "guardian_id_number", "psn_no", *LATER)
# These two were always asked for; a damaged village code of the roll of benefits refuses its row.
ASKED_BEFORE = {
    ("civil_affairs.benefit_roll", "village_code"),
    ("civil_affairs.child_welfare", "guardian_id_number"),
}
ROLL = CONTRACTS["public_security.population"]
PUPIL = {
    "student_no": "X1", "id_number": "440308199901101512", "name": "张三", "stage_code": "小学",
    "student_status_code": "在读", "term_month": "2025-09",
}  # fmt: skip


def asked_later(contract: Contract) -> tuple[str, ...]:
    return tuple(
        c.name
        for c in contract.columns
        if c.name in IDENTITY and not c.required and (contract.id, c.name) not in ASKED_BEFORE
    )


def delivery(folder: Path, contract: Contract, *rows: dict[str, str | None]) -> Path:
    """A file of the contract's columns, one line per row."""
    path = folder / f"{contract.extract}.csv"
    headers = {column.name: column.header for column in contract.columns}
    schema = dict.fromkeys(headers, pl.String)
    pl.DataFrame(list(rows), schema=schema).rename(headers).write_csv(path)
    return path


@pytest.mark.parametrize("name", CONTRACTS)
def test_what_is_required_is_enough(tmp_path: Path, name: str) -> None:
    contract = CONTRACTS[name]
    optional = [column for column in contract.columns if not column.required]
    path = delivery(tmp_path, without(contract, tuple(column.name for column in optional)))
    found = read_delivery(path, contract)
    assert found.missing_headers == tuple(column.header for column in optional) != ()
    assert found.frame.columns == ["row_no", *(c.name for c in contract.columns if c.required)]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_file_of_the_former_form_is_still_known_as_its_departments(tmp_path: Path, name: str) -> None:
    later = asked_later(CONTRACTS[name])
    path = delivery(tmp_path, without(CONTRACTS[name], later))
    (first, share), (_, next_share), *_ = [*guess_contract(path, CONTRACTS), ("", 0.0)]
    assert later and first == name and share > 1.5 * next_share
    assert set(read_delivery(path, CONTRACTS[name]).frame.columns).isdisjoint(later)


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_promise_about_them_refuses_a_row_or_a_file(name: str) -> None:
    later = asked_later(CONTRACTS[name])
    promised = [rule for rule in CONTRACTS[name].rules if rule.column in later]
    assert {rule.column for rule in promised} == set(later) != set()
    assert {rule.level for rule in promised} <= {"warn", "note"}


def test_a_row_without_them_is_the_same_row(tmp_path: Path) -> None:
    """As before the roll asked where people really live: same values, same repairs, nothing found wrong."""
    former = without(ROLL)
    rows = PERSON | {"birth_date": "1999年1月10日"}, PERSON | {"id_number": "11010519491231002X"}
    path = delivery(tmp_path, former, *rows)
    then, now = (check_rows(read_delivery(path, c).frame, c, CODES) for c in (former, ROLL))
    assert now.good.height == 2
    assert now.good.drop(LATER).equals(then.good)
    assert now.good.select(LATER).null_count().row(0) == (2, 2)
    assert now.faults.equals(then.faults) and now.repairs.equals(then.repairs)


def test_where_people_really_live_is_read(tmp_path: Path) -> None:
    lives: dict[str, str | None] = {
        "dwelling_village_code": "４４０１０３００１１０２",
        "dwelling_address": "第３村居5号",
    }
    found = read_delivery(delivery(tmp_path, ROLL, PERSON | lives), ROLL)
    checked = check_rows(found.frame, ROLL, CODES)
    assert found.missing_headers == () and checked.faults.is_empty()
    assert checked.good.select(LATER).row(0) == ("440103001102", "第3村居5号")


@pytest.mark.parametrize(
    ("contract", "base", "column", "cell", "left", "kind", "level"),
    [
        (ROLL.id, PERSON, "dwelling_village_code", "4401030011", None, "pattern", "warn"),
        (ROLL.id, PERSON, "dwelling_address", "长" * 201, "长" * 201, "length", "note"),
        ("medical_insurance.settlement", SETTLEMENT, "psn_no", "9" * 41, None, "length", "warn"),
        ("education.student_aid", PUPIL, "guardian_id_number", "11010519491231002", None, "type", "warn"),
        ("education.student_aid", PUPIL, "sex_code", "甲", None, "code", "warn"),
        ("education.student_aid", PUPIL, "birth_date", "2015-02-30", None, "type", "warn"),
        ("education.student_aid", PUPIL, "village_code", "某村", None, "pattern", "warn"),
    ],
)
def test_a_damaged_cell_leaves_its_row(
    contract: str,
    base: dict[str, str | None],
    column: str,
    cell: str,
    left: str | None,
    kind: str,
    level: str,
) -> None:
    checked = check(contract, {**base, column: None}, {column: cell})
    assert checked.good.height == 1 and checked.good.item(0, column) == left
    assert checked.faults.select("rule_id", "level").rows() == [(f"{contract}.{column}.{kind}", level)]


def receipt_of(path: Path, folder: Path) -> Path:
    """The receipt of a delivery of the roll, as its department gets it."""
    text = open_delivery(path, ROLL)
    found = check_rows(pl.concat(list(text.chunks())), ROLL, CODES)
    findings = Findings(found.faults, found.quarantined, headers=text.own_headers)
    (receipt,) = write_receipt(folder / "population.xlsx", ROLL, INFO, findings)
    return receipt


@pytest.mark.parametrize("lives", [{}, dict(zip(LATER, ("440103001102", "第3村居5号"), strict=True))])
def test_a_receipt_asks_for_no_column_that_was_not_sent(tmp_path: Path, lives: dict[str, str | None]) -> None:
    """The refused row goes back in the form it came in; mended it is a good row with all it said."""
    promised = ROLL if lives else without(ROLL)
    lost = {**PERSON, **lives, "id_number": "4.40308E+17"}
    receipt = receipt_of(delivery(tmp_path, promised, PERSON | lives, lost), tmp_path)
    book = openpyxl.load_workbook(receipt)
    header = [cell.value for cell in book["问题行"][1]][3:]
    assert header == [column.header for column in promised.columns]
    book["问题行"]["D2"] = "11010519491231002X"
    book.save(receipt)
    back = read_delivery(receipt, ROLL)
    assert len(back.missing_headers) == (0 if lives else len(LATER))
    (row,) = check_rows(back.frame, ROLL, CODES).good.rows(named=True)
    assert row["id_number"] == "11010519491231002X"
    assert {name: row[name] for name in LATER} == dict.fromkeys(LATER) | lives
