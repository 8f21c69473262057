"""The sheets behind a station's list: headings, printed lines, drop-downs, the hidden page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from exchange.form import HIDDEN_SHEET, SIDE_FILL_INS, SIDE_SHEETS
from exchange.lists.side_sheets import side_sheets
from exchange.lists.worklist import SHEET_NAME, worklist_lines, write_worklist
from tests.helpers.lists import AS_OF, CODES, HEADER, lines

# ADR 22: what each sheet shows, in order.
HEADINGS = {
    "本期变化": "个案编号 户主 村（社区） 变化 为什么",
    "重点人员": "重点编号 姓名 村（社区） 类别 上次走访 走访期限 走访日期 未走访原因 走访人",
    "联系记录": "个案编号 联系日期 时段 方式 联系结果 联系人",
    "后续办理": "个案编号 户主 事项 对象 已到哪一步 期限 新进展 日期 下次日期 由谁办 说明 填写人",
    "主动发现": "姓名 身份证号 村（社区） 发现途径 结果代码 走访日期 下一步 由谁办 约定日期 说明 走访人",
    "服务记录": "日期 服务项目 形式 服务人次 志愿者 链接资源（元） 填写人",
}
CHANGES = pl.DataFrame(
    {"case_no": ["10000177"], "head_name_masked": ["李*"], "village_name": ["永安村"], "change_zh": ["撤回"],
     "why_zh": ["原来提示的理由不在了。"]},
)  # fmt: skip
KEY_PERSONS = pl.DataFrame(
    {"key_no": ["K1", "K2"], "name_masked": ["王*", "赵*"], "village_name": ["永安村", None],
     "kind_zh": ["独居老人", "特困人员"], "last_visit_zh": ["2025年8月1日", "没有走访记录"],
     "due_date": [date(2025, 9, 30), date(2025, 9, 30)]},
)  # fmt: skip
MATTERS = pl.DataFrame(
    {"step_id": ["S1", "S2", "S3"], "case_no": ["10000177", "10000177", "10000188"],
     "head_name_masked": ["李*", "李*", "张*"], "kind_code": ["application", "application", "referral"],
     "subject": ["dibao", "dibao", "medical_insurance"], "subject_zh": ["低保", "低保", "医保部门"],
     "event_code": ["submitted", "granted", "sent"],
     "due_date": [date(2025, 9, 20), date(2025, 9, 22), date(2025, 9, 1)]},
)  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> openpyxl.Workbook:
    rows = lines(case_no=["10000177", "10000188", None]).with_columns(town_code=pl.lit(HEADER.town_code))
    sides = side_sheets(AS_OF, CHANGES, KEY_PERSONS, MATTERS, date(2025, 8, 5))
    write_worklist(tmp_path / "list.xlsx", HEADER, worklist_lines(rows, AS_OF), CODES, sides)
    return openpyxl.load_workbook(tmp_path / "list.xlsx")


def hidden(book: openpyxl.Workbook) -> dict[str, list[str]]:
    columns = book[HIDDEN_SHEET].iter_cols(values_only=True)
    return {str(head): [str(cell) for cell in cells if cell] for head, *cells in columns}


def offered(book: openpyxl.Workbook, sheet: str, place: str) -> list[str]:
    """What the drop-down of a cell offers."""
    for rule in book[sheet].data_validations.dataValidation:
        if rule.type == "list" and place in rule.sqref:
            name, cells = rule.formula1.rsplit("!", 1)
            return [cell.value for (cell,) in book[name.strip("='")][cells.replace("$", "")]]
    return []


def test_the_sheets_and_headings_are_those_of_the_design(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [SHEET_NAME, *SIDE_SHEETS, HIDDEN_SHEET]
    for name, headings in HEADINGS.items():
        sheet = book[name]
        assert str(sheet["A1"].value).startswith(name)
        assert [cell.value for cell in sheet[3]] == headings.split(), name
        first_empty = sheet[sheet.max_row]
        open_cells = [sheet.cell(3, c.column).value for c in first_empty if not c.protection.locked]
        if name in ("联系记录", "主动发现", "服务记录"):
            assert tuple(open_cells) == SIDE_FILL_INS[name]
    printed = [c.column for c in book["重点人员"][4] if not c.protection.locked]
    assert [book["重点人员"].cell(3, c).value for c in printed] == list(SIDE_FILL_INS["重点人员"])


def test_the_overdue_matter_is_first_red_and_says_so(book: openpyxl.Workbook) -> None:
    sheet = book["后续办理"]
    assert [cell.value for cell in sheet[4]][:6] == [
        "10000188", "张*", "转介", "医保部门", "已转出", "9月1日　周一\n已逾期4天",
    ]  # fmt: skip
    assert sheet["A4"].font.color.rgb == "FFA61B12" and sheet["A4"].fill.fgColor.rgb == "FFFDECEA"
    assert sheet["A5"].fill.fgColor.rgb != "FFFDECEA"


def test_a_printed_matter_offers_its_own_kinds_events_and_twins_are_told_apart(
    book: openpyxl.Workbook,
) -> None:
    assert offered(book, "后续办理", "G4") == ["已受理", "已答复", "未受理"]
    assert "已见发放" not in offered(book, "后续办理", "G5")  # the system sees it
    assert [book["后续办理"].cell(row, 4).value for row in (5, 6)] == ["低保", "低保（2）"]
    assert "转介" in offered(book, "后续办理", "C8") and "医保部门" in offered(book, "后续办理", "D8")


def test_the_hidden_page_leads_from_what_is_printed_to_what_is_meant(book: openpyxl.Workbook) -> None:
    page = hidden(book)
    assert dict(zip(page["case_no"], page["alert_id"], strict=True)) == {
        "10000177": "20250905-aa-N", "10000188": "20250905-bb-N", "20250905-cc-N": "20250905-cc-N",
    }  # fmt: skip
    assert page["key_no"] == ["K1", "K2"] and len(page["key_digest"]) == 2
    assert page["step_id"] == ["S3", "S1", "S2"] and page["step_kind"] == ["referral", *["application"] * 2]
    assert page["step_case_no"] == ["10000188", "10000177", "10000177"]
    assert dict(zip(page["way_code"], page["way_zh"], strict=True))["phone"] == "电话"
    assert len(page["key_digested"]) == len(page["key_digest"][0].split(" ")) == 5


def test_no_number_of_a_person_stands_in_the_file(book: openpyxl.Workbook) -> None:
    cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value]
    assert not [cell for cell in cells if cell[:1] in "PH" and cell[1:].isdigit()]


def test_the_first_call_says_who_calls_and_what_may_be_refused(book: openpyxl.Workbook) -> None:
    text = "\n".join(str(c.value) for row in book["填写说明"].iter_rows() for c in row if c.value)
    assert "我是石湾社会工作服务站的社工" in text and "不想说的可以不说" in text
    for frightening in ("必须配合", "调查", "核查", "处罚", "骗"):
        assert frightening not in text.split("第一次打电话怎么说")[1]


def test_a_station_without_anything_to_print_says_so(tmp_path: Path) -> None:
    rows = lines().with_columns(town_code=pl.lit(HEADER.town_code))
    sides = side_sheets(AS_OF, CHANGES.clear(), KEY_PERSONS.clear(), MATTERS.clear(), None)
    write_worklist(tmp_path / "list.xlsx", HEADER, worklist_lines(rows, AS_OF), CODES, sides)
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    assert "第一期名单" in book["本期变化"]["A2"].value
    assert book["重点人员"]["A4"].value == "本月没有要探望的重点人员。"
    assert book["后续办理"]["A4"].value == "没有还没办完的事。"
