"""The identity review: looked at with another reader (openpyxl), filled in as people fill it, read back."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from exchange.answers.given import list_kind
from exchange.answers.identity_answers import Decided, read_review
from exchange.answers.opening import open_list
from exchange.form import HIDDEN_SHEET
from exchange.lists.identity_review import OTHER, QUEUE, SHEET_NAME, SIDE, write_review
from tests.helpers.lists import CODES, HEADER, columns_of, header_row, write_visits
from tests.helpers.lists import lines as visits
from zhaoren.errors import ZhaorenError

AS_OF, TODAY = date(2025, 9, 5), date(2025, 10, 1)
GOOD = {"结论": "同一人", "依据": "查了户籍", "核对人": "甲", "核对日期": "2025-09-08"}

KNOWN = ("已知人员", "张三丰", "男", date(1961, 5, 3), "440604196105031234", "永安村", "户主：张三丰")
PAIRS = {
    "Qaaaaaaaaaa": (
        "faulty_number", "证件号差一位。",
        ("公安部门　户籍人口", "欧阳小红", "女", date(2015, 12, 30), "44060420151230122X", "东升社区", None),
        ("教育部门　学生资助", "欧阳小红", "女", date(2015, 12, 30), "44060420151203122X", "东升社区", None),
    ),
    "Qbbbbbbbbbb": (
        "missing_number", "姓名读音相同；未填证件号。",
        ("残联　残疾人证", "张三锋", None, date(1961, 3, 5), None, "永安村", "户主：张三丰"), KNOWN,
    ),
    "Qcccccccccc": (
        "missing_number", "=1+1 姓名相同",
        ("医保部门　医疗费用结算明细", "=张三丰", "男", None, "4.40604E+17", None, None), KNOWN,
    ),
}  # fmt: skip


def pairs(*cases: str) -> pl.DataFrame:
    """The pairs of the named cases (default: all), in any order."""
    kinds = {name: pl.Date if name.endswith("birth_date") else pl.String for name in (*SIDE, *OTHER)}
    rows = [(case, *PAIRS[case][:2], *PAIRS[case][2], *PAIRS[case][3]) for case in cases or PAIRS]
    schema = {"case_id": pl.String, "question_kind": pl.String, "reason_zh": pl.String, **kinds}
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.fixture
def handed_out(tmp_path: Path) -> Path:
    write_review(tmp_path / "out.xlsx", pairs(), AS_OF, "v1")
    return tmp_path / "out.xlsx"


def edited(path: Path, edit: Callable[[Sheet, int, dict[str, int]], None], today: date = TODAY) -> Decided:
    """Open the sheet in another program, change it there (sheet, first line's row, columns), read it back."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET_NAME]
    edit(sheet, header_row(sheet) + 1, columns_of(sheet))
    book.save(path.with_name("back.xlsx"))
    return read_review(path.with_name("back.xlsx"), today)


def filled(path: Path, *lines: dict[str, object]) -> Decided:
    """The first lines with these cells; what is not named is filled as it should be."""

    def edit(sheet: Sheet, row: int, columns: dict[str, int]) -> None:
        for place, cells in enumerate(lines):
            for heading, value in (GOOD | cells).items():
                sheet.cell(row + 2 * place, columns[heading]).value = value

    return edited(path, edit)


def shown(path: Path) -> list[dict[str, object]]:
    """Every row of the sheet below the headings, by heading."""
    sheet = openpyxl.load_workbook(path)[SHEET_NAME]
    head, columns = header_row(sheet), columns_of(sheet)
    rows = range(head + 1, head + 7)
    return [{name: sheet.cell(row, place).value for name, place in columns.items()} for row in rows]


# ---- what is on the sheet ----


def test_both_records_stand_one_above_the_other(handed_out: Path) -> None:
    upper, lower = shown(handed_out)[2:4]
    assert (upper["序号"], upper["个案编号"], upper["为什么问"]) == ("2", "Qcccccccccc", "'=1+1 姓名相同")
    assert (lower["序号"], lower["个案编号"], lower["为什么问"]) == (None, None, None)
    assert [row["记录"] for row in shown(handed_out)] == ["甲", "乙"] * 3
    names = ("来源", "姓名", "性别", "出生日期", "证件号（原样）", "村（社区）", "户")
    assert [lower[name] for name in names] == [
        "已知人员", "张三丰", "男", "1961-05-03", "440604196105031234", "永安村", "户主：张三丰",
    ]  # fmt: skip
    assert [upper[name] for name in names] == [
        "医保部门　医疗费用结算明细", "'=张三丰", "男", "（空）", "4.40604E+17", "（空）", "（空）",
    ]  # fmt: skip


def test_lines_of_one_kind_and_village_stand_together_and_no_score_is_shown(handed_out: Path) -> None:
    assert [row["个案编号"] for row in shown(handed_out)[::2]] == [
        "Qaaaaaaaaaa",
        "Qcccccccccc",
        "Qbbbbbbbbbb",
    ]
    scored = pairs().with_columns(probability=pl.lit(0.987), match_weight=pl.lit(12.5), tier=pl.lit(3))
    write_review(handed_out.with_name("scored.xlsx"), scored, AS_OF, "v1")
    assert handed_out.with_name("scored.xlsx").read_bytes() == handed_out.read_bytes()


def test_what_differs_is_marked_letter_by_letter_and_what_is_unknown_is_not(handed_out: Path) -> None:
    sheet = openpyxl.load_workbook(handed_out, rich_text=True)[SHEET_NAME]
    head, columns = header_row(sheet), columns_of(sheet)

    def marked(row: int, heading: str) -> str:
        value = sheet.cell(head + row, columns[heading]).value
        if isinstance(value, str):
            return value if sheet.cell(head + row, columns[heading]).font.u else ""
        return "".join(str(piece) for piece in value if not isinstance(piece, str) and piece.font.u)

    assert (marked(1, "证件号（原样）"), marked(2, "证件号（原样）")) == ("30", "03")
    assert (marked(5, "姓名"), marked(6, "姓名")) == ("锋", "丰")
    assert (marked(5, "出生日期"), marked(6, "出生日期")) == ("35", "53")
    assert marked(3, "证件号（原样）") == "4.40604E+17"  # of another length: as a whole
    unknown = [(5, "性别"), (6, "性别"), (5, "证件号（原样）"), (6, "证件号（原样）"), (3, "出生日期")]
    assert [marked(*place) for place in unknown] == [""] * 5
    same = [(1, "姓名"), (2, "姓名"), (1, "来源"), (2, "来源"), (5, "户")]
    assert [marked(*place) for place in same] == [""] * 5


def test_only_the_answers_are_unlocked_and_chosen_from_a_list(handed_out: Path) -> None:
    sheet = openpyxl.load_workbook(handed_out)[SHEET_NAME]
    row, columns = header_row(sheet) + 1, columns_of(sheet)
    assert sheet.protection.sheet
    unlocked = {name for name, place in columns.items() if not sheet.cell(row, place).protection.locked}
    assert unlocked == set(GOOD)
    ranges = {str(merged) for merged in sheet.merged_cells.ranges}
    for name in (*GOOD, "为什么问", "个案编号"):
        letter = sheet.cell(row, columns[name]).column_letter
        assert f"{letter}{row}:{letter}{row + 1}" in ranges, name
    listed = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert len(listed) == 1 and listed[0].formula1 == f"'{HIDDEN_SHEET}'!$G$2:$G$4"
    hidden = openpyxl.load_workbook(handed_out)[HIDDEN_SHEET]
    assert [hidden.cell(n, 7).value for n in (2, 3, 4)] == ["1 同一人", "2 不是同一人", "3 无法判断"]
    assert hidden.sheet_state == "veryHidden"


def test_it_prints_on_a4_across_with_no_pair_cut_in_two(tmp_path: Path) -> None:
    many = pl.concat([pairs().with_columns(pl.col("case_id") + f"{n:03}") for n in range(20)])
    write_review(tmp_path / "many.xlsx", many, AS_OF, "v1")
    sheet = openpyxl.load_workbook(tmp_path / "many.xlsx")[SHEET_NAME]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    first = header_row(sheet) + 1
    breaks = [mark.id for mark in sheet.row_breaks.brk]
    assert len(breaks) >= 5
    assert all((row + 1 - first) % 2 == 0 for row in breaks)  # after a lower row
    assert max(b - a for a, b in zip(breaks, breaks[1:], strict=False)) <= 24


def test_the_file_is_its_owners_alone_and_the_same_every_time(handed_out: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(handed_out.stat().st_mode) == 0o600
    write_review(tmp_path / "again.xlsx", pairs(*reversed(PAIRS)), AS_OF, "v1")
    assert (tmp_path / "again.xlsx").read_bytes() == handed_out.read_bytes()


def test_a_date_without_questions_says_so(tmp_path: Path) -> None:
    write_review(tmp_path / "none.xlsx", pairs().clear(), AS_OF)
    sheet = openpyxl.load_workbook(tmp_path / "none.xlsx")[SHEET_NAME]
    assert "本期没有需要核对的记录" in str(sheet.cell(header_row(sheet) + 1, 1).value)
    back = read_review(tmp_path / "none.xlsx", TODAY)
    assert back.rows.is_empty() and back.problems == []


def test_a_frame_without_all_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError, match="other_name"):
        write_review(tmp_path / "x.xlsx", pairs().drop("other_name"), AS_OF)


def test_the_hidden_page_tells_the_kinds_of_lists_apart(handed_out: Path, tmp_path: Path) -> None:
    write_visits(tmp_path / "visits.xlsx", HEADER, visits(), CODES)
    assert (list_kind(open_list(handed_out)), list_kind(open_list(tmp_path / "visits.xlsx"))) == (
        QUEUE,
        "need",
    )


# ---- what comes back ----


def test_a_filled_sheet_comes_back(handed_out: Path) -> None:
    unsigned: dict[str, object] = {"结论": "3", "依据": None, "核对日期": date(2025, 9, 30)}
    back = filled(handed_out, {}, {"结论": "不是同一人", "核对人": "乙"}, unsigned)
    assert back.problems == []
    assert back.rows.drop("row_no").rows() == [
        ("Qaaaaaaaaaa", "same", "查了户籍", "甲", date(2025, 9, 8)),
        ("Qcccccccccc", "different", "查了户籍", "乙", date(2025, 9, 8)),
        ("Qbbbbbbbbbb", "unsure", None, "甲", date(2025, 9, 30)),
    ]
    assert back.rows["row_no"].to_list() == [6, 8, 10]
    assert (back.as_of, back.version) == (AS_OF, "v1")


def test_an_unfilled_sheet_decides_nothing(handed_out: Path) -> None:
    back = read_review(handed_out, TODAY)
    assert back.rows.is_empty() and back.problems == []


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        ("同一人", "same"), ("1 同一人", "same"), ("1", "same"), (1, "same"), (1.0, "same"), ("１", "same"),
        ("是", "same"), ("是 ", "same"), ("  同一人  ", "same"), ("同一人。", "same"), ("同一个人", "same"),
        ("√", "same"), ("不是同一人", "different"), ("2 不是同一人", "different"), (2, "different"),
        ("不是", "different"), ("否", "different"), ("×", "different"), ("无法判断", "unsure"),
        ("3", "unsure"), ("不清楚", "unsure"), ("？", "unsure"), ("3　无法判断", "unsure"),
    ],
)  # fmt: skip
def test_verdicts_are_taken_however_typed(handed_out: Path, typed: object, decision: str) -> None:
    back = filled(handed_out, {"结论": typed})
    assert (back.rows["decision"].to_list(), back.problems) == ([decision], [])


