"""The sheets behind a list: printed lines, cells to fill in with their drop-downs, and empty rows below."""

from __future__ import annotations

from typing import Any

from exchange import sheets
from exchange.form import CELL, Column, Form, SideSheet
from exchange.lists.hidden_page import BENEFIT_GROUP, CODE_GROUP, HiddenPage
from exchange.sheets import Cell, Look, Sheet
from exchange.words import words

HEAD, FILL_HEAD, LATE = "#E3E7EC", "#FCE9A9", {"bg_color": "#FDECEA", "font_color": "#A61B12", "bold": True}
_TITLE_ROWS, _ROW = 2, 25  # rows above the headings; least points of a row that is filled in by hand


def write_side(sheet: Sheet, form: Form, side: SideSheet, hidden: HiddenPage) -> None:
    """Write one sheet: its name as title, what it is for, the headings, the lines, the empty rows."""
    last, width = len(side.columns) - 1, sum(column.width for column in side.columns)
    for index, column in enumerate(side.columns):
        sheet.raw.set_column(index, index, column.width)
    sheet.raw.set_row(0, 30)
    sheet.span(0, last, f"{side.name}　{form.place_zh}", bold=True, font_size=16)
    sheet.raw.set_row(1, sheets.row_height([Cell(side.intro, width, 12)]))
    sheet.span(1, last, side.intro, font_size=12, text_wrap=True)
    _headings(sheet, side)
    first = _TITLE_ROWS + 1
    end = first + _lines(sheet, first, side)
    _empty(sheet, end, side)
    _choices(sheet, form, side, hidden, (first, end))
    sheet.raw.freeze_panes(first, 0)
    footer = f"名单日期 {form.as_of}　版本 {form.version}"
    sheets.print_a4_landscape(sheet, form.place_zh, footer, _TITLE_ROWS)
    sheet.raw.protect("", {"format_columns": True, "format_rows": True})


def _headings(sheet: Sheet, side: SideSheet) -> None:
    sheet.raw.set_row(_TITLE_ROWS, 32)
    for index, column in enumerate(side.columns):
        colour = FILL_HEAD if column.is_fill_in else HEAD
        look = {**CELL, "bold": True, "align": "center", "valign": "vcenter", "bg_color": colour}
        sheet.write(_TITLE_ROWS, index, column.heading, **look, font_size=12)


def _lines(sheet: Sheet, first: int, side: SideSheet) -> int:
    """The printed lines, or one that says there are none; how many rows they take."""
    if side.lines.is_empty():
        if side.blank:
            sheet.raw.set_row(first, 34)
            look = {"align": "center", "border": 1, "font_size": 13}
            sheet.span(first, len(side.columns) - 1, side.blank, **look)
        return 1 if side.blank else 0
    looks = {late: [sheet.book.look(**_look(c, late)) for c in side.columns] for late in (False, True)}
    shown = [side.lines[c.source].to_list() if c.source else [""] * side.lines.height for c in side.columns]
    late = side.lines["is_late"].to_list() if "is_late" in side.lines.columns else [False] * side.lines.height
    for row, texts in enumerate(zip(*shown, strict=True)):
        cells = [Cell(text, c.width, c.font_size) for text, c in zip(texts, side.columns, strict=True)]
        sheet.raw.set_row(first + row, sheets.row_height(cells, least=_ROW))
        for col, cell in enumerate(cells):
            sheet.put(first + row, col, sheets.fit_text(cell), looks[late[row]][col])
    return side.lines.height


def _look(column: Column, is_late: bool) -> dict[str, Any]:
    return column.look | (LATE if is_late and not column.is_fill_in else {})


def _empty(sheet: Sheet, first: int, side: SideSheet) -> None:
    """Rows in which every cell is to be filled in."""
    looks: list[Look] = [
        sheet.book.look(**Column(c.heading, c.width, None, c.align, 12).look) for c in side.columns
    ]
    for row in range(first, first + side.empty_rows):
        sheet.raw.set_row(row, _ROW)
        for col, look in enumerate(looks):
            sheet.put(row, col, "", look)


def _choices(sheet: Sheet, form: Form, side: SideSheet, hidden: HiddenPage, rows: tuple[int, int]) -> None:
    """Drop-downs, and what a cell is for while it is filled in; rows: first printed, first empty one."""
    first, empty = rows
    last = empty + side.empty_rows - 1
    for col, column in enumerate(side.columns):
        start = first if column.is_fill_in else empty
        if column.choices_by and not side.lines.is_empty():
            for offset, group in enumerate(side.lines[column.choices_by].to_list()):
                _offer(sheet, (first + offset, col, first + offset), hidden, group, column.heading)
            start = empty
        if start > last:
            continue
        if column.choices:
            _offer(sheet, (start, col, last), hidden, column.choices, column.heading)
        elif column.heading in form.words.get("hints", {}):
            sheet.raw.data_validation(start, col, last, col, hint(form, column.heading))


def _offer(sheet: Sheet, place: tuple[int, int, int], hidden: HiddenPage, group: str, heading: str) -> None:
    options = hidden.source(group if group in (CODE_GROUP, BENEFIT_GROUP) else f"{group}_zh")
    if options:
        first, col, last = place
        options |= {"error_title": heading, "error_message": "请从下拉列表里选。"}
        sheet.raw.data_validation(first, col, last, col, options)


def hint(form: Form, heading: str) -> dict[str, Any]:
    """What is said beside a cell while it is filled in, and how long its text may be.

    What must not be in it only people can tell while typing.
    """
    longest = words("never_in_a_note")["longest"]
    return {
        "validate": "length",
        "criteria": "<=",
        "value": longest,
        "input_title": heading,
        "input_message": form.words["hints"][heading],
        "error_title": heading,
        "error_message": f"最多写{longest}个字。",
    }
