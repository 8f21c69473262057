"""The receipt, opened by a second reader."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl

from zhaoren.data_contracts.contract import load_codes, load_contracts
from zhaoren.data_contracts.rows import CheckedRows, check_rows
from zhaoren.exchange.receipts import write_receipt

CONTRACT = load_contracts()["public_security.population"]
INFO = {"file_name": "population.csv", "known_date": date(2025, 9, 5), "status": "accepted", "rows_read": 4}


def checked() -> CheckedRows:
    base = {
        "id_number": "440308199901101512", "name": "张三", "sex_code": "男", "birth_date": "1999-01-10",
        "household_no": "H1", "relation_code": "户主", "village_code": "440103001101", "address": None,
        "father_id_number": None, "mother_id_number": None, "registration_status_code": "正常",
        "cancel_date": None,
    }  # fmt: skip
    rows = [
        base,
        {**base, "id_number": "4.40308E+17", "name": '=HYPERLINK("http://x")', "address": "+1"},
        {**base, "id_number": "440308199901101513", "sex_code": "未说明"},
        {**base, "id_number": "合计", "name": None, "sex_code": None},
    ]
    text = pl.DataFrame(
        [{"row_no": 3 + place, **row} for place, row in enumerate(rows)], infer_schema_length=None
    )
    return check_rows(text, CONTRACT, load_codes())


def written(folder: Path, name: str = "receipt.xlsx") -> Path:
    result = checked()
    write_receipt(folder / name, CONTRACT, INFO, result.faults, result.quarantined)
    return folder / name


def table(path: Path, sheet: str) -> list[list[str | None]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows()]


def test_refused_rows_go_back_as_they_came(tmp_path: Path) -> None:
    path = written(tmp_path)
    header, *rows = table(path, "问题行")
    assert header[:3] == ["原文件行号", "问题", "修改办法"]
    assert header[3:] == [column.header for column in CONTRACT.columns]
    assert [row[0] for row in rows] == ["4", "5", "6"]
    assert rows[0][3:5] == ["4.40308E+17", '=HYPERLINK("http://x")']
    assert "科学计数法" in str(rows[0][1]) and "文本" in str(rows[0][2])
    assert "校验位" in str(rows[1][1]) and "男、女" in str(rows[1][2])


def test_nothing_in_it_is_a_formula(tmp_path: Path) -> None:
    for sheet in openpyxl.load_workbook(written(tmp_path)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "inlineStr") and (
                    cell.data_type != "n" or cell.value is None
                )
                if str(cell.value or "").startswith(("=", "+", "-", "@")):
                    assert cell.quotePrefix


def test_the_summary_counts_by_rule(tmp_path: Path) -> None:
    header, *rows = table(written(tmp_path), "汇总")
    assert header == ["列", "问题", "行数", "占比", "处理", "修改办法"]
    assert len(rows) == 4
    sexes = next(row for row in rows if row[0] == "性别")
    assert sexes[2:5] == ["1", "25.0%", "整行退回"]


def test_the_first_sheet_says_what_came(tmp_path: Path) -> None:
    cells = {str(cell) for row in table(written(tmp_path), "说明") for cell in row}
    assert {"数据回执：户籍人口信息", "公安部门", "population.csv", "2025-09-05"} <= cells


def test_the_same_receipt_has_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path, "a.xlsx").read_bytes() == written(tmp_path, "b.xlsx").read_bytes()


def test_a_held_delivery_is_summed_up_not_listed(tmp_path: Path) -> None:
    """Faults as the warehouse keeps them: no level, a rule for the whole delivery, no text for good rows."""
    result = checked()
    held = result.good.select(
        "row_no", rule_id=pl.lit(f"{CONTRACT.id}.delivery_held"), column_name=pl.lit(None, pl.String),
        reason_zh=pl.lit("整批数据未通过交付检查，本行暂不入库"),
    )  # fmt: skip
    faults = pl.concat([result.faults.drop("level"), held])
    path = tmp_path / "held.xlsx"
    write_receipt(path, CONTRACT, {**INFO, "status": "held"}, faults, result.quarantined)
    assert len(table(path, "问题行")) == 4
    assert any("暂缓入库" in str(cell) for row in table(path, "汇总") for cell in row)
    assert any("暂缓入库" in str(cell) for row in table(path, "说明") for cell in row)


def test_an_empty_receipt(tmp_path: Path) -> None:
    result = checked()
    write_receipt(tmp_path / "none.xlsx", CONTRACT, {}, result.faults.clear(), result.quarantined.clear())
    assert len(table(tmp_path / "none.xlsx", "问题行")) == 1
