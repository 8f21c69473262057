"""The month's report as a workbook: a sheet per section, its tables one below the other, and the queries."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from exchange.reports.monthly import Page, Part, Table
from exchange.sheets import Book, Cell, Sheet, open_book, print_wide, row_height
from exchange.words import words

_FIRST, _OTHER = 30, 13  # widths of columns
_HEAD = {"bold": True, "text_wrap": True, "bg_color": "#D9E1F2", "border": 1, "valign": "top"}
_NUMBER = {"num_format": "#,##0.##", "border": 1, "align": "right"}


def write_monthly_book(path: Path, page: Page, as_of: date) -> None:
    """Write the report's tables as XLSX: numbers are numbers, what is hidden is text."""
    text = words("monthly")
    with open_book(path, page.title, as_of) as book:
        for place, part in enumerate(page.parts, start=1):
            _section(book, page, part, f"{place} {part.title}"[:31])
        sheet = book.add_sheet(text["queries_title"][:31])
        sheet.raw.set_column(0, 0, _FIRST)
        sheet.raw.set_column(1, 1, 110)
        sheet.write(0, 0, text["queries_lead"])
        for row, query in enumerate(page.queries, start=2):
            sheet.write(row, 0, f"{query['zh']}（{query['unit']}）", text_wrap=True, valign="top")
            sheet.write(row, 1, query["query"], text_wrap=True, valign="top")
        print_wide(sheet)


def _section(book: Book, page: Page, part: Part, name: str) -> None:
    sheet = book.add_sheet(name)
    widest = max((len(table.headings) for table in part.tables), default=4)
    sheet.raw.set_column(0, 0, _FIRST)
    sheet.raw.set_column(1, max(widest, 4), _OTHER)
    width = _FIRST + _OTHER * max(widest - 1, 3)
    place = 0
    for line, look in (
        (page.title, {"bold": True, "font_size": 14}),
        (page.subtitle, {}),
        (page.notice, {"font_color": "#5C6673"}),
        (part.lead, {"font_color": "#5C6673"}),
    ):
        sheet.span(place, max(widest, 4) - 1, line, text_wrap=True, **look)
        sheet.raw.set_row(place, row_height([Cell(line, width, float(str(look.get("font_size", 10))))]))
        place += 1
    for table in part.tables:
        place = _table(sheet, table, place + 1)
    print_wide(sheet)


def _table(sheet: Sheet, table: Table, place: int) -> int:
    heads = [Cell(heading, _FIRST if col == 0 else _OTHER) for col, heading in enumerate(table.headings)]
    sheet.raw.set_row(place, row_height(heads))
    for col, heading in enumerate(table.headings):
        sheet.write(place, col, heading, **_HEAD)
    for row in table.rows:
        place += 1
        for col, cell in enumerate(row):
            if cell.number is None:
                align = {} if col < table.words else {"align": "right"}
                sheet.write(place, col, cell.text, border=1, text_wrap=True, **align)
            else:
                sheet.number(place, col, cell.number, **_NUMBER)
    return place + 1