@pytest.mark.parametrize(
    "typed",
    ["1 不是同一人", "2 同一人", "4", 0, "12", "可能是", "是不是", "同", "1.5", True, "同一人吗", "A"],
)
def test_a_verdict_that_could_mean_either_is_refused(handed_out: Path, typed: object) -> None:
    back = filled(handed_out, {"结论": typed}, {})
    assert back.rows["case_id"].to_list() == ["Qcccccccccc"]
    assert (
        back.problems[0].startswith("第6行：结论“")
        and "请选“同一人”“不是同一人”“无法判断”" in back.problems[0]
    )


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"结论": None}, "没有选结论"),
        ({"核对人": None}, "没有填核对人"),
        ({"核对人": "  "}, "没有填核对人"),
        ({"核对日期": None}, "没有填日期"),
        ({"核对日期": "上周"}, "看不懂"),
        ({"核对日期": "2025-10-02"}, "晚于今天"),
        ({"核对日期": datetime(2025, 9, 4)}, "早于名单日期"),  # noqa: DTZ001
    ],
)
def test_an_answer_nobody_can_stand_for_is_refused(handed_out: Path, cells: dict, why: str) -> None:
    back = filled(handed_out, cells, {})
    assert back.rows["case_id"].to_list() == ["Qcccccccccc"]
    assert len(back.problems) == 1 and back.problems[0].startswith("第6行：") and why in back.problems[0]


