"""Workbooks, old and new: their own date system, errors of any name, no row on a sheet that is not read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
import xlwt

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from data_contracts.loading.odcs import as_agreed
from data_contracts.row_checks.rows import check_delivery
from exchange.deliveries.reading import TextRows, open_delivery, read_delivery
from tests.helpers.zips import changed_member
from zhaoren.errors import ZhaorenError

RELIEF = load_contracts()["civil_affairs.temporary_relief"]
CODES = load_codes()
ROLL = load_contracts()["civil_affairs.benefit_roll"]
HEADERS = ("救助编号", "申请人身份证号", "申请人", "申请日期", "审批日期", "审批结果", "致困原因", "救助金额")
ID = "445224196103051034"
ROW = ("LS1", ID, "陈试甲", "2025-08-20", "2025-09-01", "批准", "因病", 3000)
DAYS = (date(2025, 8, 20), date(2025, 9, 1))
SINCE_1904 = [(day - date(1904, 1, 1)).days for day in DAYS]


def xlsx(path: Path, *sheets: Sequence[Sequence[object]], options: dict[str, object] | None = None) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy/m/d", **(options or {})}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


def xls(path: Path, *sheets: Sequence[Sequence[object]], since_1904: bool = False) -> Path:
    book = xlwt.Workbook()
    book.dates_1904 = since_1904
    style = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for number, rows in enumerate(sheets):
        sheet = book.add_sheet(f"Sheet{number + 1}")
        for at, row in enumerate(rows):
            for col, cell in enumerate(row):
                if isinstance(cell, str) and cell.startswith("#"):
                    sheet.row(at).set_cell_error(col, cell)
                else:
                    sheet.write(at, col, cell, *([style] if isinstance(cell, date) else []))
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(out.getvalue())
    return path


def read(path: Path) -> TextRows:
    return read_delivery(path, RELIEF)


def texts(found: TextRows, header: str) -> list[str | None]:
    name = next(column.name for column in RELIEF.columns if column.header == header)
    return found.frame[name].to_list()


def typed(path: Path) -> pl.DataFrame:
    opened = open_delivery(path, RELIEF)
    checked = check_delivery((as_agreed(c, RELIEF) for c in opened.chunks()), RELIEF, CODES)
    return pl.concat(list(checked.good_chunks()))


def with_days(*days: object) -> tuple[object, ...]:
    return (*ROW[:3], *days, *ROW[5:])


def in_extension(xml: bytes) -> bytes:
    """As every Excel since 2013 saves a workbook."""
    again = b'<ext uri="{140A7094}" xmlns:x15="x15"><x15:workbookPr chartTrackingRefBase="1"/></ext>'
    return xml.replace(b"</workbook>", b"<extLst>" + again + b"</extLst></workbook>")


EPOCHS: dict[str, Callable[[bytes], bytes]] = {
    "as written": lambda xml: xml,
    "Excel's extension list": in_extension,
    "an extension before it": lambda xml: xml.replace(
        b"<workbookPr", b"<x15:workbookPr chart='1'/><workbookPr", 1
    ).replace(b"<workbook ", b"<workbook xmlns:x15='x15' ", 1),
    "true, in single quotes": lambda xml: xml.replace(b'date1904="1"', b"date1904='true'"),
    "with an element of its own": lambda xml: re.sub(
        rb"<workbookPr([^>]*)/>", rb"<workbookPr\1></workbookPr>", xml
    ),
    "strict": lambda xml: xml.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    ),
}


@pytest.mark.parametrize("cells", ["dates", "bare serials"])
@pytest.mark.parametrize("shape", EPOCHS)
def test_a_1904_workbook_keeps_its_days(tmp_path: Path, shape: str, cells: str) -> None:
    """Tried from outside, §1 cases 01 and 02: every date came four years and a day early, accepted."""
    row = with_days(*(DAYS if cells == "dates" else SINCE_1904))
    path = xlsx(tmp_path / "temporary_relief.xlsx", [HEADERS, row], options={"date_1904": True})
    frame = typed(changed_member(path, "xl/workbook.xml", EPOCHS[shape]))
    assert frame.select("applied_date", "decided_date").row(0) == DAYS
    assert "dates_1904" in [note.code for note in read(path).notes]


def test_a_date_system_that_is_neither_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "temporary_relief.xlsx", [HEADERS, ROW], options={"date_1904": True})
    changed_member(path, "xl/workbook.xml", lambda xml: xml.replace(b'date1904="1"', b'date1904="maybe"'))
    with pytest.raises(ZhaorenError, match="cannot be read"):
        read(path)


@pytest.mark.parametrize("since_1904", [False, True])
def test_an_old_workbook_keeps_its_days(tmp_path: Path, since_1904: bool) -> None:
    """Tried from outside, §1 cases 02 and 19."""
    bare = [n + (0 if since_1904 else 1462) for n in SINCE_1904]
    days = (HEADERS, with_days(*DAYS), (*("LS2", *with_days(*bare)[1:]),))
    frame = typed(xls(tmp_path / "temporary_relief.xls", days, since_1904=since_1904))
    assert frame.select("applied_date", "decided_date").rows() == [DAYS, DAYS]


def test_months_of_a_1904_workbook(tmp_path: Path) -> None:
    """Tried from outside, §1 case 02: a month kept as a bare day number counts from 1904 as well."""
    months = [c.header for c in ROLL.columns if c.reads_as == "month"]
    header = [c.header for c in ROLL.columns]
    row = ["" if name not in months else SINCE_1904[1] for name in header]
    path = xlsx(tmp_path / "benefit_roll.xlsx", [header, row], options={"date_1904": True})
    frame = read_delivery(path, ROLL).frame
    name = next(c.name for c in ROLL.columns if c.header == months[0])
    assert frame[name].to_list() == [str(SINCE_1904[1] + 1462)]


def test_an_old_workbooks_damaged_cells_are_seen_by_their_type(tmp_path: Path) -> None:
    """Tried from outside, §1 case 19: such ID numbers read as other people's, such record numbers as one."""
    rows = (HEADERS, (202509010000000001, 445224193103155008, *ROW[2:]), ("LS2", ID, "#REF!", *ROW[3:]))
    found = read(xls(tmp_path / "temporary_relief.xls", rows))
    assert texts(found, "救助编号") == ["2.02509E+17", "LS2"]
    assert texts(found, "申请人身份证号") == ["4.45224E+17", ID]
    assert texts(found, "申请人") == ["陈试甲", "#REF!"]
    assert texts(found, "救助金额") == ["3000", "3000"]
    assert {(note.code, note.cnt) for note in found.notes} == {("numbers_rounded", 2), ("cells_in_error", 1)}


