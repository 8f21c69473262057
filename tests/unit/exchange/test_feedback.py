"""Filled lists coming back: real workbooks, filled as people and other programs fill them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from exchange.answers.feedback import Feedback, read_feedback
from exchange.answers.filling import fill_worklist
from exchange.form import HIDDEN_SHEET
from exchange.lists.compliance import ComplianceHeader
from exchange.lists.worklist import SHEET_NAME
from tests.helpers.lists import AS_OF, CODES, HEADER, SOURCES, header_row, lines, write_checks, write_visits
from zhaoren.errors import ZhaorenError

TODAY = date(2025, 10, 1)
A, B, C = "20250905-aa-N", "20250905-bb-N", "20250905-cc-N"
GOOD: dict[str, object] = {"结果代码": "40", "走访日期": "2025-09-08", "走访人": "甲"}


@pytest.fixture
def handed_out(tmp_path: Path) -> Path:
    write_visits(tmp_path / "out.xlsx", HEADER, lines(), CODES)
    return tmp_path / "out.xlsx"


def edited(path: Path, edit: Callable[[Sheet, int, dict[str, int]], None]) -> Feedback:
    """Open the list in another program, change it there (sheet, first line's row, columns), read it back."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET_NAME]
    head = header_row(sheet)
    edit(sheet, head + 1, {cell.value: cell.column for cell in sheet[head]})
    book.save(path.with_name("back.xlsx"))
    return read_feedback(path.with_name("back.xlsx"), TODAY)


def first(path: Path) -> int:
    """The row of the first line, which is case B."""
    return header_row(openpyxl.load_workbook(path)[SHEET_NAME]) + 1


def filled(path: Path, **cells: object) -> Feedback:
    """The first line (case B) with these cells, code 40 and a good date unless told otherwise."""

    def edit(sheet: Sheet, row: int, columns: dict[str, int]) -> None:
        for heading, value in (GOOD | cells).items():
            sheet.cell(row, columns[heading]).value = value

    return edited(path, edit)


def test_what_the_made_up_worker_fills_in_comes_back(handed_out: Path, tmp_path: Path) -> None:
    answers = pl.DataFrame(
        {
            "alert_id": [A, B],
            "result_code": ["20", "40"],
            "found_date": [date(2025, 9, 8), date(2025, 9, 30)],
            "benefit_id": ["dibao", None],
            "note_zh": ["=1+1 已交表", None],
            "worker": ["甲、乙", "甲"],
        }
    )
    fill_worklist(handed_out, tmp_path / "filled.xlsx", answers)
    fill_worklist(handed_out, tmp_path / "again.xlsx", answers)
    back = read_feedback(tmp_path / "filled.xlsx", TODAY)
    assert back.rows.drop("row_no", "place").sort("alert_id").rows() == answers.rows()
    assert back.problems == []
    assert (back.as_of, back.place_code, back.queue, back.version) == (AS_OF, "440604005", "need", "v1")
    assert (tmp_path / "filled.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "filled.xlsx")[SHEET_NAME]
    codes = [sheet.cell(header_row(sheet) + n, 13).value for n in (1, 2, 3)]
    assert codes == ["40 情况不属实", "20 符合条件，已协助申请", None]
    assert len(sheet.data_validations.dataValidation) == 8


def test_an_answer_for_another_list_is_refused(handed_out: Path, tmp_path: Path) -> None:
    answers = pl.DataFrame({"alert_id": ["x"], "result_code": ["20"], "found_date": [AS_OF]})
    with pytest.raises(ZhaorenError, match="no line of this list"):
        fill_worklist(handed_out, tmp_path / "filled.xlsx", answers)


def test_an_unfilled_line_is_no_outcome(handed_out: Path) -> None:
    back = filled(handed_out)
    assert back.rows.get_column("alert_id").to_list() == [B]
    assert back.problems == []
    assert read_feedback(handed_out, TODAY).rows.is_empty()


@pytest.mark.parametrize(
    "typed", ["20", 20, 20.0, "２０", " 20 ", "20 符合条件，已协助申请", "20-符合", "符合条件，已协助申请"]
)
def test_codes_are_taken_however_typed(handed_out: Path, typed: object) -> None:
    back = filled(handed_out, 结果代码=typed, 协助申请的政策="低保")
    assert (back.rows["result_code"].to_list(), back.problems) == (["20"], [])
    assert back.rows["benefit_id"].to_list() == ["dibao"]


@pytest.mark.parametrize("typed", ["99", "2", "200", "40.5", "看了", "90"])
def test_unknown_codes_are_problems_not_crashes(handed_out: Path, typed: str) -> None:
    back = filled(handed_out, 结果代码=typed)
    assert back.rows.is_empty()
    assert "不在代码表里" in back.problems[0]


@pytest.mark.parametrize(
    "typed",
    [
        datetime(2025, 9, 8),  # noqa: DTZ001
        date(2025, 9, 8), "2025-09-08", "2025/9/8", "2025.9.8", "2025年9月8日",
        "20250908", 45908, "9月8日", "9月8号", "２０２５－０９－０８", "2025-09-08 10:30:00",
    ],
)  # fmt: skip
def test_dates_are_taken_however_typed(handed_out: Path, typed: object) -> None:
    back = filled(handed_out, 走访日期=typed)
    assert (back.rows["found_date"].to_list(), back.problems) == ([date(2025, 9, 8)], [])


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("2025-10-02", "晚于今天"),
        ("2025-09-04", "早于名单日期"),
        ("9月1日", "早于名单日期"),
        ("2025-02-30", "看不懂"),
        ("上周二", "看不懂"),
        (9.1, "早于名单日期"),  # in a date cell Excel reads it as 9 January 1900
        (20250908, "看不懂"),
        (None, "没有填日期"),
    ],
)
def test_doubtful_dates_are_refused_with_the_row_number(handed_out: Path, typed: object, why: str) -> None:
    back = filled(handed_out, 走访日期=typed)
    assert back.rows.is_empty()
    assert back.problems[0].startswith(f"第{first(handed_out)}行：") and why in back.problems[0]


