"""The pages of a list's workbook: the lines, the sheets behind them, how to fill in, and the hidden page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange import sheets
from exchange.form import BENEFIT, CELL, CODE, DUE, HELP, HIDDEN_SHEET, SIDE_SHEETS, VERDICT, Column, Form
from exchange.lists.hidden_page import BENEFIT_GROUP, CODE_GROUP, HiddenPage, hidden_page
from exchange.lists.pair_rows import write_pairs
from exchange.lists.side_pages import hint, write_side
from exchange.sheets import Cell, Sheet

LEVEL_COLOURS = {"红": "#F4A6A0", "橙": "#FAC58C", "黄": "#FFF09A", "蓝": "#BFD9F2"}
HEAD = "#E3E7EC"
LEAST_ROW = 44  # room to write by hand in the cells to fill in, at the size the page is printed
_CHOOSE = {CODE: "请从下拉列表里选，或只填两位数代码。", VERDICT: "请从下拉列表里选，或只填代码 1、2、3。"}


def write_form(path: Path, form: Form, lines: pl.DataFrame) -> None:
    """Write the workbook. `lines`: one row per line, in printing order, every shown column as text."""
    with sheets.open_book(path, form.title, form.as_of) as book:
        hidden = hidden_page(form, lines)
        _front_page(book.add_sheet(form.sheet_name), form, lines, hidden)
        sides = {side.name: side for side in form.sides}
        for name in SIDE_SHEETS if sides else (HELP,):
            if name == HELP:
                _help_page(book.add_sheet(form.words["help_title"]), form)
            elif name in sides:
                write_side(book.add_sheet(name), form, sides[name], hidden)
        hidden.write(book.add_sheet(HIDDEN_SHEET))


def write_sides(path: Path, form: Form) -> None:
    """A workbook of side sheets alone: no list in front, and no result codes explained."""
    nobody = pl.DataFrame(schema=dict.fromkeys(("seq", "alert_id"), pl.String))
    with sheets.open_book(path, form.title, form.as_of) as book:
        hidden = hidden_page(form, nobody)
        for side in form.sides:
            write_side(book.add_sheet(side.name), form, side, hidden)
        _help_page(book.add_sheet(form.words["help_title"]), form)
        hidden.write(book.add_sheet(HIDDEN_SHEET))


def _front_page(sheet: Sheet, form: Form, lines: pl.DataFrame, hidden: HiddenPage) -> None:
    last = len(form.columns) - 1
    width = sum(column.width for column in form.columns)
    for index, column in enumerate(form.columns):
        sheet.raw.set_column(index, index, column.width)
    for row, (text, props) in enumerate(form.header_lines):
        look = {"font_size": 11, "text_wrap": True, **props}
        sheet.raw.set_row(row, sheets.row_height([Cell(text, width, look["font_size"])]))
        sheet.span(row, last, text, **look)
    header_row = len(form.header_lines)
    height = lines.height * form.depth
    _headings(sheet, header_row, form)
    if lines.is_empty():
        _blank(sheet, header_row + 1, last, form)
    else:
        write = _lines if form.depth == 1 else write_pairs
        write(sheet, header_row + 1, form, lines)
        _choices(sheet, (header_row + 1, header_row + height), form, hidden)
    _foot(sheet, header_row + 1 + max(1, height), last, width, form)
    sheet.raw.freeze_panes(header_row + 1, 3)
    sheets.print_a4_landscape(sheet, form.place_zh, f"名单日期 {form.as_of}　版本 {form.version}", header_row)
    sheet.raw.protect("", {"format_columns": True, "format_rows": True})


def _headings(sheet: Sheet, row: int, form: Form) -> None:
    sheet.raw.set_row(row, 40)
    for index, column in enumerate(form.columns):
        colour = "#FCE9A9" if column.is_fill_in else HEAD
        props = {**CELL, "bold": True, "align": "center", "valign": "vcenter", "bg_color": colour}
        sheet.write(row, index, column.heading, **props, font_size=11)


def _blank(sheet: Sheet, row: int, last: int, form: Form) -> None:
    sheet.raw.set_row(row, 70)
    text = f"{form.words['blank']}\n{form.words['blank_hint']}"
    sheet.span(row, last, text, font_size=13, align="center", text_wrap=True, border=1)


def _lines(sheet: Sheet, first: int, form: Form, lines: pl.DataFrame) -> None:
    columns = [(col, c, sheet.book.look(**c.look)) for col, c in enumerate(form.columns)]
    printed = [(col, c, look) for col, c, look in columns if c.source]
    blank = [(col, look) for col, c, look in columns if not c.source]
    shown = [lines[str(column.source)].to_list() for _, column, _ in printed]
    for row, texts in enumerate(zip(*shown, strict=True), start=first):
        cells = [Cell(text, c.width, c.font_size) for text, (_, c, _) in zip(texts, printed, strict=True)]
        sheet.raw.set_row(row, sheets.row_height(cells, least=LEAST_ROW))
        for cell, (col, column, look) in zip(cells, printed, strict=True):
            if column.source == "level_zh":
                _level(sheet, row, col, cell.text)
            else:
                sheet.put(row, col, sheets.fit_text(cell), look)
        for col, look in blank:
            sheet.put(row, col, "", look)


def _level(sheet: Sheet, row: int, col: int, text: str) -> None:
    """The level as a large word on its colour (in black and white the word must do), then the status."""
    word, status = text[:1], text[1:]
    colour = LEVEL_COLOURS.get(word, "#FFFFFF")
    look = {**CELL, "bold": True, "align": "center", "valign": "vcenter", "bg_color": colour}
    if not status:
        sheet.write(row, col, word, **look, font_size=16)
        return
    parts = (sheet.book.style(bold=True, font_size=16), word, sheet.book.style(font_size=11), status)
    sheet.raw.write_rich_string(row, col, *parts, sheet.book.style(**look))


def _choices(sheet: Sheet, rows: tuple[int, int], form: Form, hidden: HiddenPage) -> None:
    """Drop-downs for code, policy and what follows; dates from the list's day until today."""
    first, last = rows
    for col, column in enumerate(form.columns):
        if options := _options(column, form, hidden):
            sheet.raw.data_validation(first, col, last, col, options)


