"""A sheet as a workbook: typed cells, merged ones, hidden rows, other sheets."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.styles import Font, PatternFill

from tests.generative.mutants.sheet import Sheet

MOST_CELL = 32_767
MOST_COLUMNS = 16_384


def workbook(sheet: Sheet) -> bytes:
    """The sheet as XLSX, by one of two writers; its cells are cut to what a workbook can hold."""
    for row in sheet.rows:
        row.cells = [shown(cell) for cell in row.cells[:MOST_COLUMNS]]
    book, left = sheet.book, _offset(sheet.book)
    _merge(sheet)
    lines = [*sheet.titles, sheet.header, *(row.cells for row in sheet.rows)]
    write = _by_openpyxl if book.get("engine") == "openpyxl" else _by_xlsxwriter
    above = len(sheet.titles) + 1
    others = _others(sheet)
    content = write([[""] * left + list(map(shown, line)) for line in lines], above, left, book, others)
    if "same_sheet" in book:
        sheet.sure = False
    if book.get("engine") == "openpyxl":
        _uncomputed(sheet)
    return content


def _uncomputed(sheet: Sheet) -> None:
    """A formula that no spreadsheet has computed yet has no value that could be read."""
    formulas = [at for at, kind in sheet.book.get("typed", {}).items() if kind == "formula"]
    for row in sheet.rows:
        for at in formulas:
            if at < len(row.cells):
                row.cells[at] = ""


def _merge(sheet: Sheet) -> None:
    """Of cells merged downwards only the first keeps its value."""
    if not isinstance(sheet.book.get("merged"), tuple):
        return
    first, last, column = sheet.book["merged"]
    for place, row in enumerate(sheet.rows[first : last + 1]):
        row.touched = True
        if place and column < len(row.cells):
            row.cells[column] = ""


def _offset(book: Mapping[str, Any]) -> int:
    return 1 + book["offset"] % 3 if "offset" in book else 0


def shown(cell: Any) -> str:
    """What a workbook's cell can hold: no control characters, no halves of characters, 32,767 at most."""
    text = "".join(c for c in str(cell) if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff\x7f"))
    return text.encode("utf-8", "ignore").decode()[:MOST_CELL]


def _others(sheet: Sheet) -> list[tuple[int, str, list[list[str]]]]:
    """Other sheets: where, name, lines."""
    found = []
    if "other_sheet" in sheet.book:
        seed = sheet.book["other_sheet"]
        lines = ([], [["填表说明"], ["一、按月报送"]], [["代码", "名称"], ["1", "男"], ["2", "女"]])[seed % 3]
        found.append((seed // 3 % 2, "说明", lines))
    if "same_sheet" in sheet.book:
        half = [row.cells for row in sheet.rows[: len(sheet.rows) // 2]]
        found.append((1, "第二页", [list(map(shown, line)) for line in [sheet.header, *half]]))
    return found


def _value(text: str, kind: str | None) -> Any:
    """A cell's text as a typed value of a workbook; itself where it cannot be."""
    if not text.strip():
        return text
    try:
        match kind:
            case "date":
                return dt.date.fromisoformat(text)
            case "datetime":
                return dt.datetime.fromisoformat(text[:10] + " 13:14:15")
            case "time":
                return dt.time(len(text) % 24, 1)
            case "number":
                return float(text)
            case "text_number":
                return int(text[:15])
            case "bool":
                return len(text) % 2 == 0
            case "error":
                return "#N/A"
            case "formula":
                return f'="{text[:200]}"' if '"' not in text else "=1/0"
    except (ValueError, OverflowError):
        return text
    return text


def _by_openpyxl(
    lines: list[list[str]], above: int, left: int, options: Mapping[str, Any], others: list
) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    for place, name, more in others:
        other = book.create_sheet(name, 0 if place == 0 else None)
        for line in more:
            other.append(line)
    kinds = options.get("typed", {})
    for row, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            if text == "":
                continue
            value = _value(text, kinds.get(column - 1 - left) if row > above else None)
            cell = page.cell(row, column)
            cell.value = value
            if isinstance(value, str) and value == text:
                cell.data_type = "s"
    _decorate_openpyxl(page, lines, above, left, options)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _decorate_openpyxl(page: Any, lines: list, above: int, left: int, options: Mapping[str, Any]) -> None:
    if isinstance(options.get("merged"), tuple):
        first, last, column = options["merged"]
        at = column + 1 + left
        page.merge_cells(
            start_row=above + 1 + first, end_row=above + 1 + last, start_column=at, end_column=at
        )
    if "hidden_rows" in options:
        for row in range(above + 1, len(lines) + 1, 2):
            page.row_dimensions[row].hidden = True
    if "styles" in options:
        for row in page.iter_rows(max_row=5):
            for cell in row:
                cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFEE00")
        page.freeze_panes = "B2"
        page.auto_filter.ref = page.dimensions


def _by_xlsxwriter(
    lines: list[list[str]], above: int, left: int, options: Mapping[str, Any], others: list
) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"created": dt.datetime(2025, 1, 1)})  # noqa: DTZ001  a fixed stamp keeps the bytes the same
    before = [(name, more) for place, name, more in others if place == 0]
    after = [(name, more) for place, name, more in others if place == 1]
    for name, more in before:
        _plain(book.add_worksheet(name), more)
    page = book.add_worksheet("Sheet1")
    for name, more in after:
        _plain(book.add_worksheet(name), more)
    day, kinds = book.add_format({"num_format": "yyyy/m/d"}), options.get("typed", {})
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            if text != "":
                _write(page, row, column, text, kinds.get(column - left) if row >= above else None, day)
    if "hidden_rows" in options:
        for row in range(above, len(lines), 2):
            page.set_row(row, None, None, {"hidden": True})
    if "styles" in options:
        page.set_row(0, 40, book.add_format({"bold": True, "bg_color": "#FFEE00"}))
        page.set_column(0, 5, 30, book.add_format({"num_format": "@"}))
        page.insert_textbox(2, 2, "内部资料")
        page.write_comment(above, 0, "看这里")
    book.close()
    return out.getvalue()


def _plain(page: Any, lines: list[list[str]]) -> None:
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            page.write_string(row, column, text)


def _write(page: Any, row: int, column: int, text: str, kind: str | None, day: Any) -> None:
    value = _value(text, kind)
    if kind == "formula" or (kind == "error" and value == "#N/A"):
        page.write_formula(row, column, value if kind == "formula" else "=NA()", None, text[:200])
    elif kind == "rich" and len(text) > 1:
        page.write_rich_string(row, column, text[:1], day, text[1:])
    elif isinstance(value, (dt.date, dt.time)):
        if isinstance(value, dt.date) and value.year < 1900:
            page.write_string(row, column, text)
        else:
            page.write_datetime(row, column, value, day)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, (int, float)) and abs(value) < 1e300:
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, text)
