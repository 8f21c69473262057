"""Long numbers kept as numbers, and errors, are seen by the cell's type, wherever it says it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from data_contracts.loading.contracts import load_contracts
from exchange.deliveries.reading import read_delivery
from tests.helpers.zips import replaced_in

RELIEF = load_contracts()["civil_affairs.temporary_relief"]
HEADERS = ("救助编号", "申请人身份证号", "申请人", "申请日期", "审批日期", "审批结果", "致困原因", "救助金额")
WHOLE, ROUNDED = "445224196103051034", 445224193103155008
ROWS = (
    ("LS1", WHOLE, "陈试甲", "2025-08-20", "2025-09-01", "批准", "因病", 3000),
    ("LS2", ROUNDED, "陈试乙", "2025-08-20", "2025-09-01", "批准", "因病", 3000),
)


def changed(path: Path, pattern: str, instead: str) -> Path:
    """The workbook with its sheet's XML rewritten, as other programs write it."""
    return replaced_in(path, "xl/worksheets/sheet1.xml", pattern.encode(), instead.encode())


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "temporary_relief.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for at, row in enumerate((HEADERS, *ROWS)):
            sheet.write_row(at, 0, row)
        sheet.write_formula(1, 2, "=VLOOKUP(1,A1,1)", None, "#REF!")
    return path


SHAPES = {
    "as usual": (r"<sheetData>", "<sheetData> "),
    "no cell has a reference": (r'<c r="[A-Z]+[0-9]+"', "<c"),
    "no cell and no row has one": (r'<(c|row) r="[A-Z0-9]+"', r"<\1"),
    "the reference comes last": (r'<c r="([A-Z0-9]+)"([^>]*)>', r'<c\2 r="\1">'),
    "values bear an attribute": (r"<v>", '<v xml:space="preserve">'),
    "a number stands among blanks": (r"<v>([0-9.]+E\+17)</v>", r"<v> \1 </v>"),
    "single quotation marks": (r'<c r="([A-Z0-9]+)"', r"<c r='\1'"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_rounded_number_and_an_error_are_seen_in_every_shape(book: Path, shape: str) -> None:
    """Tried from outside, case 04: one such number in eleven is a valid number of somebody else."""
    frame = read_delivery(changed(book, *SHAPES[shape]), RELIEF).frame
    name = next(column.name for column in RELIEF.columns if column.header == "申请人身份证号")
    assert frame[name].to_list() == [WHOLE, "4.45224E+17"]
    applicant = next(column.name for column in RELIEF.columns if column.header == "申请人")
    assert frame[applicant].to_list() == ["#REF!", "陈试乙"]