ERRORS = (
    "#SPILL!",
    "#GETTING_DATA",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#BUSY!",
    "#CONNECT!",
    "#UNKNOWN!",
    "#NEWER!",
)


def test_errors_that_the_reader_does_not_know_cost_their_cell_only(tmp_path: Path) -> None:
    """Tried from outside, §1 case 15: one such cell refused the whole file as damaged."""
    rows = [(f"LS{at}", *ROW[1:]) for at in range(len(ERRORS) + 1)]
    book = openpyxl.Workbook()
    for row in (HEADERS, *rows):
        book.active.append(row)
    for at, error in enumerate(ERRORS, start=2):
        book.active.cell(at, 3).value, book.active.cell(at, 3).data_type = error, "e"
    path = tmp_path / "temporary_relief.xlsx"
    book.save(path)
    found = read(path)
    assert texts(found, "申请人") == [*ERRORS[:-1], "#VALUE!", "陈试甲"]
    assert texts(found, "申请人身份证号") == [ID] * len(rows)
    assert typed(path)["relief_no"].to_list() == [f"LS{len(ERRORS)}"]


MORE: list[tuple[object, ...]] = [(f"LS{at}", *ROW[1:]) for at in range(2, 5)]
SECOND_SHEETS: dict[str, list[tuple[object, ...]]] = {
    "goes on without a header": MORE,
    "the same header": [HEADERS, *MORE],
    "an altered header": [tuple(f"{name}（续）" for name in HEADERS), *MORE],
    "one column more": [(*HEADERS, "备注说明"), *((*row, "见附件") for row in MORE)],
    "a header and one row": [(*HEADERS, "申请人性别"), (*MORE[0], "男")],
    "a few cells of a person": [("姓名", "证件"), ("陈试甲", ID)],
    "far below": [*[()] * 30, *MORE],
}


