"""Quick cells: a sheet of them has the bytes that the library's own way of writing gives."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from exchange.plain_cells import PlainCells
from exchange.sheets import Book, open_book

TEXTS = ("", "低保", "=1+1", 'a<b & "c"', " blank ", "line\nline", "长" * 20_000, "x" * 31_999, "\x0b1")


class Slow(PlainCells):
    """The library's own."""

    _write_cell = Worksheet._write_cell

    def put(self, row: int, col: int, text: str, look: Format) -> None:
        """By the public calls."""
        self.write_string(row, col, text, look) if text else self.write_blank(row, col, None, look)


def _book(path: Path) -> bytes:
    with open_book(path, "title", date(2025, 9, 5)) as book:
        sheet = book.add_sheet("one")
        look, other = book.look(bold=True), book.look(num_format="@")
        for row in range(40):
            for col, text in enumerate(TEXTS):
                sheet.put(row, col, text, look if row % 2 else other)
            sheet.number(row, len(TEXTS), row / 7)
            sheet.write(row, 40, "far")
        sheet.span(41, 3, "over four")
        sheet.raw.write_rich_string(42, 0, look.plain, "a", other.plain, "b")
        sheet.raw.set_column(2, 2, 9, look.plain)
    return path.read_bytes()


def test_a_book_has_the_bytes_of_the_librarys_own_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = _book(tmp_path / "quick.xlsx")
    monkeypatch.setattr("exchange.sheets.PlainCells", Slow)
    assert _book(tmp_path / "slow.xlsx") == quick


def test_texts_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    _book(tmp_path / "a.xlsx")
    row = [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx")["one"][2]]
    assert row[: len(TEXTS)] == [None, "低保", "'=1+1", *TEXTS[3:8], "1"]


VALUES = st.one_of(st.none(), st.text(), st.sampled_from(["=1", "'=1", "-", "a\r\nb", "\r", "\x00=", " +1"]))


@given(st.lists(VALUES, max_size=8), st.booleans())
def test_rows_of_a_frame_are_written_as_their_cells_are(values: list[str | None], is_long: bool) -> None:
    texts = [*values, *(["x" * 32_001] if is_long else [])]
    frame = pl.DataFrame({"a": texts, "b": range(len(texts))}, schema_overrides={"a": pl.String})
    book = Book(xlsxwriter.Workbook())
    looks, (one, other) = [book.look(), book.look(bold=True)], map(book.add_sheet, ("one", "other"))
    one.rows(0, frame, lambda place: looks)
    for row, cells in enumerate(frame.iter_rows()):
        for col, value in enumerate(cells):
            other.put(row, col, value, looks[col])
    assert one.raw.table == other.raw.table
