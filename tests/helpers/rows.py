"""Rows as two departments send them, checked against the shipped contracts one change at a time."""

from __future__ import annotations

import polars as pl

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import CheckedRows, check_rows
from divisions import area_codes

CONTRACTS, CODES = load_contracts(), load_codes()
SETTLEMENT = {
    "settlement_id": "S1", "id_number": "440308199901101512", "name": "张三", "settlement_date": "2025-01-05",
    "care_type_code": "普通住院", "total_yuan": "1000.00", "fund_pay_yuan": "600", "medical_aid_yuan": None,
    "out_of_scope_yuan": "0", "personal_burden_yuan": "400.00", "cash_pay_yuan": "400",
    "settlement_status_code": "正常",
}  # fmt: skip
PERSON = {
    "id_number": "440308199901101512", "name": "张三", "sex_code": "男", "birth_date": "1999-01-10",
    "household_no": "H1", "relation_code": "户主", "village_code": "440103001101", "address": "某路1号",
    "father_id_number": None, "mother_id_number": None, "registration_status_code": "正常",
    "cancel_date": None,
}  # fmt: skip


def check(contract: str, base: dict[str, str | None], *changes: dict[str, str | None]) -> CheckedRows:
    """Check one row per change; each is the base row with the change, and a key of its own unless given."""
    rows = [{"row_no": 2 + place, **base, **change} for place, change in enumerate(changes)]
    schema = {"row_no": pl.Int64, **dict.fromkeys(base, pl.String)}
    checked = check_rows(pl.DataFrame(rows, schema=schema), CONTRACTS[contract], CODES, area_codes())
    assert checked.rows_read == checked.good.height + checked.quarantined.height + checked.duplicates.height
    return checked
