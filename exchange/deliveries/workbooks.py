"""Workbooks as text: the sheet that holds the table, cells as a person sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import polars as pl

from exchange import limits
from exchange.deliveries.headers import SEARCHED_ROWS, rows_like_data
from exchange.deliveries.packed import Source, refuse_rows_unread, unreadable
from exchange.deliveries.sheet_parts import (
    SheetScan,
    is_1904,
    look_over,
    scan_sheet,
    shared_text_bytes,
    with_known_errors,
    with_plain_epoch,
    without_far_columns,
)
from exchange.reading_notes import Note, counted, note, positions
from exchange.xls import open_old_book
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    import fastexcel

Head = tuple[tuple[str | None, ...], ...]
Fits = Callable[[Sequence[Sequence[str | None]]], int]
# The stream in which Office keeps a workbook that a password locks, as its container's directory names it.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Sheet:
    """One sheet opened: its first rows, and `rows`, all of it when asked. is_1904: days count from 1904."""

    title: str
    head: Head
    notes: tuple[Note, ...]
    rows: Callable[[], pl.DataFrame]
    is_1904: bool


class Book(Protocol):
    """A workbook of either kind, its sheets by their place."""

    @property
    def titles(self) -> Sequence[str]:
        """The sheets' names, in order."""

    @property
    def is_1904(self) -> bool:
        """Whether its days count from 1904."""

    def head(self, place: int, rows: int) -> Head:
        """A sheet's first rows."""

    def is_visible(self, place: int) -> bool:
        """Whether a person who opens the workbook sees the sheet."""

    def rows(self, place: int) -> pl.DataFrame:
        """All rows of a sheet: String columns and row_no."""

    def notes(self, place: int) -> tuple[Note, ...]:
        """What is doubtful in a sheet's cells."""


def open_sheet(source: Source, kind: str, fits: Fits) -> Sheet:
    """The visible sheet whose first rows fit best, else the first with cells.

    `fits` says how many headers some rows hold. ZhaorenError when the workbook is damaged, locked, empty or
    hostile, when two visible sheets hold the promised table, or another one holds rows like the table's.
    """
    name, data = source.name, source.whole()
    with _net(data, name):
        book: Book = _open_new(data, name) if kind == "xlsx" else open_old_book(data)
        places = range(len(book.titles))
        heads = [(at, book.head(at, SEARCHED_ROWS), book.is_visible(at)) for at in places]
    filled = [one for one in heads if any(cell for row in one[1] for cell in row)]
    if not filled:
        raise ZhaorenError(
            "the file is empty",
            name,
            "its sheets have no cells",
            "ask the department to send it again",
            code="file_empty",
        )
    columns, place, head = _chosen(filled, fits)

    def rows() -> pl.DataFrame:
        with _net(data, name):
            return book.rows(place)

    with _net(data, name):
        _refuse_unread(book, place, columns, name)
        notes = (*_said(place, filled, len(book.titles)), *book.notes(place))
    epoch = (note("dates_1904"),) if book.is_1904 else ()
    return Sheet(book.titles[place], head, (*notes, *epoch), rows, book.is_1904)


def _refuse_unread(book: Book, place: int, columns: int, name: str) -> None:
    """Rows on another sheet, seen or hidden, that are filled like the table's would be lost."""
    others = [at for at in range(len(book.titles)) if at != place and columns]
    unread = {at: cnt for at in others if (cnt := rows_like_data(book.rows(at), columns))}
    said = [
        f"sheet {at + 1}{'' if book.is_visible(at) else ' (hidden)'}: {cnt}" for at, cnt in unread.items()
    ]
    todo = "put all rows on one sheet, or each sheet in a file of its own"
    where = f"on other sheets than sheet {place + 1}: {', '.join(said)}"
    refuse_rows_unread(name, where, sum(unread.values()), todo)


@contextmanager
def _net(data: bytes, name: str) -> Iterator[None]:
    """Whatever a reader stumbles over says which file is damaged, or locked.

    Only what is surely locked may be called so: a department told "take the password off" about a file that
    has none would look for it in vain.
    """
    try:
        yield
    except BaseException as error:
        said = str(error).lower()
        is_locked = _ENCRYPTED in data or "password" in said or "encrypted" in said
        raise _damaged(name, error, "file_locked" if is_locked else "not_readable") from error


def _damaged(name: str, error: BaseException, code: str) -> BaseException:
    """The reader's own kinds differ by format; a panic inside it is no Exception."""
    if isinstance(error, KeyboardInterrupt | SystemExit | ZhaorenError):
        return error
    return unreadable(code, name, f"damaged workbook ({type(error).__name__}), or locked with a password")


