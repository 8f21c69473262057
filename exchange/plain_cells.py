"""A worksheet that is quick at what nearly all our cells are: a text or nothing, in a given format.

The library makes a dozen calls for each cell it takes and each it writes; a receipt has a million. Every
other kind of cell, and everything else of a sheet, is the library's, and the bytes are the same (tested).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellBlankTuple, CellStringTuple, Worksheet

_LONG = 16_000  # characters from which on the library has to look whether Excel holds the text


class PlainCells(Worksheet):
    """A worksheet of a workbook that is kept in memory until it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: dict[int, str] = {}
        self._styles: dict[Format, int] = {}

    def put(self, row: int, col: int, text: str, look: Format) -> None:
        """A text, or an empty cell for none."""
        if len(text) > _LONG:
            self.write_string(row, col, text, look)
            return
        self._check_dimensions(row, col)
        cell = CellStringTuple(self.str_table._get_shared_string_index(text), look) if text else None
        self.table[row][col] = cell or CellBlankTuple(look)

    def put_row(self, row: int, texts: Sequence[str], looks: Sequence[Format]) -> None:
        """A row of them from the first column on."""
        if max(map(len, texts), default=0) > _LONG:
            for col, (text, look) in enumerate(zip(texts, looks, strict=True)):
                self.put(row, col, text, look)
            return
        for col in {0, len(texts) - 1}:
            self._check_dimensions(row, col)
        cells, index_of = self.table[row], self.str_table._get_shared_string_index
        for col, (text, look) in enumerate(zip(texts, looks, strict=True)):
            cells[col] = CellStringTuple(index_of(text), look) if text else CellBlankTuple(look)

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        kind = type(cell)
        if kind is CellStringTuple and cell.format:
            place, style = self._place(col), self._style(cell.format)
            self.fh.write(f'<c r="{place}{row + 1}" s="{style}" t="s"><v>{cell.string}</v></c>')
        elif kind is CellBlankTuple and cell.format:
            self.fh.write(f'<c r="{self._place(col)}{row + 1}" s="{self._style(cell.format)}"/>')
        else:
            super()._write_cell(row, col, cell)

    def _place(self, col: int) -> str:
        if col not in self._columns:
            self._columns[col] = xl_col_to_name(col)
        return self._columns[col]

    def _style(self, look: Format) -> int:
        if look not in self._styles:
            self._styles[look] = look._get_xf_index()
        return self._styles[look]
