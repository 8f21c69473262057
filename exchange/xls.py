"""Old Excel workbooks (.xls) as text, each cell by its type: long numbers, errors and dates are told apart.

The quick reader of workbooks writes an old workbook's long numbers out as if whole and drops its errors; xlrd
says what each cell is. An old sheet holds 65,536 rows at most, so going cell by cell is bearable.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from exchange.reading_notes import Note, note

# A float has 15 to 16 sure digits: of a whole number from here on the last ones are lost.
FIRST_LONG_NUMBER = 10.0**15
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class OldBook:
    """An old workbook opened. is_1904: its days are counted from 1904."""

    _book: Any
    titles: tuple[str, ...]
    is_1904: bool
    _counts: dict[int, list[int]] = field(default_factory=dict)
    _whole: dict[int, pl.DataFrame] = field(default_factory=dict)

    def head(self, place: int, rows: int) -> tuple[Row, ...]:
        """A sheet's first rows."""
        frame = self._texts(place, rows)
        return tuple(frame.rows())

    def is_visible(self, place: int) -> bool:
        """Whether a person who opens the workbook sees the sheet."""
        return self._book.sheet_by_index(place).visibility == 0

    def rows(self, place: int) -> pl.DataFrame:
        """All rows of a sheet: String columns and row_no."""
        frame = self._all(place)
        return frame.with_columns(row_no=pl.int_range(1, frame.height + 1, dtype=pl.Int64))

    def notes(self, place: int) -> tuple[Note, ...]:
        """What is doubtful in a sheet's cells."""
        self._all(place)
        numbers, errors = self._counts[place]
        found = [note("numbers_rounded", numbers)] if numbers else []
        return (*found, *([note("cells_in_error", errors)] if errors else ()))

    def _all(self, place: int) -> pl.DataFrame:
        """A sheet is asked for several times; going through its cells once takes long enough."""
        if place not in self._whole:
            self._whole[place] = self._texts(place, None)
        return self._whole[place]

    def _texts(self, place: int, most: int | None) -> pl.DataFrame:
        sheet = self._book.sheet_by_index(place)
        height = sheet.nrows if most is None else min(sheet.nrows, most)
        width = max((sheet.row_len(at) for at in range(height)), default=0)
        counts = [0, 0]
        columns: list[list[str | None]] = [[None] * height for _ in range(width)]
        for at in range(height):
            kinds, values = sheet.row_types(at), sheet.row_values(at)
            for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
                if kind:  # 0 is a cell that is not there
                    columns[column][at] = _text(int(kind), value, self.is_1904, counts)
        self._counts[place] = counts
        named = {f"column_{at}": cells for at, cells in enumerate(columns)}
        return pl.DataFrame(named, schema=dict.fromkeys(named, pl.String))


def open_old_book(data: bytes) -> OldBook:
    """Open a workbook. Damaged ones raise whatever the reader stumbles over; the caller says which file."""
    import xlrd

    # Its warnings would otherwise stand on the terminal, with names of sheets in them.
    book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), ragged_rows=True, on_demand=True)
    return OldBook(book, tuple(book.sheet_names()), book.datemode == 1)


def _text(kind: int, value: Any, is_1904: bool, counts: list[int]) -> str | None:
    """A cell as a spreadsheet shows it. Kinds are xlrd's: 1 text, 2 number, 3 date, 4 boolean, 5 error."""
    if kind == 1:
        return value or None
    if kind == 2:
        return _number(value, counts)
    if kind == 3:
        return _moment(value, is_1904)
    if kind == 4:
        return "true" if value else "false"
    if kind == 5:
        from xlrd import error_text_from_code

        counts[1] += 1
        return str(error_text_from_code.get(value, "#VALUE!"))
    return None


def _number(value: float, counts: list[int]) -> str:
    if abs(value) >= FIRST_LONG_NUMBER:
        counts[0] += 1
        return f"{value:.5E}"
    return str(int(value)) if value == int(value) else repr(value)


def _moment(value: float, is_1904: bool) -> str:
    """A date cell's day, with its time where it has one; the bare number where no calendar has such a day."""
    if not is_1904 and value < 1:
        return f"{(datetime(1900, 1, 1) + timedelta(days=value)).time():%H:%M:%S}"  # noqa: DTZ001
    # Excel believes in 1900-02-29: before it days count from one day later.
    zero = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 31 if value < 60 else 30)  # noqa: DTZ001
    try:
        moment = zero + timedelta(seconds=round(value * 86_400))
    except OverflowError:
        return f"{value:.5E}"
    return f"{moment:%Y-%m-%d}" if moment.time().isoformat() == "00:00:00" else f"{moment:%Y-%m-%d %H:%M:%S}"