@dataclass(frozen=True)
class _NewBook:
    """An XLSX workbook whose parts were looked over; each sheet's cells are scanned before it is read."""

    reader: Sequence[fastexcel.ExcelReader]
    scans: Sequence[SheetScan]
    titles: Sequence[str]
    is_1904: bool
    name: str

    def head(self, place: int, rows: int) -> Head:
        sheet = self.reader[place].load_sheet(
            place, header_row=None, skip_rows=0, n_rows=rows, dtypes="string"
        )
        return tuple(sheet.to_polars().rows()) if sheet.width else ()

    def is_visible(self, place: int) -> bool:
        sheet = self.reader[place].load_sheet(place, header_row=None, skip_rows=0, n_rows=1, dtypes="string")
        return sheet.visible == "visible"

    def rows(self, place: int) -> pl.DataFrame:
        scan = self.scans[place]
        if scan.unsolved_rows:
            why = f"{scan.unsolved_rows} rows hold formulas without a stored result and nothing else"
            raise unreadable(
                "rows_unread", self.name, why, "open it in a spreadsheet program, save it, deliver it again"
            )
        sheet = (
            self.reader[place]
            .load_sheet(place, header_row=None, skip_rows=0, dtypes="string", skip_whitespace_tail_rows=True)
            .to_polars()
        )
        text = sheet.rename({old: f"column_{at}" for at, old in enumerate(sheet.columns)})
        # A date cell is rendered with its time: midnight says nothing.
        text = text.with_columns(pl.all().str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00$", "${1}"))
        text = _fixed(text, scan)
        return text.with_columns(row_no=pl.int_range(1, text.height + 1, dtype=pl.Int64))

    def notes(self, place: int) -> tuple[Note, ...]:
        return _damage_said(self.scans[place])


def _open_new(data: bytes, name: str) -> _NewBook:
    import fastexcel

    members = look_over(data, name)
    epoch = is_1904(data, name)
    data = with_plain_epoch(data, name) if epoch else data
    scans, readers = [], []
    reader = fastexcel.read_excel(data)
    if len(members) != len(reader.sheet_names):
        raise unreadable("not_readable", name, "damaged workbook (its list of sheets is broken)")
    for member in members:
        scan = scan_sheet(data, member, name)
        changed = _bounded(data, member, scan, name)
        changed = with_known_errors(changed, member, name) if scan.has_unread_errors else changed
        if changed is not data:
            data, reader = changed, fastexcel.read_excel(changed)
        scans.append(scan)
        readers.append(reader)
    return _NewBook([reader] * len(readers), scans, reader.sheet_names, epoch, name)


def _bounded(data: bytes, member: str, scan: SheetScan, name: str) -> bytes:
    """The workbook small enough to be read: cells far to the right cut off."""
    if scan.near_columns * scan.rows > limits.MOST_SHEET_CELLS:
        why = f"a sheet's cells span {scan.columns} columns and {scan.rows} rows"
        raise unreadable(
            "structure_suspect", name, why, "delete the empty columns and rows, or deliver it as CSV"
        )
    if scan.text_cells and shared_text_bytes(data, member, name) > limits.MOST_SHEET_TEXT_BYTES:
        why = f"its texts come to more than {limits.MOST_SHEET_TEXT_BYTES // limits.GIB} GiB"
        raise unreadable("structure_suspect", name, why, "deliver it as CSV")
    if scan.columns <= limits.LAST_COLUMN:
        return data
    data = without_far_columns(data, member, name)
    if scan_sheet(data, member, name).columns > limits.LAST_COLUMN:
        why = f"a sheet's cells reach to column {scan.columns}, written in a way that cannot be cut off"
        raise unreadable("structure_suspect", name, why, "delete the empty columns, or deliver it as CSV")
    return data


def _chosen(heads: list[tuple[int, Head, bool]], fits: Fits) -> tuple[int, int, Head]:
    """(headers, place, first rows) of the sheet with the most headers; a hidden one if no other has any."""
    scored = [(fits(head), visible, place, head) for place, head, visible in heads]
    seen = [one for one in scored if one[0] and one[1]] or [one for one in scored if one[0]]
    if not seen:
        place, head = next(((p, h) for p, h, visible in heads if visible), heads[0][:2])
        return 0, place, head
    best = max(seen, key=lambda one: (one[0], len(one[3]) > 1, -one[2]))
    return best[0], best[2], best[3]


def _said(place: int, heads: list[tuple[int, Head, bool]], cnt: int) -> tuple[Note, ...]:
    hidden = [p for p, _, visible in heads if not visible and p != place]
    others = [p for p, _, visible in heads if visible and p != place]
    notes = []
    if hidden or others:
        notes.append(note("sheet_read", cnt, counted([place]), positions([place])))
    if others:
        notes.append(note("sheets_unread", len(others), counted(others), positions(others)))
    if hidden:
        notes.append(note("sheets_hidden_unread", len(hidden), counted(hidden), positions(hidden)))
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