def test_a_date_without_a_year_falls_after_the_list_over_new_year(tmp_path: Path) -> None:
    header = type(HEADER)(**{**HEADER.__dict__, "as_of": date(2025, 12, 5)})
    write_visits(tmp_path / "out.xlsx", header, lines(), CODES)
    answers = pl.DataFrame(
        {"alert_id": [B], "result_code": ["40"], "found_date": ["1月3日"], "worker": ["甲"]}
    )
    fill_worklist(tmp_path / "out.xlsx", tmp_path / "filled.xlsx", answers)
    back = read_feedback(tmp_path / "filled.xlsx", date(2026, 1, 5))
    assert back.rows["found_date"].to_list() == [date(2026, 1, 3)]


def test_a_line_filled_without_a_code_is_told(handed_out: Path) -> None:
    back = filled(handed_out, 结果代码=None, 说明="已上门")
    assert back.rows.is_empty()
    assert back.problems == [f"第{first(handed_out)}行：填了内容，但没有选结果代码，本行未收。"]


def test_an_outcome_stands_though_its_policy_is_missing_or_unknown(handed_out: Path) -> None:
    for typed, told in ((None, "没有选是哪项政策"), ("养老金", "不在可选范围")):
        back = filled(handed_out, 结果代码="20", 协助申请的政策=typed)
        assert back.rows["benefit_id"].to_list() == [None]
        assert told in back.problems[0] and "结果已收下" in back.problems[0]


def test_columns_may_stand_in_another_order(handed_out: Path) -> None:
    def reorder(sheet: Sheet, row: int, columns: dict[str, int]) -> None:
        for heading, value in GOOD.items():
            sheet.cell(row, columns[heading]).value = value
        for r in range(row - 1, row + 3):
            values = [sheet.cell(r, c).value for c in range(1, 18)]
            for c, value in enumerate(reversed(values), start=1):
                sheet.cell(r, c).value = value

    back = edited(handed_out, reorder)
    assert back.rows.select("alert_id", "result_code", "row_no").rows() == [(B, "40", first(handed_out))]
    assert back.problems == []


