"""A delivery of the population register with faults, and what was found in it."""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import CheckedRows, check_rows
from exchange.receipts.receipts import Findings
from tests.helpers.narrow import without

CONTRACT = without(load_contracts()["public_security.population"])
DELIVERY = "20250905-population-0123456789ab"


INFO = {
    "delivery_id": DELIVERY, "file_name": "population.csv", "known_date": date(2025, 9, 5),
    "status": "accepted", "rows_read": 5, "rows_quarantined": 3,
}  # fmt: skip
BASE = {
    "id_number": "440308199901101512", "name": "张三", "sex_code": "男", "birth_date": "1999-01-10",
    "household_no": "H1", "relation_code": "户主", "village_code": "440103001101", "address": None,
    "father_id_number": None, "mother_id_number": None, "registration_status_code": "正常",
    "cancel_date": None,
}  # fmt: skip


def checked() -> CheckedRows:
    rows = [
        BASE,
        {**BASE, "id_number": "4.40308E+17", "name": '=HYPERLINK("http://x")', "address": "+1"},
        {**BASE, "id_number": "440308199901101513", "sex_code": "未说明"},
        {**BASE, "id_number": "合计", "name": None, "sex_code": None},
        {**BASE, "birth_date": "1999年1月10日"},
    ]
    text = pl.DataFrame(
        [{"row_no": 3 + place, **row, "household_no": f"H{place % 4}"} for place, row in enumerate(rows)],
        infer_schema_length=None,
    )
    return check_rows(text, CONTRACT, load_codes())


def findings() -> Findings:
    result = checked()
    return Findings(
        faults=result.faults, originals=result.quarantined, noted=result.faults.clear(),
        repairs=result.repairs, duplicates=result.duplicates,
    )  # fmt: skip
