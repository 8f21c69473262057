"""A station's workbook with all its sheets, and lines to fill in, for tests of what comes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from exchange.form import HIDDEN_SHEET
from exchange.lists.worklist import SHEET_NAME
from tests.helpers.lists import header_row

HEADINGS = {
    "重点人员": "重点编号 姓名 村（社区） 类别 上次走访 走访期限 走访日期 未走访原因 走访人",
    "联系记录": "个案编号 联系日期 时段 方式 联系结果 联系人",
    "后续办理": "个案编号 户主 事项 对象 已到哪一步 期限 新进展 日期 下次日期 由谁办 说明 填写人",
    "主动发现": "姓名 身份证号 村（社区） 发现途径 结果代码 走访日期 下一步 由谁办 约定日期 说明 走访人",
    "服务记录": "日期 服务项目 形式 服务人次 志愿者 链接资源（元） 填写人",
}
CONTACT = {
    "联系日期": "2025-09-08", "时段": "上午", "方式": "电话", "联系结果": "没人接、没人应门", "联系人": "甲"
}  # fmt: skip
SERVICE = {
    "日期": "2025-09-10", "服务项目": "小组活动", "形式": "小组", "服务人次": "12", "志愿者": "3", "填写人": "甲"
}  # fmt: skip
FOUND = {
    "姓名": "赵六", "发现途径": "邻里报告", "结果代码": "20", "走访日期": "2025-09-12", "走访人": "甲"
}  # fmt: skip


def sheet_named(book: Workbook, name: str) -> Sheet:
    """The sheet whose name or title says so."""
    return book[name]


def add_line(book: Workbook, name: str, **cells: object) -> int:
    """Write a line below what stands in a sheet; returns its row."""
    sheet = sheet_named(book, name)
    top = heading_row(sheet, name)
    columns = {str(cell.value): cell.column for cell in sheet[top] if cell.value}
    row = top + 1
    while any(sheet.cell(row, column).value not in (None, "") for column in columns.values()):
        row += 1
    for heading, value in cells.items():
        sheet.cell(row, columns[heading]).value = value
    return row


def heading_row(sheet: Sheet, name: str) -> int:
    """The row of a sheet's headings."""
    if name == SHEET_NAME:
        return header_row(sheet)
    wanted = set(HEADINGS[name].split())
    return next(row for row in range(1, 20) if wanted <= {cell.value for cell in sheet[row]})


def edit(path: Path, change: Any, name: str = "back.xlsx") -> Path:
    """The workbook with an edit, as a file beside it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.properties.title = name  # two files are never the same bytes
    book.save(path.with_name(name))
    return path.with_name(name)


def hidden_pairs(book: Workbook, **columns: list[str]) -> None:
    """Add columns to the hidden page."""
    page = book[HIDDEN_SHEET]
    for heading, cells in columns.items():
        at = page.max_column + 1
        for row, cell in enumerate((heading, *cells), start=1):
            page.cell(row, at).value = cell


AGREED_DAY = date(2025, 9, 26)
