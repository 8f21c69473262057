"""Rows that stand elsewhere in a file: read, or the whole file is refused; never fewer rows in silence."""

from __future__ import annotations

import html
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from data_contracts.loading.contracts import load_contract
from exchange.deliveries.reading import read_delivery
from tests.matrix.made_register import CLEAN, HERE
from tests.matrix.writers import Row
from zhaoren.errors import ZhaorenError

REGISTER = load_contract(HERE / "register.yaml")
HEADERS = [column.header for column in REGISTER.columns]
FIRST, MORE = CLEAN[:8], CLEAN[8:]
NOTES = [["填表说明"], ["一人一行"], ["金额单位为元"]]
# What stands beside the first eight rows, and whether the file may be read (its eight rows) or not.
ELSEWHERE: dict[str, tuple[Sequence[Row], str]] = {
    "the header again and more rows": ([HEADERS, *MORE], "refused"),
    "more rows without a header": (MORE, "refused"),
    "more rows and a column more": ([[*row, "备注"] for row in (HEADERS, *MORE)], "refused"),
    "more rows under other words": ([[f"{h}（续）" for h in HEADERS], *MORE], "refused"),
    "more rows than the first": ([HEADERS, *MORE, *[[f"{r[0]}B", *r[1:]] for r in CLEAN]], "refused"),
    "a page of notes": (NOTES, "read"),
}


def as_xlsx(path: Path, grids: Sequence[Sequence[Row]], hidden: bool = False) -> None:
    with xlsxwriter.Workbook(path) as book:
        for number, grid in enumerate(grids):
            sheet = book.add_worksheet()
            for at, row in enumerate(grid):
                sheet.write_row(at, 0, row)
            if hidden and number:
                sheet.hide()


def as_hidden_xlsx(path: Path, grids: Sequence[Sequence[Row]]) -> None:
    as_xlsx(path, grids, hidden=True)


def as_xls(path: Path, grids: Sequence[Sequence[Row]]) -> None:
    book = xlwt.Workbook()
    for number, grid in enumerate(grids):
        sheet = book.add_sheet(f"Sheet{number}")
        for at, row in enumerate(grid):
            for place, cell in enumerate(row):
                sheet.write(at, place, cell)
    book.save(str(path))


def as_html(path: Path, grids: Sequence[Sequence[Row]]) -> None:
    tables = []
    for grid in grids:
        rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in grid)
        tables.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
    path.write_text(f'<html><meta charset="utf-8"><body>{"".join(tables)}</body></html>', encoding="utf-8")


def as_zip(path: Path, grids: Sequence[Sequence[Row]]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, grid in enumerate(grids):
            archive.writestr(f"{number}.csv", "\n".join(",".join(row) for row in grid))


PLACES: dict[str, tuple[str, Callable[[Path, Sequence[Sequence[Row]]], None]]] = {
    "second sheet": ("xlsx", as_xlsx),
    "hidden sheet": ("xlsx", as_hidden_xlsx),
    "second sheet of an old workbook": ("xls", as_xls),
    "second table of a page": ("xls", as_html),
    "second file of an archive": ("zip", as_zip),
}


def seen(path: Path) -> str:
    """`refused`, or how many rows were read."""
    try:
        return f"{read_delivery(path, REGISTER).rows_read} read"
    except ZhaorenError as error:
        assert error.what and error.why and error.todo
        return "refused"


@pytest.mark.parametrize("order", ("behind", "before"))
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", ELSEWHERE)
def test_rows_elsewhere_are_never_left_out_in_silence(
    what: str, place: str, order: str, tmp_path: Path
) -> None:
    """tried §1 case 20, §8 A3."""
    other, verdict = ELSEWHERE[what]
    ending, write = PLACES[place]
    path = tmp_path / f"matrix_register.{ending}"
    grids = [[HEADERS, *FIRST], other]
    write(path, grids if order == "behind" else grids[::-1])
    assert seen(path) in (["refused"] if verdict == "refused" else [f"{len(FIRST)} read"])