def _options(column: Column, form: Form, hidden: HiddenPage) -> dict[str, Any] | None:
    heading = column.heading
    if not column.is_fill_in:
        return None
    if heading in _CHOOSE:
        return _chosen(hidden.source(CODE_GROUP), heading, _CHOOSE[heading])
    if heading == BENEFIT:
        return _chosen(hidden.source(BENEFIT_GROUP), "政策", "请从下拉列表里选一项政策。")
    if column.choices:
        return _chosen(hidden.source(f"{column.choices}_zh"), heading, "请从下拉列表里选。")
    if heading == DUE:
        return _promise_choice(form.as_of)
    if heading.endswith("日期"):
        return _date_choice(form.as_of)
    return hint(form, heading) if heading in form.words.get("hints", {}) else None


def _chosen(source: dict[str, Any] | None, title: str, message: str) -> dict[str, Any] | None:
    return source and source | {"error_title": title, "error_message": message}


def _promise_choice(as_of: date) -> dict[str, Any]:
    """A day by which something is to be done: not before the list."""
    message = f"写成 {as_of} 这样；不早于名单日期。"
    return {
        "validate": "date",
        "criteria": ">=",
        "value": as_of,
        "input_title": DUE,
        "input_message": message,
        "error_type": "warning",
        "error_title": DUE,
        "error_message": message,
    }


def _date_choice(as_of: date) -> dict[str, Any]:
    return {
        "validate": "date",
        "criteria": "between",
        "minimum": as_of,
        "maximum": "=TODAY()",
        "input_title": "日期",
        "input_message": f"写成 {as_of} 这样",
        "error_title": "日期不对",
        "error_message": f"请写成 {as_of} 这样；不能早于名单日期，也不能晚于今天。",
    }


def _foot(sheet: Sheet, row: int, last: int, width: float, form: Form) -> None:
    foot = form.words["foot"]
    sheet.raw.set_row(row, sheets.row_height([Cell(foot, width, 12)], least=30))
    sheet.span(row, last, foot, text_wrap=True, bold=True, font_size=12)
    sheet.raw.set_row(row + 1, 36)
    sheet.span(row + 1, last, form.words["sign"], valign="bottom", font_size=12)


def _help_page(sheet: Sheet, form: Form) -> None:
    widths = (8, 26, 66, 50)
    for col, wide in enumerate(widths):
        sheet.raw.set_column(col, col, wide)
    sheet.raw.set_row(0, 30)
    sheet.span(0, 3, form.words["help_title"], bold=True, font_size=15)
    row = _boxes(sheet, 1, sum(widths), [b for b in form.words["boxes"] if b.get("urgent")], form)
    for col, head in enumerate(form.words["help_heads"]):
        sheet.write(row, col, head, **CELL, bold=True, bg_color=HEAD)
    for offset, values in enumerate(form.codes.rows(), start=1):
        cells = [Cell(text, wide, 11) for text, wide in zip(values, widths, strict=True)]
        sheet.raw.set_row(row + offset, sheets.row_height(cells, least=22))
        for col, value in enumerate(values):
            look = {**CELL, "valign": "vcenter", "bold": col < 2, "font_size": 11}
            sheet.write(row + offset, col, value, **look)
    rest = [b for b in form.words["boxes"] if not b.get("urgent")]
    _boxes(sheet, row + form.codes.height + 2, sum(widths), rest, form)
    sheets.print_a4_landscape(sheet, form.place_zh, form.words["help_title"], None)
    if form.sides:  # the call's words and the codes are more than one page holds
        sheet.raw.fit_to_pages(1, 0)
    sheet.raw.protect("", {"format_columns": True, "format_rows": True})


def _boxes(sheet: Sheet, row: int, width: float, boxes: list[dict], form: Form) -> int:
    """Titled paragraphs across the page; returns the next free row."""
    for box in boxes:
        back = {"bg_color": "#FDECEA"} if box.get("urgent") else {}
        sheet.raw.set_row(row, 24)
        sheet.span(row, 3, box["title"], bold=True, font_size=12, **back)
        for line in box["lines"]:
            row += 1
            text = line.format(example_date=form.as_of, station=form.place_zh)
            sheet.raw.set_row(row, sheets.row_height([Cell(text, width, 11)]))
            sheet.span(row, 3, text, text_wrap=True, font_size=11, **back)
        row += 2
    return row