@pytest.mark.parametrize("make", [xlsx, xls])
@pytest.mark.parametrize("second", SECOND_SHEETS)
def test_rows_on_another_sheet_refuse_the_file(
    tmp_path: Path, make: Callable[..., Path], second: str
) -> None:
    """Tried from outside, §1 case 20 and §8 A3: the second sheet's rows were lost, the delivery accepted."""
    with pytest.raises(ZhaorenError) as caught:
        read(make(tmp_path / "temporary_relief.xls", [HEADERS, *[ROW] * 5], SECOND_SHEETS[second]))
    assert caught.value.code == "rows_unread" and re.search(
        r"^[0-9]+ rows .*than sheet [12]: sheet [12]: [0-9]", caught.value.why
    )


@pytest.mark.parametrize("make", [xlsx, xls])
def test_notes_and_empty_forms_on_another_sheet_do_not(tmp_path: Path, make: Callable[..., Path]) -> None:
    """Tried from outside, §1 case 20: its control. The sheets not read are told."""
    told = [("填表说明",), ("1. 请如实填写",), ("2. 每月5日前报送",), ("联系人", "电话 0668-1234567")]
    found = read(make(tmp_path / "temporary_relief.xls", [HEADERS, ROW], told, [HEADERS]))
    assert found.rows_read == 1
    assert ("sheets_unread", 2) in [(note.code, note.cnt) for note in found.notes]


def test_rows_on_a_hidden_sheet_refuse_the_file(tmp_path: Path) -> None:
    """Tried from outside, §8 A3."""
    path = tmp_path / "temporary_relief.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for rows in ([HEADERS, ROW], MORE):
            sheet = book.add_worksheet()
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
        sheet.hide()
    with pytest.raises(ZhaorenError, match="3 rows .* .hidden.: 3"):
        read(path)


def test_rows_of_formulas_without_results_refuse_the_file(tmp_path: Path) -> None:
    """Tried from outside, §8 A3: such rows looked blank and were passed over."""
    book = openpyxl.Workbook()
    for row in (HEADERS, ROW, [f"=B{at}" for at in range(8)], [f"=B{at}" for at in range(8)]):
        book.active.append(list(row))
    book.save(tmp_path / "temporary_relief.xlsx")
    with pytest.raises(ZhaorenError, match="2 rows hold formulas without a stored result") as caught:
        read(tmp_path / "temporary_relief.xlsx")
    assert caught.value.code == "rows_unread"


def test_a_formula_whose_result_is_no_text_is_no_lost_row(tmp_path: Path) -> None:
    """Excel stores an empty text for =IF(A9="","",…) far below the table."""
    path = tmp_path / "temporary_relief.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        sheet.write_row(1, 0, ROW)
        sheet.write_formula(5, 2, '=IF(A6="","",A6)', None, "")
    changed_member(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="C6"', b'r="C6" t="str"'))
    assert read(path).rows_read == 1


def test_a_time_of_day_is_no_day(tmp_path: Path) -> None:
    clock = datetime(2025, 8, 20, 15, 30)  # noqa: DTZ001
    assert texts(read(xls(tmp_path / "a.xls", (HEADERS, with_days(clock, DAYS[1])))), "申请日期") == [
        "2025-08-20 15:30:00"
    ]
