"""Helpers for the workbooks we hand out: safe text, row heights, A4 print, the same bytes every time."""

from __future__ import annotations

import gc
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from exchange.guards import guarded, guarded_columns
from exchange.plain_cells import PlainCells

FONT = "微软雅黑"  # on every Windows and in WPS; others fall back to their own Chinese font
LINE = 1.45  # height of one line of that font, in font sizes
COLUMN_UNIT = 5.25  # points in one unit of column width (7 pixels)
LATIN = 1.12  # width of a Latin letter or digit, in half characters
SLACK = 0.96  # printers and other fonts set a little wider than the screen
TALLEST_ROW = 409.0  # Excel's own limit, in points
LONGEST_TEXT = 32_000  # Excel holds 32,767 characters in a cell

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CLOSING = "，。、；：！？）」』》】〉”’％…,.;:!?)]}%"
_TOKENS = re.compile(rf"[!-~]+|.[{re.escape(_CLOSING)}]*")


@dataclass
class Book:
    """An open workbook and the formats already made in it (one format per set of properties)."""

    workbook: Workbook
    formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    def style(self, **props: Any) -> Format:
        """The format with these properties, made once."""
        key = tuple(props.items())
        if key not in self.formats:
            merged = {"font_name": FONT, "font_size": 10, "valign": "vcenter", **props}
            self.formats[key] = self.workbook.add_format(merged)
        return self.formats[key]

    def look(self, **props: Any) -> Look:
        """How cells look, to be asked for once and used for many cells."""
        return Look(self, props)

    def add_sheet(self, name: str) -> Sheet:
        """A new sheet behind the others."""
        return Sheet(self, self.workbook.add_worksheet(name, PlainCells))


@dataclass
class Look:
    """The look of many cells; its formats are made when the first cell needs them."""

    book: Book
    props: dict[str, Any]

    @cached_property
    def plain(self) -> Format:
        """As asked for."""
        return self.book.style(**self.props)

    @cached_property
    def guarded(self) -> Format:
        """The same for a text that is guarded: marked as text for programs that know the mark."""
        return self.book.style(**self.props, quote_prefix=True)


@dataclass(frozen=True)
class Sheet:
    """One sheet of an open workbook. Texts go through `write`, never straight to the library's own, `raw`."""

    book: Book
    raw: PlainCells

    def write(self, row: int, col: int, value: object, **props: Any) -> None:
        """Write `value` as text and never as a formula, a number or a link, however the sheet is saved."""
        self.put(row, col, value, self.book.look(**props))

    def put(self, row: int, col: int, value: object, look: Look) -> None:
        """`write` with a look that is used for many cells."""
        own = safe_text(value)
        text = guarded(own)
        self.raw.put(row, col, text, look.plain if text == own else look.guarded)

    def rows(self, first: int, frame: pl.DataFrame, looks: Callable[[int], Sequence[Look]]) -> None:
        """`put` the whole frame, from a row on; `looks`: how its row of that number looks, by column."""
        texts = safe_columns(frame)
        shown = guarded_columns(texts)
        differ = pl.any_horizontal(pl.col(name) != texts[name] for name in shown.columns)
        is_guarded = shown.select(differ).to_series().to_list()
        for place, cells in enumerate(shown.iter_rows()):
            row = looks(place)
            formats = [look.plain for look in row]
            if is_guarded[place]:
                own = zip(row, cells, texts.row(place), strict=True)
                formats = [look.plain if cell == text else look.guarded for look, cell, text in own]
            self.raw.put_row(first + place, cells, formats)

    def number(self, row: int, col: int, value: float | None, **props: Any) -> None:
        """Write a number that is ours to count with, for charts and sums; never a department's value."""
        if value is None:
            self.raw.write_blank(row, col, None, self.book.style(**props))
        else:
            self.raw.write_number(row, col, value, self.book.style(**props))

    def span(self, row: int, last_col: int, value: object, **props: Any) -> None:
        """Write `value` as text over the columns 0 to `last_col` of a row."""
        self.raw.merge_range(row, 0, row, last_col, "", self.book.style(**props))
        self.write(row, 0, value, **props)

    def stack(self, row: int, col: int, value: object, **props: Any) -> None:
        """Write `value` as text over a cell and the one below it."""
        self.raw.merge_range(row, col, row + 1, col, "", self.book.style(**props))
        self.write(row, col, value, **props)


@contextmanager
def open_book(path: Path, title: str, as_of: date) -> Iterator[Book]:
    """Open a new workbook that appears at `path` only when complete.

    The created date is `as_of`, not the clock, so that the same list has the same bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with _written(str(unfinished), title, as_of) as book:
            yield book
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def book_in_memory(target: BytesIO, title: str, as_of: date) -> Iterator[Book]:
    """The same into memory: for what must not lie on a disk as it is."""
    with _written(target, title, as_of) as book:
        yield book


@contextmanager
def _written(target: str | BytesIO, title: str, as_of: date) -> Iterator[Book]:
    never = ("strings_to_formulas", "strings_to_numbers", "strings_to_urls")
    plain = dict.fromkeys(never, False) | {"in_memory": True}
    workbook = xlsxwriter.Workbook(target, plain)
    created = datetime(as_of.year, as_of.month, as_of.day)  # noqa: DTZ001  the format holds no zone
    workbook.set_properties({"title": title, "author": "找人 Zhaoren", "created": created})
    with _no_collection():
        yield Book(workbook)
        workbook.close()


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for garbage meanwhile: a book is a million small objects, none of which is garbage yet."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def safe_text(value: object) -> str:
    """The value as cell text: null is empty, lists become lines, control characters go."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "\n".join(safe_text(item) for item in value if item is not None)
    text = _UNPRINTABLE.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


