"""Rows typed into a workbook's sheets: each at the line that is about the same, or at the next blank one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from exchange.answers.filling import Row, fill_sheets
from exchange.sheets import open_book
from zhaoren.errors import ZhaorenError

MATTERS = ["个案编号", "事项", "新进展", "日期"]


@pytest.fixture
def handed_out(tmp_path: Path) -> Path:
    """Two sheets below a title, as lists have it: one with printed lines, both with blank ones."""
    path = tmp_path / "out.xlsx"
    with open_book(path, "t", date(2026, 1, 5)) as book:
        for name, printed in (("甲", [("1", "转介"), ("1", "申请"), ("2", "转介")]), ("乙", [])):
            sheet = book.add_sheet(name)
            look = sheet.book.look(border=1)
            sheet.put(0, 0, "题目", look)
            for column, heading in enumerate(MATTERS):
                sheet.put(2, column, heading, look)
            for row in range(3, 10):
                texts = printed[row - 3] if row - 3 < len(printed) else ()
                for column in range(len(MATTERS)):
                    sheet.put(row, column, texts[column] if column < len(texts) else "", look)
    return path


def _cells(path: Path, sheet: str) -> list[tuple]:
    return [row[:4] for row in openpyxl.load_workbook(path)[sheet].iter_rows(min_row=4, values_only=True)]


def test_a_row_finds_its_line_or_the_next_blank_one(handed_out: Path, tmp_path: Path) -> None:
    rows: dict[str, list[Row]] = {
        "甲": [
            {"个案编号": "1", "事项": "申请", "新进展": "已批准", "日期": date(2026, 1, 9)},
            {"个案编号": "2", "事项": "下一步", "新进展": "已约定", "日期": date(2026, 1, 8)},
            {"个案编号": "2", "事项": "转介", "新进展": "已受理", "日期": None},
        ],
        "乙": [{"个案编号": "7", "事项": "回访"}],
    }
    fill_sheets(handed_out, tmp_path / "a.xlsx", rows)
    found = _cells(tmp_path / "a.xlsx", "甲")
    assert [row[:3] for row in found[:4]] == [
        ("1", "转介", None), ("1", "申请", "已批准"), ("2", "转介", "已受理"), ("2", "下一步", "已约定"),
    ]  # fmt: skip
    assert _cells(tmp_path / "a.xlsx", "乙")[0][:2] == ("7", "回访")
    fill_sheets(handed_out, tmp_path / "b.xlsx", rows)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_rows_go_on_below_the_form(handed_out: Path, tmp_path: Path) -> None:
    fill_sheets(
        handed_out, tmp_path / "a.xlsx", {"乙": [{"个案编号": str(n), "日期": "x"} for n in range(9)]}
    )
    assert [row[0] for row in _cells(tmp_path / "a.xlsx", "乙")] == [str(n) for n in range(9)]


@pytest.mark.parametrize(
    "rows",
    [
        {"丙": [{"个案编号": "1"}]},
        {"乙": [{"没有这一列": "1"}]},
    ],
)
def test_what_has_no_place_is_refused(rows: dict, handed_out: Path, tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError):
        fill_sheets(handed_out, tmp_path / "a.xlsx", rows)
