"""A station's workbook with all its sheets, and lines to fill in, for tests of what comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from exchange.lists.side_sheets import side_sheets
from exchange.lists.worklist import SHEET_NAME, worklist_lines, write_worklist
from flows.context.site import Site
from tests.helpers.lists import AS_OF, HEADER, header_row, lines
from warehouse.database.connection import run

# Three listed cases and one of an earlier list with two open matters; two key persons.
CASES = {"aa": "10000015", "bb": "10000023", "cc": "10000031", "dd": "10000049"}
A, B, C = (f"20250905-{name}-N" for name in ("aa", "bb", "cc"))
HEADINGS = {
    "重点人员": "重点编号 姓名 村（社区） 类别 上次走访 走访期限 走访日期 未走访原因 走访人",
    "联系记录": "个案编号 联系日期 时段 方式 联系结果 联系人",
    "后续办理": "个案编号 户主 事项 对象 已到哪一步 期限 新进展 日期 下次日期 由谁办 说明 填写人",
    "主动发现": "姓名 身份证号 村（社区） 发现途径 结果代码 走访日期 下一步 由谁办 约定日期 说明 走访人",
    "服务记录": "日期 服务项目 形式 服务人次 志愿者 链接资源（元） 填写人",
}
TRY: dict[str, Any] = {
    "联系日期": "2025-09-08",
    "时段": "上午",
    "方式": "电话",
    "联系结果": "没人接、没人应门",
    "联系人": "甲",
}
SERVICE: dict[str, Any] = {
    "日期": "2025-09-10",
    "服务项目": "救助政策宣讲",
    "形式": "小组",
    "服务人次": "12",
    "填写人": "甲",
}
FOUND: dict[str, Any] = {
    "姓名": "赵六",
    "发现途径": "邻里报告",
    "结果代码": "40",
    "走访日期": "2025-09-12",
    "走访人": "甲",
}
NOBODY = pl.DataFrame(
    schema=dict.fromkeys(("case_no", "head_name_masked", "village_name", "change_zh", "why_zh"), pl.String)
)
KEY_PERSONS = pl.DataFrame(
    {"key_no": ["K1", "K2"], "name_masked": ["王*", "赵*"], "village_name": ["永安村", None],
     "kind_zh": ["独居老人", "特困人员"], "last_visit_zh": ["2025年8月1日", "没有走访记录"],
     "due_date": [date(2025, 9, 30)] * 2},
)  # fmt: skip
MATTERS = pl.DataFrame(
    {"step_id": ["S1", "S2"], "case_no": [CASES["dd"]] * 2, "head_name_masked": ["李*"] * 2,
     "kind_code": ["application", "referral"], "subject": ["dibao", "medical_insurance"],
     "subject_zh": ["低保", "医保部门"], "event_code": ["submitted", "sent"],
     "due_date": [date(2025, 9, 20), date(2025, 9, 1)]},
)  # fmt: skip


def hand_out(site: Site, path: Path, codes: pl.DataFrame) -> Path:
    """Put all of it on record, and write the station's workbook."""
    on_record(site)
    return written(path, codes)


def on_record(site: Site) -> None:
    """The cases, their alerts, matters and key persons, and nothing else."""
    con, town = site.con, HEADER.town_code
    for table in ("alert", "case", "case_event", "visit", "visit_ruling", "contact", "step", "key_person"):
        con.execute(f"DELETE FROM mart.{table}")
    for table in ("mart.key_visit", "mart.activity", "ops.feedback_file", "ops.feedback_problem"):
        con.execute(f"DELETE FROM {table}")
    for name, number in CASES.items():
        con.execute(
            "INSERT INTO mart.case (case_no, case_id, queue, household_id, town_code, source_code, "
            "opened_date) VALUES (?, ?, 'need', ?, ?, 'alert', ?)",
            [number, name, name, town, AS_OF],
        )
    for alert in (A, B, C):
        con.execute(
            "INSERT INTO mart.alert (as_of, alert_id, household_id, town_code, county_code, queue, arm, "
            "is_listed, level, status) VALUES (?, ?, ?, ?, ?, 'need', 'rule', true, 'orange', 'new')",
            [AS_OF, alert, alert.split("-")[1], town, town[:6]],
        )
    for number, person in (("K1", "P1"), ("K2", "P2")):
        con.execute(
            "INSERT INTO mart.key_person (as_of, person_id, town_code, key_no, is_planned) "
            "VALUES (?, ?, ?, ?, true)",
            [AS_OF, person, town, number],
        )
    steps = MATTERS.select("step_id", "case_no", "kind_code", "subject", "event_code", "due_date")
    run(con, "INSERT INTO mart.step BY NAME SELECT *, 1 AS step_no, DATE '2025-08-20' AS event_date, "
        "DATE '2025-09-01' AS known_date FROM steps", steps=steps)  # fmt: skip


def written(path: Path, codes: pl.DataFrame) -> Path:
    """The station's workbook alone."""
    numbers = [CASES[name] for name in ("aa", "bb", "cc")]
    rows = lines(case_no=numbers).with_columns(town_code=pl.lit(HEADER.town_code))
    sides = side_sheets(AS_OF, NOBODY, KEY_PERSONS, MATTERS, None)
    write_worklist(path, HEADER, worklist_lines(rows, AS_OF), codes, sides)
    return path


def add_line(book: Workbook, name: str, line: int = 0, **cells: Any) -> int:
    """Fill in the printed line of that number (from 1), or a new one below; returns its row."""
    sheet = book[name]
    top = heading_row(sheet, name)
    columns = {str(cell.value): cell.column for cell in sheet[top] if cell.value}
    row = top + line if line else _free(sheet, top, columns)
    for heading, value in cells.items():
        sheet.cell(row, columns[heading]).value = value
    return row


def _free(sheet: Sheet, top: int, columns: dict[str, int]) -> int:
    row = top + 1
    while any(sheet.cell(row, column).value not in (None, "") for column in columns.values()):
        row += 1
    return row


def heading_row(sheet: Sheet, name: str) -> int:
    """The row of a sheet's headings."""
    if name == SHEET_NAME:
        return header_row(sheet)
    wanted = set(HEADINGS[name].split())
    return next(row for row in range(1, 20) if wanted <= {cell.value for cell in sheet[row]})


def edited(path: Path, change: Callable[[Workbook], Any], name: str = "back.xlsx") -> Path:
    """The workbook with an edit, as a file beside it; two files are never the same bytes."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.properties.title = name
    book.save(path.with_name(name))
    return path.with_name(name)