class _Widths(dict[str, float]):
    """Each character's width, looked up once: there are few different ones in millions."""

    def __missing__(self, char: str) -> float:
        self[char] = width = 2 if unicodedata.east_asian_width(char) in "WFA" else LATIN
        return width


_WIDTH_OF = _Widths()


def safe_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """`safe_text` of every value of the frame, which holds no lists."""
    return frame.select(_safe(pl.col(name).cast(pl.String)) for name in frame.columns)


def _safe(text: pl.Expr) -> pl.Expr:
    lines = text.fill_null("").str.replace_all("\r\n", "\n", literal=True)
    clean = lines.str.replace_all("\r", "\n", literal=True).str.replace_all(_UNPRINTABLE.pattern, "")
    cut = clean.str.slice(0, LONGEST_TEXT) + "…"
    return pl.when(clean.str.len_chars() > LONGEST_TEXT).then(cut).otherwise(clean)


def text_width(text: str) -> float:
    """Width in half characters: an East-Asian character counts 2, others a little over 1."""
    return sum(map(_WIDTH_OF.__getitem__, text))


@lru_cache(maxsize=4096)  # headings, help text and questions repeat from town to town
def lines_needed(text: str, width: float) -> int:
    """Lines that `text` takes in a wrapped cell that holds `width` half characters in a line.

    Wraps the way Excel does: words of Latin letters and digits stay whole, and closing
    punctuation does not start a line.
    """
    return sum(_wrapped_lines(paragraph, max(2.0, width)) for paragraph in text.split("\n"))


def _wrapped_lines(paragraph: str, width: float) -> int:
    lines, used = 1, 0.0
    for token in _TOKENS.findall(paragraph):
        size = text_width(token)
        if used and used + size > width:
            lines, used = lines + 1, 0.0
        extra = int((size - 0.01) // width)  # a single word wider than the cell
        lines, used = lines + extra, used + size - extra * width
    return lines


@dataclass(frozen=True)
class Cell:
    """A wrapped text, the width of its column in Excel's units, and its font size."""

    text: str
    width: float
    font_size: float = 10

    @property
    def height(self) -> float:
        """Points that show the whole text."""
        half_characters = self.width * COLUMN_UNIT * SLACK * 2 / self.font_size
        return lines_needed(self.text, half_characters) * self.font_size * LINE


def row_height(cells: Iterable[Cell], least: float = 0) -> float:
    """Points that show every cell in full, at most Excel's limit."""
    tallest = max((cell.height for cell in cells), default=0.0)
    return min(TALLEST_ROW, max(least, round(tallest + 4, 1)))


def fit_text(cell: Cell) -> str:
    """The cell's text, cut with a plain remark when not even the tallest row could show it."""
    keep, shown = len(cell.text), cell
    while keep and shown.height > TALLEST_ROW - 4:
        keep = keep * 9 // 10
        shown = replace(cell, text=cell.text[:keep] + "…（太长，未列完，全文见个案系统）")
    return shown.text


def print_a4_landscape(sheet: Sheet, left: str, right: str, header_row: int | None) -> None:
    """A4 across, page x of y and the confidentiality line.

    With a header row: one page wide and as many as it takes, the row repeated; without: one page in all.
    """
    sheet.raw.set_landscape()
    sheet.raw.set_paper(9)
    sheet.raw.set_margins(left=0.3, right=0.3, top=0.55, bottom=0.5)
    sheet.raw.fit_to_pages(1, 1 if header_row is None else 0)
    sheet.raw.set_header(f"&L&9{_plain(left)}&R&9&B内部资料 注意保密", {"margin": 0.25})
    sheet.raw.set_footer(f"&L&9{_plain(right)}&C&9第 &P 页 / 共 &N 页&R&9内部资料 注意保密", {"margin": 0.2})
    if header_row is not None:
        sheet.raw.repeat_rows(header_row)


def print_wide(sheet: Sheet) -> None:
    """A4 across, one page wide: for sheets that are rarely printed, so that nothing falls off the paper."""
    sheet.raw.set_landscape()
    sheet.raw.set_paper(9)
    sheet.raw.fit_to_pages(1, 0)
    sheet.raw.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.5)


def header_row(sheet: Sheet, headings: Sequence[str], widths: Sequence[int]) -> None:
    """A table's head in the first row, with filters; the row stays in sight."""
    for col, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        sheet.raw.set_column(col, col, width)
        sheet.write(0, col, heading, bold=True, text_wrap=True, bg_color="#D9E1F2", border=1)
    sheet.raw.freeze_panes(1, 0)
    sheet.raw.autofilter(0, 0, 0, len(headings) - 1)
    sheet.raw.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    print_wide(sheet)
    sheet.raw.repeat_rows(0)


def _plain(text: str) -> str:
    """Text for a page header: '&' starts a command there; a leading digit would read as a font size."""
    return " " + safe_text(text).replace("&", "&&").replace("\n", " ")