def test_an_altered_case_number_is_told_and_the_good_lines_kept(handed_out: Path) -> None:
    back = filled(handed_out, {"个案编号": "Qzzzzzzzzzz"}, {})
    assert back.rows["case_id"].to_list() == ["Qcccccccccc"]
    assert back.problems[0].startswith("原名单的1号在交回的表里找不到") and "按未核对处理" in back.problems[0]
    assert back.problems[1].startswith("第6行：个案编号不在这份名单里")


def test_swapped_case_numbers_are_told(handed_out: Path) -> None:
    back = filled(handed_out, {"个案编号": "Qcccccccccc"}, {"个案编号": "Qaaaaaaaaaa"})
    assert back.rows.is_empty()
    assert [problem[:14] for problem in back.problems] == [
        "第6行：个案编号与序号对不上",
        "第8行：个案编号与序号对不上",
    ]


def doubled(path: Path, first: str, second: str) -> Decided:
    """The first case stands in two lines with these verdicts; the third case is answered besides."""

    def edit(sheet: Sheet, row: int, columns: dict[str, int]) -> None:
        for column in columns.values():  # the second line is a copy of the first
            for below in (0, 1):
                if not isinstance(sheet.cell(row + 2 + below, column), MergedCell):
                    sheet.cell(row + 2 + below, column).value = sheet.cell(row + below, column).value
        for place, (case, seq, verdict) in enumerate(
            [("Qaaaaaaaaaa", "1", first), ("Qaaaaaaaaaa", "1", second), ("Qbbbbbbbbbb", "3", "1")]
        ):
            cells = GOOD | {"个案编号": case, "序号": seq, "结论": verdict}
            for heading, value in cells.items():
                sheet.cell(row + 2 * place, columns[heading]).value = value

    return edited(path, edit)


