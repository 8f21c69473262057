"""A second reader, which shares nothing with the product's: what stands in a file, row by row, cell by cell.

It knows only the files that the writers make. Blank cells are "".
"""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet
import xlrd

Grid = list[list[str]]
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells_of(path: Path, kind: str) -> Grid:
    """Every row of the file, the header first."""
    return _READERS[kind](path)


def _csv(path: Path) -> Grid:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def _xlsx(path: Path) -> Grid:
    with zipfile.ZipFile(path) as book:
        texts: list[str] = []
        if "xl/sharedStrings.xml" in book.namelist():
            root = ET.fromstring(book.read("xl/sharedStrings.xml"))
            texts = ["".join(t.text or "" for t in item.iter(f"{_SHEET}t")) for item in root]
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    grid = []
    for row in sheet.iter(f"{_SHEET}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_SHEET}c"):
            place = _place(cell.get("r"), len(cells))
            cells += [""] * (place - len(cells))
            value = cell.findtext(f"{_SHEET}v") or ""
            cells.append(texts[int(value)] if cell.get("t") == "s" else value)
        grid.append(cells)
    return _squared(grid)


def _place(reference: str | None, following: int) -> int:
    """Column A is 0; a cell without a reference stands behind the one before."""
    if reference is None:
        return following
    number = 0
    for letter in re.sub("[0-9]", "", reference):
        number = number * 26 + ord(letter) - 64
    return number - 1


def _xls(path: Path) -> Grid:
    sheet = xlrd.open_workbook(str(path)).sheet_by_index(0)
    rows = (sheet.row_values(at) for at in range(sheet.nrows))
    return [[str(int(cell)) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]


def _parquet(path: Path) -> Grid:
    table = pyarrow.parquet.read_table(path)
    columns = [["" if cell is None else str(cell) for cell in column.to_pylist()] for column in table.columns]
    return [table.column_names, *([*row] for row in zip(*columns, strict=True))]


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.grid: Grid = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.grid.append([])
        elif tag == "td":
            self.grid[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.grid and self.grid[-1] and data != "\n":
            self.grid[-1][-1] += data


def _html(path: Path) -> Grid:
    parser = _Cells()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser.grid


def _fixed(path: Path) -> Grid:
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [found.start() for found in re.finditer(r"\S+", lines[0])]
    return [
        [line[start:end].rstrip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        for line in lines
    ]


def _squared(grid: Grid) -> Grid:
    width = max(len(row) for row in grid)
    return [row + [""] * (width - len(row)) for row in grid]


_READERS: dict[str, Callable[[Path], Grid]] = {
    "CSV": _csv,
    "XLSX": _xlsx,
    "XLSX without references": _xlsx,
    "XLS": _xls,
    "Parquet": _parquet,
    "HTML table": _html,
    "fixed width": _fixed,
}