def test_an_altered_case_number_is_told_and_its_line_refused(handed_out: Path) -> None:
    back = filled(handed_out, 个案编号="20250905-zz-N")
    assert back.rows.is_empty()
    assert back.problems[0].startswith("原名单的1号在交回的表里找不到")
    assert back.problems[1].startswith(f"第{first(handed_out)}行：个案编号不在这份名单里")


def test_swapped_and_doubled_case_numbers_are_told(handed_out: Path) -> None:
    swapped = filled(handed_out, 个案编号=A)
    assert swapped.rows.is_empty()
    assert any("与序号对不上" in problem for problem in swapped.problems)

    def double(code: str) -> Callable[[Sheet, int, dict[str, int]], None]:
        def edit(sheet: Sheet, row: int, columns: dict[str, int]) -> None:
            for column in columns.values():
                sheet.cell(row + 1, column).value = sheet.cell(row, column).value
            for heading, value in GOOD.items():
                sheet.cell(row, columns[heading]).value = value
                sheet.cell(row + 1, columns[heading]).value = code if heading == "结果代码" else value

        return edit

    same = edited(handed_out, double("40 情况不属实"))
    row = first(handed_out)
    assert same.rows["row_no"].to_list() == [row] and same.repeated_cnt == 1
    other = edited(handed_out, double("20"))
    assert other.rows.is_empty()
    told = [
        p
        for p in other.problems
        if f"同一个个案编号填了2处（第{row}行、第{row + 1}行），内容不一样，都未收" in p
    ]
    assert [p[:4] for p in told] == [f"第{row}行：", f"第{row + 1}行："]


def test_a_deleted_line_is_told(handed_out: Path) -> None:
    back = edited(handed_out, lambda sheet, row, columns: sheet.delete_rows(row + 1))
    assert back.problems == ["原名单的2号在交回的表里找不到（行被删除或编号被改动），按未走访处理。"]


def test_numbers_of_people_in_a_note_are_refused_and_never_quoted(handed_out: Path) -> None:
    back = filled(handed_out, 说明="证号440102199001011234，电话13812345678")
    assert back.rows.is_empty()
    assert back.problems == [
        f"第{first(handed_out)}行：“说明”里有身份证号、电话或银行卡号，请删去后再交，本行未收。"
    ]
    told = filled(handed_out, 结果代码="440102199001011234")
    assert "440102" not in "".join(told.problems)


def test_files_that_are_not_our_lists_are_refused_in_words(handed_out: Path, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("not a workbook", encoding="utf-8")
    with pytest.raises(ZhaorenError, match="打不开"):
        read_feedback(tmp_path / "text.xlsx", TODAY)
    book = openpyxl.load_workbook(handed_out)
    del book[HIDDEN_SHEET]
    book.save(tmp_path / "bare.xlsx")
    with pytest.raises(ZhaorenError, match="校验页丢了"):
        read_feedback(tmp_path / "bare.xlsx", TODAY)
    book = openpyxl.load_workbook(handed_out)
    book[HIDDEN_SHEET]["B4"].value = "last week"
    book.save(tmp_path / "altered.xlsx")
    with pytest.raises(ZhaorenError, match="校验页被改动"):
        read_feedback(tmp_path / "altered.xlsx", TODAY)


def test_a_list_without_lines_comes_back_empty(tmp_path: Path) -> None:
    write_visits(tmp_path / "none.xlsx", HEADER, lines().clear(), CODES)
    back = read_feedback(tmp_path / "none.xlsx", TODAY)
    assert back.rows.is_empty() and back.problems == []


def test_the_checking_list_comes_back_too_and_says_which_queue_it_is(tmp_path: Path) -> None:
    header = ComplianceHeader("440604", "禅城区", AS_OF, sources=SOURCES)
    write_checks(tmp_path / "c.xlsx", header, lines())
    answers = pl.DataFrame(
        {"alert_id": [A], "result_code": ["70"], "found_date": [date(2025, 9, 9)], "worker": ["丙"]}
    )
    fill_worklist(tmp_path / "c.xlsx", tmp_path / "filled.xlsx", answers)
    back = read_feedback(tmp_path / "filled.xlsx", TODAY)
    assert (back.queue, back.place_code, back.problems) == ("compliance", "440604", [])
    assert back.rows.select("alert_id", "result_code", "worker").rows() == [(A, "70", "丙")]
