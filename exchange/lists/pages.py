"""The three pages of a list's workbook: the lines, the help page, and the hidden page for re-import."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange import sheets
from exchange.form import BENEFIT, CELL, CODE, HIDDEN_SHEET, VERDICT, Form
from exchange.lists.digests import digested_headings, line_digests
from exchange.lists.pair_rows import write_pairs
from exchange.sheets import Cell, Sheet
from exchange.words import words

LEVEL_COLOURS = {"红": "#F4A6A0", "橙": "#FAC58C", "黄": "#FFF09A", "蓝": "#BFD9F2"}
HEAD = "#E3E7EC"
LEAST_ROW = 44  # room to write by hand in the cells to fill in, at the size the page is printed
_CHOOSE = {CODE: "请从下拉列表里选，或只填两位数代码。", VERDICT: "请从下拉列表里选，或只填代码 1、2、3。"}
# Columns of the hidden page. Lists of earlier versions end before `heading`.
_HIDDEN = (
    *("key", "value", "seq", "alert_id", "code", "zh", "code_zh", "benefit_id", "benefit_zh"),
    *("heading", "digested", "digest"),
)


def write_form(path: Path, form: Form, lines: pl.DataFrame) -> None:
    """Write the workbook. `lines`: one row per line, in printing order, every shown column as text."""
    with sheets.open_book(path, form.title, form.as_of) as book:
        front = book.add_sheet(form.sheet_name)
        helper = book.add_sheet(form.words["help_title"])
        hidden = book.add_sheet(HIDDEN_SHEET)
        _front_page(front, form, lines)
        _help_page(helper, form)
        _hidden_page(hidden, form, lines)


def _front_page(sheet: Sheet, form: Form, lines: pl.DataFrame) -> None:
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
        _choices(sheet, header_row + 1, header_row + height, form)
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


def _choices(sheet: Sheet, first: int, last: int, form: Form) -> None:
    """Drop-downs for code and policy, and dates no earlier than the list and no later than today."""
    for col, column in enumerate(form.columns):
        if column.heading in _CHOOSE:
            options = _from_hidden(_HIDDEN.index("code_zh"), form.codes.height)
            options |= {"error_title": column.heading, "error_message": _CHOOSE[column.heading]}
            sheet.raw.data_validation(first, col, last, col, options)
        elif column.heading == BENEFIT and form.benefits:
            options = _from_hidden(_HIDDEN.index("benefit_zh"), len(form.benefits))
            options |= {"error_title": "政策", "error_message": "请从下拉列表里选一项政策。"}
            sheet.raw.data_validation(first, col, last, col, options)
        elif column.is_fill_in and column.heading.endswith("日期"):
            sheet.raw.data_validation(first, col, last, col, _date_choice(form.as_of))
        elif column.heading in form.words.get("hints", {}):
            hint = {"input_title": column.heading, "input_message": form.words["hints"][column.heading]}
            sheet.raw.data_validation(first, col, last, col, _text_choice(column.heading) | hint)


def _from_hidden(col: int, count: int) -> dict[str, Any]:
    letter = chr(ord("A") + col)
    source = f"='{HIDDEN_SHEET}'!${letter}$2:${letter}${count + 1}"
    return {"validate": "list", "source": source, "error_type": "warning"}


def _text_choice(heading: str) -> dict[str, Any]:
    """A text no longer than the reader takes; what must not be in it only people can tell while typing."""
    longest = words("never_in_a_note")["longest"]
    return {
        "validate": "length",
        "criteria": "<=",
        "value": longest,
        "error_title": heading,
        "error_message": f"最多写{longest}个字。",
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
    sheet.raw.protect("", {"format_columns": True, "format_rows": True})


def _boxes(sheet: Sheet, row: int, width: float, boxes: list[dict], form: Form) -> int:
    """Titled paragraphs across the page; returns the next free row."""
    for box in boxes:
        back = {"bg_color": "#FDECEA"} if box.get("urgent") else {}
        sheet.raw.set_row(row, 24)
        sheet.span(row, 3, box["title"], bold=True, font_size=12, **back)
        for line in box["lines"]:
            row += 1
            text = line.format(example_date=form.as_of)
            sheet.raw.set_row(row, sheets.row_height([Cell(text, width, 11)]))
            sheet.span(row, 3, text, text_wrap=True, font_size=11, **back)
        row += 2
    return row


def _hidden_page(sheet: Sheet, form: Form, lines: pl.DataFrame) -> None:
    """What re-import needs: whose list, which lines, which codes; one column each under a heading."""
    keys = ("format", "queue", "as_of", "place_code", "version", "listed_cnt")
    values = ("zhaoren-list/1", form.queue, form.as_of, form.place_code, form.version, lines.height)
    codes, names = form.codes["code"].to_list(), form.codes["zh"].to_list()
    columns = (
        keys,
        values,
        lines["seq"].to_list(),
        lines["alert_id"].to_list(),
        codes,
        names,
        [f"{code} {zh}" for code, zh in zip(codes, names, strict=True)],
        [benefit for benefit, _ in form.benefits],
        [zh for _, zh in form.benefits],
        [column.heading for column in form.columns],
        digested_headings(form),
        line_digests(form, lines),
    )
    look = sheet.book.look()
    for col, (heading, cells) in enumerate(zip(_HIDDEN, columns, strict=True)):
        for row, cell in enumerate((heading, *cells)):
            sheet.put(row, col, cell, look)
    sheet.raw.protect("")
    sheet.raw.very_hidden()
