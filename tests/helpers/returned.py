"""Filled lists as people hand them back: a real workbook, opened and changed in another program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from exchange.answers.feedback import Feedback, read_feedback
from exchange.lists.worklist import SHEET_NAME
from tests.helpers.lists import columns_of, header_row

RECEIVED = date(2025, 10, 1)
A, B, C = "20250905-aa-N", "20250905-bb-N", "20250905-cc-N"  # B is printed first, then A, then C
GOOD: dict[str, object] = {"结果代码": "40", "走访日期": "2025-09-08", "走访人": "甲"}


def fill(sheet: Sheet, line: int, **cells: object) -> None:
    """Fill in the line (from 1), code 40 with a good date and name unless told otherwise."""
    columns = columns_of(sheet)
    for heading, value in (GOOD | cells).items():
        sheet.cell(header_row(sheet) + line, columns[heading]).value = value


def returned(path: Path, edit: Callable[[Workbook, Sheet], None], name: str = "back.xlsx") -> Path:
    """The list with an edit of the workbook and its first sheet, as a file beside it."""
    book = openpyxl.load_workbook(path)
    edit(book, book[SHEET_NAME])
    book.save(path.with_name(name))
    return path.with_name(name)


def read_back(path: Path, edit: Callable[[Workbook, Sheet], None]) -> Feedback:
    """What the edited list says."""
    return read_feedback(returned(path, edit), RECEIVED)


def with_line(**cells: object) -> Callable[[Workbook, Sheet], None]:
    """An edit that fills in the first line."""
    return lambda _, sheet: fill(sheet, 1, **cells)


def codes_of(back: Feedback) -> list[str]:
    """The code of each problem."""
    return [problem.code for problem in back.found]
