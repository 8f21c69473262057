"""One table written in every format that departments send; all cells are text unless the format has types."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import xlsxwriter
import xlwt

from tests.helpers.zips import replaced_in

Row = Sequence[str]
SHEET = "xl/worksheets/sheet1.xml"


def as_csv(path: Path, rows: Sequence[Row]) -> None:
    """UTF-8, comma, as a database client exports it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def as_xlsx(path: Path, rows: Sequence[Row]) -> None:
    """A workbook whose cells say where they stand."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(at, place, cell)


def as_xlsx_without_references(path: Path, rows: Sequence[Row]) -> None:
    """A workbook whose cells say nothing of their place, as reporting tools write it."""
    as_xlsx(path, rows)
    drop_references(path)


def drop_references(path: Path) -> None:
    """Take from a workbook's rows and cells what says where they stand."""
    replaced_in(path, SHEET, rb'<(c|row) r="[A-Z0-9]+"', rb"<\1")


def as_xls(path: Path, rows: Sequence[Row]) -> None:
    """An old workbook."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(at, place, cell)
    book.save(str(path))


def as_parquet(path: Path, rows: Sequence[Row]) -> None:
    """Text columns; a blank cell is null."""
    header, *body = rows
    columns = {name: [row[at] or None for row in body] for at, name in enumerate(header)}
    pl.DataFrame(columns, schema=dict.fromkeys(header, pl.String)).write_parquet(path)


def as_html(path: Path, rows: Sequence[Row]) -> None:
    """A web page with one table, as old systems export it under the name of a workbook."""
    lines = ("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    page = f'<html><meta charset="utf-8"><body><table>\n{chr(10).join(lines)}\n</table></body></html>'
    path.write_text(page, encoding="utf-8")


def as_fixed_width(path: Path, rows: Sequence[Row]) -> None:
    """Columns of equal width in characters, as a mainframe prints them."""
    widths = [max(len(row[at]) for row in rows) + 2 for at in range(len(rows[0]))]
    out = io.StringIO()
    for row in rows:
        out.write("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    path.write_text(out.getvalue(), encoding="utf-8")


FORMATS: dict[str, tuple[str, Callable[[Path, Sequence[Row]], None]]] = {
    "CSV": ("csv", as_csv),
    "XLSX": ("xlsx", as_xlsx),
    "XLSX without references": ("xlsx", as_xlsx_without_references),
    "XLS": ("xls", as_xls),
    "Parquet": ("parquet", as_parquet),
    "HTML table": ("xls", as_html),
    "fixed width": ("txt", as_fixed_width),
}
