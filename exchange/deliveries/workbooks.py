"""Workbooks as text: the sheet that holds the table, cells as a person sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from exchange.deliveries import limits
from exchange.deliveries.headers import SEARCHED_ROWS
from exchange.deliveries.packed import Source, unreadable
from exchange.deliveries.sheet_parts import (
    SheetScan,
    look_over,
    scan_sheet,
    shared_text_bytes,
    without_far_columns,
)
from exchange.reading_notes import Note, note
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    import fastexcel

Head = tuple[tuple[str | None, ...], ...]
Fits = Callable[[Sequence[Sequence[str | None]]], int]
_NOTHING = SheetScan(columns=0, rows=0, fixes=(), text_cells=0)
# The stream in which Office keeps a workbook that a password locks, as its container's directory names it.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Sheet:
    """One sheet opened: its first rows, and `rows`, all of it when asked."""

    title: str
    head: Head
    notes: tuple[Note, ...]
    rows: Callable[[], pl.DataFrame]


def open_sheet(source: Source, kind: str, fits: Fits) -> Sheet:
    """The visible sheet whose first rows fit best, else the first with cells.

    `fits` says how many headers some rows hold. ZhaorenError when the workbook is damaged, locked, empty or
    hostile, or when two visible sheets hold the promised table.
    """
    data = source.whole()
    members = look_over(data, source.name) if kind == "xlsx" else ()
    reader = _reader(data, source.name)
    heads: list[tuple[int, Head, bool]] = []
    scans: dict[int, SheetScan] = {}
    for place in range(len(reader.sheet_names)):
        member = members[place] if place < len(members) else ""
        if kind == "xlsx" and not member:
            raise unreadable("not_readable", source.name, "damaged workbook (its list of sheets is broken)")
        scans[place] = scan_sheet(data, member, source.name) if member else _NOTHING
        data, changed = _bounded(data, member, scans[place], source.name)
        reader = _reader(data, source.name) if changed else reader
        head, visible = _head(reader, place, source.name)
        if any(cell for row in head for cell in row):
            heads.append((place, head, visible))
    if not heads:
        raise ZhaorenError(
            "the file is empty",
            source.name,
            "its sheets have no cells",
            "ask the department to send it again",
            code="file_empty",
        )
    place, head = _chosen(heads, fits, reader, source.name)
    notes = (*_said(place, heads, reader), *_damage_said(scans[place]))
    return Sheet(
        reader.sheet_names[place], head, notes, lambda: _rows(reader, place, scans[place], source.name)
    )


def _reader(data: bytes, name: str) -> fastexcel.ExcelReader:
    import fastexcel

    try:
        return fastexcel.read_excel(data)
    except BaseException as error:
        # Only what is surely locked may be called so: a department told "take the password off" about a
        # file that has none would look for it in vain.
        is_locked = _ENCRYPTED in data or "password" in str(error).lower()
        raise _damaged(name, error, "file_locked" if is_locked else "not_readable") from error


def _damaged(name: str, error: BaseException, code: str = "not_readable") -> BaseException:
    """The reader's own kinds differ by format; a panic inside it is no Exception."""
    if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
        return error
    return unreadable(code, name, f"damaged workbook ({type(error).__name__}), or locked with a password")


def _bounded(data: bytes, member: str, scan: SheetScan, name: str) -> tuple[bytes, bool]:
    """The workbook small enough to be read, and whether anything was cut off."""
    changed = scan.columns > limits.LAST_COLUMN
    if scan.near_columns * scan.rows > limits.MOST_SHEET_CELLS:
        why = f"a sheet's cells span {scan.columns} columns and {scan.rows} rows"
        raise unreadable(
            "structure_suspect", name, why, "delete the empty columns and rows, or deliver it as CSV"
        )
    if scan.text_cells and shared_text_bytes(data, member, name) > limits.MOST_SHEET_TEXT_BYTES:
        why = f"its texts come to more than {limits.MOST_SHEET_TEXT_BYTES // limits.GIB} GiB"
        raise unreadable("structure_suspect", name, why, "deliver it as CSV")
    if changed:
        data = without_far_columns(data, member, name)
        if scan_sheet(data, member, name).columns > limits.LAST_COLUMN:
            why = f"a sheet's cells reach to column {scan.columns}, written in a way that cannot be cut off"
            raise unreadable("structure_suspect", name, why, "delete the empty columns, or deliver it as CSV")
    return data, changed


