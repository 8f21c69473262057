"""A receipt mended by the department and sent back: read as a delivery of only those rows."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from data_contracts.contract.code_tables import load_codes
from data_contracts.row_checks.rows import CheckedRows, check_rows
from exchange.deliveries.reading import read_delivery
from exchange.receipts.receipts import write_receipt
from exchange.receipts.returned import receipt_id, returned_rows, row_numbers, unresolved_rows
from tests.helpers.receipts import CONTRACT, DELIVERY, INFO, findings

GOOD_NUMBER = "440308199901101512"


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    """Refused rows 4, 5 and 6 of the delivery: a number lost, a wrong number and sex, a totals line."""
    (path,) = write_receipt(tmp_path / "population.xlsx", CONTRACT, INFO, findings())
    return path


def mended(path: Path, cells: dict[str, str], deleted: tuple[int, ...] = ()) -> Path:
    """The workbook with cells of 问题行 changed and lines deleted, as a person leaves it."""
    book = openpyxl.load_workbook(path)
    sheet = book["问题行"]
    for place, text in cells.items():
        sheet[place] = text
    for line in sorted(deleted, reverse=True):
        sheet.delete_rows(line)
    book.save(path)
    return path


def numbers(path: Path) -> pl.DataFrame:
    return returned_rows(read_delivery(path, row_numbers(receipt_id(path) or "")).frame)


def taken(path: Path) -> CheckedRows:
    text = read_delivery(path, CONTRACT)
    assert "address" in text.frame.columns and text.missing_headers == ()
    return check_rows(text.frame, CONTRACT, load_codes())


def test_mended_rows_are_good_and_the_others_still_faulty(receipt: Path) -> None:
    back = mended(receipt, {"D2": GOOD_NUMBER, "E2": "李四"})
    checked = taken(back)
    assert checked.rows_read == 3  # no row lost, none from the other sheets
    assert checked.good.select("id_number", "name").rows() == [(GOOD_NUMBER, "李四")]
    assert checked.quarantined.get_column("id_number").to_list() == ["440308199901101513", "合计"]
    assert receipt_id(back) == DELIVERY


def test_rows_left_out_are_still_open(receipt: Path) -> None:
    back = mended(receipt, {"D2": GOOD_NUMBER}, deleted=(3,))
    assert numbers(back).rows() == [(2, 4), (3, 6)]
    assert unresolved_rows(pl.Series([4, 5, 6, 5]), numbers(back)).to_list() == [5]


def test_untouched_it_reads_as_the_same_faulty_rows(receipt: Path) -> None:
    checked = taken(receipt)
    assert (checked.good.height, checked.quarantined.height) == (0, 3)
    own = ["id_number", "name", "sex_code"]
    assert checked.quarantined.select(own).equals(findings().originals.select(own))


def test_a_text_beside_it_comes_back_too(tmp_path: Path) -> None:
    _, rest = write_receipt(tmp_path / "population.xlsx", CONTRACT, INFO, findings(), most=0)
    assert receipt_id(rest) == DELIVERY
    text = rest.read_text(encoding="utf-8-sig")
    rest.write_text(text.replace("4.40308E+17", GOOD_NUMBER), encoding="gb18030")
    assert receipt_id(rest) == DELIVERY
    checked = taken(rest)
    # The apostrophe that kept the cell from acting as a formula is off again.
    assert checked.good.get_column("name").to_list() == ['=HYPERLINK("http://x")']
    assert checked.rows_read == 3 and numbers(rest).get_column("original_row_no").to_list() == [4, 5, 6]


def test_the_sheet_alone_still_knows_its_receipt(receipt: Path, tmp_path: Path) -> None:
    """Copied into a new workbook, the property and the first sheet are gone."""
    rows = openpyxl.load_workbook(receipt)["问题行"].iter_rows(values_only=True)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([None if cell is None else str(cell) for cell in row])
    book.save(tmp_path / "copy.xlsx")
    assert receipt_id(tmp_path / "copy.xlsx") == DELIVERY


def test_the_property_alone_is_enough(receipt: Path, tmp_path: Path) -> None:
    back = mended(receipt, {"A1": "行号"})
    with zipfile.ZipFile(back) as archive:
        assert "docProps/custom.xml" in archive.namelist()
    assert receipt_id(back) == DELIVERY


def test_no_other_file_is_taken_for_a_receipt(tmp_path: Path) -> None:
    plain = tmp_path / "population.csv"
    plain.write_text("回执编号,身份证号,姓名\n12345678,440308199901101512,张三\n", encoding="gb18030")
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a zip at all")
    book = openpyxl.Workbook()
    book.active.append(["回执编号", "身份证号"])
    book.save(tmp_path / "other.xlsx")
    (tmp_path / "empty").write_bytes(b"")
    names = ("population.csv", "broken.xlsx", "other.xlsx", "empty", "not there")
    assert [receipt_id(tmp_path / name) for name in names] == [None] * 5
