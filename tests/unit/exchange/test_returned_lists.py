"""Filled lists as outsiders handed them back: whatever was done to it, nothing is guessed or dropped."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from exchange.answers import opening
from exchange.answers.feedback import read_feedback
from exchange.answers.notes import note_faults
from exchange.answers.typed_cells import read_code, read_date
from exchange.form import HIDDEN_SHEET
from exchange.lists.worklist import SHEET_NAME
from tests.helpers.lists import CODES, HEADER, columns_of, header_row, lines, write_visits
from tests.helpers.returned import RECEIVED, A, B, C, codes_of, fill, read_back, returned, with_line
from zhaoren.errors import ZhaorenError

CASES = Path(__file__).parents[2] / "data" / "cases"
OFFERED = dict(CODES.rows()) | {"22": "转介其他部门", "30": "情况属实但不符合政策"}
FILL_IN_COLUMNS = range(13, 18)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("made") / "out.xlsx"
    offered = pl.DataFrame({"code": list(OFFERED), "zh": list(OFFERED.values())})
    write_visits(path, HEADER, lines(), offered)
    return path.read_bytes()


@pytest.fixture
def handed_out(made: bytes, tmp_path: Path) -> Path:
    (tmp_path / "out.xlsx").write_bytes(made)
    return tmp_path / "out.xlsx"


def copy_sheet(book: Workbook, title: str, place: int | None = None) -> Sheet:
    copy = book.copy_worksheet(book[SHEET_NAME])
    copy.title = title
    if place is not None:
        book.move_sheet(copy, offset=place - book.index(copy))
    return copy


@pytest.mark.parametrize("place", [None, 0])
def test_a_filled_copy_is_read_wherever_it_stands(handed_out: Path, place: int | None) -> None:
    """tried §1 case 26: filled copy behind the empty original, or before it."""

    def edit(book: Workbook, _: Sheet) -> None:
        fill(copy_sheet(book, "走访名单 (2)", place), 1)

    back = read_back(handed_out, edit)
    assert back.rows["alert_id"].to_list() == [B] and back.problems == []
    assert (back.sheets_read, back.filled_cnt) == (2, 1)


def test_an_empty_copy_in_front_hides_nothing(handed_out: Path) -> None:
    """tried §1 case 26."""

    def edit(book: Workbook, sheet: Sheet) -> None:
        copy_sheet(book, "空", 0)
        fill(sheet, 2)

    assert read_back(handed_out, edit).rows["alert_id"].to_list() == [A]


def test_two_filled_sheets_add_up_and_what_they_say_twice_counts_once(handed_out: Path) -> None:
    """tried §1 case 26: both filled, the second dropped."""

    def edit(book: Workbook, sheet: Sheet) -> None:
        copy = copy_sheet(book, "走访名单 (2)")
        fill(sheet, 1)
        fill(copy, 1, 结果代码="40 情况不属实", 走访日期="2025年9月8号")
        fill(copy, 3)

    back = read_back(handed_out, edit)
    assert back.rows["alert_id"].to_list() == [B, C] and back.problems == []
    assert (back.filled_cnt, back.repeated_cnt) == (3, 1)


def test_a_copy_that_says_otherwise_is_told_for_both(handed_out: Path) -> None:
    """tried §1 case 26, §8 B1: the same case twice with other answers."""

    def edit(book: Workbook, sheet: Sheet) -> None:
        copy = copy_sheet(book, "备份")
        fill(sheet, 1)
        fill(copy, 1, 结果代码="20")

    back = read_back(handed_out, edit)
    assert back.rows.is_empty() and codes_of(back) == ["case_twice"] * 2
    row = back.found[0].row_no
    assert back.problems[1].startswith(f"第4张工作表第{row}行：") and "内容不一样，都未收" in back.problems[1]


def test_another_sheet_with_something_on_it_is_named(handed_out: Path) -> None:
    def edit(book: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        book.create_sheet("随记")["A1"].value = "周三再去一次"
        book.create_sheet("空表")

    back = read_back(handed_out, edit)
    assert (
        back.rows.height == 1
        and codes_of(back) == ["sheet_not_read"]
        and back.problems[0].startswith("第4张工作表")
    )


@pytest.mark.parametrize("renamed", ["结果代码", "走访日期", "说明", "走访人", "协助申请的政策", "个案编号"])
def test_a_renamed_heading_is_named_and_its_sheet_not_read(handed_out: Path, renamed: str) -> None:
    """tried §8 B1: a heading renamed dropped its column in silence."""

    def edit(book: Workbook, _: Sheet) -> None:
        sheet = copy_sheet(book, "改过的")
        fill(sheet, 1, 说明="已交表", 协助申请的政策="低保")
        sheet.cell(header_row(sheet), columns_of(sheet)[renamed]).value = "另一个名字"

    back = read_back(handed_out, edit)
    assert back.rows.is_empty()
    assert codes_of(back)[0] in ("heading_renamed", "headings_altered") and f"“{renamed}”" in back.problems[0]


def test_a_heading_that_stands_twice_or_is_new_is_named(handed_out: Path) -> None:
    def add(heading: str) -> Callable[[Workbook, Sheet], None]:
        def edit(_: Workbook, sheet: Sheet) -> None:
            fill(sheet, 1)
            sheet.cell(header_row(sheet), 18).value = heading
            sheet.cell(header_row(sheet) + 1, 18).value = "30"

        return edit

    twice, new = read_back(handed_out, add("结果代码")), read_back(handed_out, add("备注"))
    assert (twice.rows.height, codes_of(twice)) == (0, ["heading_twice"])
    assert (new.rows.height, codes_of(new)) == (1, ["column_not_read"]) and "“备注”" in new.problems[0]


@pytest.mark.parametrize(
    "typed",
    [
        "20、22",
        "22+23",
        "20（未办成，改30）",
        "20/30",
        "20或30",
        "20,22",
        "20 和 22",
        "20;30",
        "40\n30",
        "20 22",
        "2 0",
        "20～22",
        "40→30",
    ],
)
def test_two_codes_in_a_cell_are_asked_back(typed: str) -> None:
    """tried §1 case 27: the first of two codes was taken."""
    code, fault = read_code(typed, OFFERED)
    assert code is None and fault and fault.code == "two_codes"


@pytest.mark.parametrize(
    "typed",
    [
        "20 情况不属实",
        "40 符合条件，已协助申请",
        "20？",
        "20?",
        "编码20",
        "不是20",
        "20 未办",
        "20 不符合条件",
        "约20",
        "20 符合条件？",
        "符合条件，已协助申请？",
        "20-",
        "20 符",
        "情况不属实20",
    ],
)
def test_a_code_with_other_words_is_asked_back(typed: str) -> None:
    """tried §1 case 27: words of another code, or a doubt."""
    assert read_code(typed, OFFERED)[0] is None


@pytest.mark.parametrize(
    "typed",
    [
        "20",
        "２０",
        "20.0",
        " 20 ",
        "20。",
        "20 符合条件，已协助申请",
        "20（符合条件，已协助申请）",
        "20　符合条件",
    ],
)
def test_one_plain_code_is_taken(typed: str) -> None:
    """tried §1 case 27: full-width digits and its own words lose nothing."""
    assert read_code(typed, OFFERED) == ("20", None)


@pytest.mark.parametrize(
    ("typed", "is_1904", "day"),
    [
        ("2025年10月9号", False, 9),
        ("10月9号", False, 9),
        ("10月9日上午", False, 9),
        ("2025-10-9 下午", False, 9),
        ("45939", False, 9),
        ("44477", True, 9),
        ("2025 10 09", False, 9),
        ("2025-10-09T23:59:59.99", False, 9),
        ("2025-10-08T16:00:00Z", False, 9),
        ("2025-10-09T00:00:00+08:00", False, 9),
        ("2025.10.9-10.12", False, None),
        ("2025-10-09、2025-10-12", False, None),
        ("25-10-9", False, None),
        ("10/9/2025", False, None),
        ("10-09", False, None),
        ("2025年10月", False, None),
        ("2025-10-09 10:30、10-12", False, None),
        ("9号", False, None),
        ("10月9日、12日", False, None),
    ],
)
def test_one_day_is_read_and_anything_else_asked_back(typed: str, is_1904: bool, day: int | None) -> None:
    """tried §1 case 28: 号 with a year too; never another day."""
    read = read_date(typed, date(2025, 9, 5), date(2025, 11, 1), is_1904)
    assert read == (date(2025, 10, day) if day else None)


def test_a_day_without_a_year_never_depends_on_a_right_clock() -> None:
    """tried §8 B1: a date without a year and a wrong clock were an internal error."""
    assert read_date("10月9日", date(2025, 9, 5), date(2020, 1, 1)) == date(2025, 10, 9)
    assert read_date("2月30日", date(2025, 9, 5), date(2020, 1, 1)) is None
    assert read_date("10月9日", date(2024, 9, 5), date(2025, 11, 1)) is None  # either year may be meant


def test_a_list_from_tomorrow_is_told_as_a_wrong_clock(handed_out: Path) -> None:
    """tried §8 B1."""
    with pytest.raises(ZhaorenError, match="早于名单日期") as refused:
        read_feedback(returned(handed_out, with_line(走访日期="10月9日")), date(2020, 1, 1))
    assert refused.value.code == "wrong_clock"


@pytest.mark.parametrize("name", ["list.xls", "LIST.XLSX", "list.et", "list"])
def test_a_workbook_is_known_by_its_content(handed_out: Path, name: str) -> None:
    """tried §1 case 28: XLSX called .xls."""
    path = returned(handed_out, with_line())
    assert read_feedback(path.rename(path.with_name(name)), RECEIVED).rows["alert_id"].to_list() == [B]


def test_an_old_workbook_called_xlsx_is_read() -> None:
    """tried §1 case 28: XLS called .xlsx, made with an earlier version: no digests, no list of headings."""
    back = read_feedback(CASES / "28" / "list_xls_named.xlsx", RECEIVED)
    assert back.rows["result_code"].to_list() == ["40"] * 3 and back.problems == []


def test_dates_of_a_1904_workbook_are_its_own(handed_out: Path) -> None:
    """tried §1 case 28: date cells and bare serials."""

    def edit(book: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1, 走访日期=date(2025, 9, 8))
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904  # type: ignore[assignment]
        fill(sheet, 2, 走访日期="44446")

    assert read_back(handed_out, edit).rows["found_date"].to_list() == [date(2025, 9, 8)] * 2


@pytest.mark.parametrize("heading", ["结果代码", "走访日期", "走访人"])
def test_a_formula_is_asked_back(handed_out: Path, heading: str) -> None:
    """tried §1 case 28: a formula as code; =TODAY() would be another day tomorrow."""
    back = read_back(handed_out, with_line(**{heading: "=M9"}))
    assert back.rows.is_empty() and codes_of(back) == ["formula"] and f"“{heading}”" in back.problems[0]


def test_merged_cells_are_told_for_every_household(handed_out: Path) -> None:
    """tried §8 case 46 merged: one result over several households."""

    def edit(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        top = header_row(sheet) + 1
        for column in FILL_IN_COLUMNS:
            sheet.merge_cells(start_row=top, end_row=top + 1, start_column=column, end_column=column)
        fill(sheet, 3)

    back = read_back(handed_out, edit)
    assert back.rows["alert_id"].to_list() == [C]
    assert codes_of(back) == ["merged", "merged"] and back.filled_cnt == 3


@pytest.mark.parametrize(("first", "last"), [(3, 20), (3, 12), (7, 20), (10, 20)])
def test_columns_sorted_without_the_case_numbers_are_told(handed_out: Path, first: int, last: int) -> None:
    """tried §8 case 46 sorted_cq: results booked on other households."""

    def edit(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        fill(sheet, 2, 结果代码="20", 协助申请的政策="低保")
        top = header_row(sheet) + 1
        rows = [[sheet.cell(top + n, c).value for c in range(first, last + 1)] for n in (2, 1, 0)]
        for place, values in enumerate(rows):
            for column, value in enumerate(values, start=first):
                sheet.cell(top + place, column).value = value

    back = read_back(handed_out, edit)
    moved = back.rows.filter(pl.col("alert_id") != A)  # the middle of three stays where it was
    assert moved.is_empty() and "line_moved" in codes_of(back)


def test_answers_sorted_alone_are_told_by_what_the_sheet_remembers(handed_out: Path) -> None:
    def edit(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        top = header_row(sheet) + 1
        sheet.auto_filter.ref = f"M{top - 1}:Q{top + 2}"
        sheet.auto_filter.add_sort_condition(f"M{top}:M{top + 2}")

    back = read_back(handed_out, edit)
    assert back.rows.is_empty() and codes_of(back) == ["sorted_apart"] and back.filled_cnt == 1


def test_a_list_sorted_as_a_whole_is_read(handed_out: Path) -> None:
    def edit(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        fill(sheet, 3, 结果代码="10")
        top = header_row(sheet) + 1
        rows = [[sheet.cell(top + n, c).value for c in range(1, 18)] for n in (2, 1, 0)]
        for place, values in enumerate(rows):
            for column, value in enumerate(values, start=1):
                sheet.cell(top + place, column).value = value

    back = read_back(handed_out, edit)
    assert dict(back.rows.select("alert_id", "result_code").rows()) == {B: "40", C: "10"}
    assert back.problems == []


def test_a_list_without_digests_is_still_read(handed_out: Path) -> None:
    """Lists made before the digests have neither them nor the headings on their hidden page."""

    def edit(book: Workbook, sheet: Sheet) -> None:
        book[HIDDEN_SHEET].delete_cols(10, 3)
        fill(sheet, 1)

    back = read_back(handed_out, edit)
    assert back.rows["alert_id"].to_list() == [B] and back.problems == []


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "XFD1"])
def test_a_stray_cell_far_away_costs_no_memory_and_is_told(handed_out: Path, place: str) -> None:
    """tried §8 case 46 far: memory ran out."""

    def edit(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        sheet[place].value = "x"

    back = read_back(handed_out, edit)
    assert back.rows["alert_id"].to_list() == [B] and codes_of(back) == ["far_cells"]


def test_more_text_than_a_list_has_is_refused(handed_out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """tried §8 case 46 far: the bounds of deliveries hold here, too; shared texts count as often as used."""
    monkeypatch.setattr(opening, "MOST_TEXT_CHARACTERS", 1000)
    with pytest.raises(ZhaorenError, match="打不开") as refused:
        read_feedback(handed_out, RECEIVED)
    assert "characters" in refused.value.why


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_UNPACKED_BYTES", 1_000_000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b" " * 3_000_000)
    with pytest.raises(ZhaorenError, match="打不开") as refused:
        read_feedback(tmp_path / "bomb.xlsx", RECEIVED)
    assert "unpacks" in refused.value.why


@pytest.mark.parametrize(
    "note",
    [
        "身份证440102199001011234",
        "440102900101123",
        "440102 19900101 123X",
        "４４０１０２１９９００１０１１２３４",
        "电话13812345678",
        "138-1234-5678",
        "138 1234 5678",
        "1 3 8 1 2 3 4 5 6 7 8",
        "0757-82345678",
        "电话 2345678",
        "一三八一二三四五六七八",
        "卡号6222020012345678",
        "6222 0200 1234 5678 901",
    ],
)
def test_a_number_of_a_person_in_a_note_is_refused(note: str) -> None:
    """tried §3: an ID number, a phone, a bank card in 说明 was taken in silence."""
    (fault,) = note_faults(note, "说明")
    assert fault.code == "forbidden_number" and not re.search(r"\d{3}|一三", fault.text)


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("户主患肺癌晚期", "forbidden_illness"),
        ("有糖尿病", "forbidden_illness"),
        ("精神分裂症", "forbidden_illness"),
        ("儿子在服刑", "forbidden_crime"),
        ("被判刑三年", "forbidden_crime"),
        ("关在看守所", "forbidden_crime"),
        ("丈夫家暴", "forbidden_violence"),
        ("孩子挨 打", "forbidden_violence"),
        ("走" * 61, "note_too_long"),
    ],
)
def test_what_the_guide_forbids_in_a_note_is_refused_unquoted(note: str, code: str) -> None:
    """tried §3: an illness or a sentence in 说明 was taken in silence."""
    (fault,) = note_faults(note, "说明")
    assert fault.code == code and "本行未收" in fault.text and note[2:] not in fault.text


@pytest.mark.parametrize(
    "note",
    [
        "",
        None,
        "已转区医保局",
        "2025-09-10、2025-09-12 各去一次",
        "20250910 20250912",
        "已申请大病救助，每月1200元",
        "门诊慢性病已办",
        "已按第十一条报告 2025-09-10 10:30",
        "12345678.5元",
        "转镇社会事务办，拨打12345",
    ],
)
def test_plain_notes_are_taken(note: str | None) -> None:
    assert note_faults(note, "说明") == []


def test_a_number_in_another_cell_is_never_quoted(handed_out: Path) -> None:
    back = read_back(handed_out, with_line(结果代码="440102 19900101 1234", 走访日期="138 1234 5678"))
    assert back.rows.is_empty() and "4401" not in str(back.problems) and "138" not in str(back.problems)


def test_a_refused_note_is_named_by_row_and_other_rows_are_taken(handed_out: Path) -> None:
    """tried §3: forbidden content is refused on return, with the row."""

    def edit(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1, 说明="电话13812345678")
        fill(sheet, 2, 走访人="李 13812345678")
        fill(sheet, 3, 说明="已交表")

    back = read_back(handed_out, edit)
    assert back.rows.select("alert_id", "note_zh").rows() == [(C, "已交表")]
    assert codes_of(back) == ["forbidden_number"] * 2 and "1381" not in "".join(back.problems)


@pytest.mark.parametrize(("note", "is_taken"), [(None, False), ("—", False), ("已转区医保局", True)])
def test_a_referral_says_to_whom(handed_out: Path, note: str | None, is_taken: bool) -> None:
    """tried §3: code 22 without to whom."""
    back = read_back(handed_out, with_line(结果代码="22", 说明=note))
    assert (not back.rows.is_empty()) == is_taken and codes_of(back) == ([] if is_taken else ["note_missing"])


@pytest.mark.parametrize("worker", [None, "/", "无", "同上", "1"])
def test_every_result_has_a_visitor(handed_out: Path, worker: str | None) -> None:
    """tried §3: a missing 走访人 was taken in silence."""
    back = read_back(handed_out, with_line(走访人=worker))
    assert back.rows.is_empty() and codes_of(back) == ["no_worker"] and "没有填走访人" in back.problems[0]


def test_the_sheet_says_what_the_reader_demands(handed_out: Path) -> None:
    """What is refused on return stands on the sheet: in the drop-down, beside the cell, on the help page."""
    book = openpyxl.load_workbook(handed_out)
    rules = {
        str(rule.promptTitle or rule.errorTitle): rule
        for rule in book[SHEET_NAME].data_validations.dataValidation
    }
    assert rules["说明"].type == "textLength" and rules["说明"].formula1 == "60"
    assert "22" in str(rules["说明"].prompt) and "病名" in str(rules["说明"].prompt)
    assert "必填" in str(rules["走访人"].prompt)
    assert {rules["结果代码"].type, rules["日期"].type} == {"list", "date"}
    help_page = "".join(
        str(cell.value) for row in book.worksheets[1].iter_rows() for cell in row if cell.value
    )
    for said in (
        "走访人（两人同行写两个名字）",
        "选 22 的",
        "只填一个",
        "身份证号、电话、银行卡号、病名",
        "不超过 60 个字",
    ):
        assert said in help_page