def _head(reader: fastexcel.ExcelReader, place: int, name: str) -> tuple[Head, bool]:
    try:
        sheet = reader.load_sheet(place, header_row=None, skip_rows=0, n_rows=SEARCHED_ROWS, dtypes="string")
        frame = sheet.to_polars() if sheet.width else pl.DataFrame()
    except BaseException as error:
        raise _damaged(name, error) from error
    return tuple(frame.rows()), sheet.visible == "visible"


def _chosen(
    heads: list[tuple[int, Head, bool]], fits: Fits, reader: fastexcel.ExcelReader, name: str
) -> tuple[int, Head]:
    """The sheet with the most headers; a hidden one only when no visible one has any."""
    scored = [(fits(head), visible, place, head) for place, head, visible in heads]
    seen = [one for one in scored if one[0] and one[1]] or [one for one in scored if one[0]]
    if not seen:
        return next(((p, h) for p, h, visible in heads if visible), heads[0][:2])
    best = max(seen, key=lambda one: (one[0], -one[2]))
    equals = [one for one in seen if one[0] == best[0] and one[1] == best[1] and len(one[3]) > 1]
    if len(equals) > 1 and best[0] > 2:
        titles = "、".join(f"“{reader.sheet_names[place][:40]}”" for _, _, place, _ in equals)
        why = f"several sheets hold this table: {titles}"
        raise unreadable("not_readable", name, why, "deliver one sheet, or each sheet as a file of its own")
    return best[2], best[3]


def _said(place: int, heads: list[tuple[int, Head, bool]], reader: fastexcel.ExcelReader) -> tuple[Note, ...]:
    titles = reader.sheet_names
    hidden = [titles[p] for p, _, visible in heads if not visible and p != place]
    others = [titles[p] for p, _, visible in heads if visible and p != place]
    notes = []
    if hidden or others:
        notes.append(note("sheet_read", len(titles), titles[place]))
    if others:
        notes.append(note("sheets_unread", len(others), "、".join(others)))
    if hidden:
        notes.append(note("sheets_hidden_unread", len(hidden), "、".join(hidden)))
    if not next(visible for p, _, visible in heads if p == place):
        notes.append(note("sheet_hidden"))
    return tuple(notes)


def _damage_said(scan: SheetScan) -> tuple[Note, ...]:
    errors = sum(text.startswith("#") for *_, text in scan.fixes)
    numbers = len(scan.fixes) - errors
    notes = []
    if numbers:
        notes.append(note("numbers_rounded", numbers))
    if errors:
        notes.append(note("cells_in_error", errors))
    if scan.merged:
        notes.append(note("areas_merged", scan.merged))
    if scan.unsolved:
        notes.append(note("formulas_unsolved", scan.unsolved))
    if scan.columns > limits.LAST_COLUMN:
        notes.append(note("columns_far", scan.columns))
    return tuple(notes)


def _rows(reader: fastexcel.ExcelReader, place: int, scan: SheetScan, name: str) -> pl.DataFrame:
    """All rows of the sheet: String columns and row_no."""
    try:
        sheet = reader.load_sheet(
            place, header_row=None, skip_rows=0, dtypes="string", skip_whitespace_tail_rows=True
        ).to_polars()
    except BaseException as error:
        raise _damaged(name, error) from error
    text = sheet.rename({old: f"column_{at}" for at, old in enumerate(sheet.columns)})
    # A date cell is rendered with its time: midnight says nothing.
    text = text.with_columns(pl.all().str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00$", "${1}"))
    text = _fixed(text, scan)
    return text.with_columns(row_no=pl.int_range(1, text.height + 1, dtype=pl.Int64))


def _fixed(text: pl.DataFrame, scan: SheetScan) -> pl.DataFrame:
    """Long numbers as a spreadsheet shows them, 4.40524E+17, and error cells as #REF!.

    An ID number kept as a number has lost its last digits; written out in full it would look whole, and one
    in eleven such wrong numbers passes the check digit and belongs to somebody else.
    """
    if not scan.fixes:
        return text
    return text.with_columns(_fixed_column(text, at, scan) for at in range(text.width))


def _fixed_column(text: pl.DataFrame, at: int, scan: SheetScan) -> pl.Series:
    series = text.to_series(at)
    fixes = {row - 1: fix for row, column, fix in scan.fixes if column == at + scan.first_column}
    places = [row for row in fixes if row < series.len()]
    return series.scatter(places, [fixes[row] for row in places]) if places else series