def test_two_answers_for_one_case_count_for_nothing(handed_out: Path) -> None:
    back = doubled(handed_out, "同一人", "不是同一人")
    assert back.rows["case_id"].to_list() == ["Qbbbbbbbbbb"]
    assert "第6、8行：是同一个个案编号，结论却不一样，都未收，请核对后只留一行。" in back.problems


def test_the_same_answer_twice_counts_once(handed_out: Path) -> None:
    back = doubled(handed_out, "同一人", "是")
    assert back.rows.select("case_id", "row_no").rows() == [("Qaaaaaaaaaa", 6), ("Qbbbbbbbbbb", 10)]


def test_columns_may_stand_in_another_order(handed_out: Path) -> None:
    def turn(sheet: Sheet, row: int, columns: dict[str, int]) -> None:
        for heading, value in GOOD.items():
            sheet.cell(row, columns[heading]).value = value
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        for place in range(row - 1, row + 6):
            values = [sheet.cell(place, column).value for column in range(1, 16)]
            for column, value in enumerate(reversed(values), start=1):
                sheet.cell(place, column).value = value

    back = edited(handed_out, turn)
    assert back.rows.select("case_id", "decision").rows() == [("Qaaaaaaaaaa", "same")]
    assert back.problems == []


def test_a_reason_is_kept_as_typed_and_a_number_is_never_quoted(handed_out: Path) -> None:
    back = filled(handed_out, {"依据": "证号应为440604196105031234"}, {"结论": "440604196105031234"})
    assert back.rows["reason"].to_list() == ["证号应为440604196105031234"]
    assert "440604" not in "".join(back.problems)


def test_files_that_are_not_ours_are_refused_in_words(handed_out: Path, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("not a workbook", encoding="utf-8")
    with pytest.raises(ZhaorenError, match="打不开"):
        read_review(tmp_path / "text.xlsx", TODAY)
    book = openpyxl.load_workbook(handed_out)
    del book[HIDDEN_SHEET]
    book.save(tmp_path / "bare.xlsx")
    with pytest.raises(ZhaorenError, match="校验页丢了"):
        read_review(tmp_path / "bare.xlsx", TODAY)
    book = openpyxl.load_workbook(handed_out)
    sheet = book[SHEET_NAME]
    sheet.cell(header_row(sheet), columns_of(sheet)["结论"]).value = "看法"
    book.save(tmp_path / "headless.xlsx")
    with pytest.raises(ZhaorenError, match="找不到名单的表头"):
        read_review(tmp_path / "headless.xlsx", TODAY)
