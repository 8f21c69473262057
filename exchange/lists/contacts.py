"""One station's names, phones and addresses in full: a workbook that opens with a password only.

The plain workbook is never on a disk: it is made in memory and encrypted there (Office's agile encryption).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

import msoffcrypto
import polars as pl

from exchange import sheets
from exchange.form import CELL
from exchange.sheets import Book, Cell, Sheet
from exchange.words import words
from zhaoren.chinese import date_zh
from zhaoren.errors import ZhaorenError

LEAST = 10  # characters of a password: the file may leave the office, and nobody counts who tries
_COLUMNS = {"number": 12, "name": 14, "phones": 30, "others": 50, "address": 48, "village": 20}
_PLAIN = {"123", "abc", "password", "qwert", "密码"}


@dataclass(frozen=True)
class ContactHeader:
    """Whose list it is, of which date, and who asked for it."""

    station_name: str
    as_of: date
    asked_by: str


def refuse_weak(password: str) -> None:
    """Raise ZhaorenError for a password that is short, of few characters, or the one everybody tries."""
    is_plain = any(word in password.lower() for word in _PLAIN)
    if len(password) < LEAST or len(set(password)) < LEAST // 2 or is_plain:
        raise ZhaorenError(
            "The password is too weak.",
            "the password",
            f"It needs {LEAST} characters, of which some differ, and no 123, abc or the word itself.",
            "Choose another, and tell it to the station by another way than the file.",
            code="password_weak",
        )


def contact_workbook(
    header: ContactHeader, households: pl.DataFrame, key_persons: pl.DataFrame, password: str
) -> bytes:
    """The encrypted workbook. Every cell is text; nothing of it is masked.

    households: number (the case's), name, phones, others (the other members with theirs), address, village;
    key_persons: the same, number being 重点编号. Raises ZhaorenError for a weak password.
    """
    refuse_weak(password)
    text = words("contacts")
    plain = io.BytesIO()
    with sheets.book_in_memory(
        plain, text["title"].format(station=header.station_name), header.as_of
    ) as book:
        _sheet(book, text["households"], text["headings"]["number"], header, households)
        _sheet(book, text["key_persons"], text["headings"]["key_no"], header, key_persons)
    locked = io.BytesIO()
    msoffcrypto.OfficeFile(plain).encrypt(password, locked)
    return locked.getvalue()


def _sheet(book: Book, name: str, key: str, header: ContactHeader, rows: pl.DataFrame) -> None:
    text, sheet = words("contacts"), book.add_sheet(name)
    last, wide = len(_COLUMNS) - 1, sum(_COLUMNS.values())
    for col, width in enumerate(_COLUMNS.values()):
        sheet.raw.set_column(col, col, width)
    sheet.raw.set_row(0, 30)
    sheet.span(0, last, text["title"].format(station=header.station_name), bold=True, font_size=16)
    about = text["about"].format(date=date_zh(header.as_of), by=header.asked_by)
    sheet.raw.set_row(1, sheets.row_height([Cell(about, wide, 12)]))
    sheet.span(1, last, about, text_wrap=True, font_size=12, bold=True, font_color="#A61B12")
    for col, column in enumerate(_COLUMNS):
        heading = key if column == "number" else text["headings"][column]
        sheet.write(2, col, heading, **CELL, bold=True, bg_color="#E3E7EC", font_size=12)
    _rows(sheet, rows, text["none"])
    sheet.raw.freeze_panes(3, 1)
    sheets.print_a4_landscape(sheet, header.station_name, f"名单日期 {header.as_of}", 2)


def _rows(sheet: Sheet, rows: pl.DataFrame, none: str) -> None:
    if rows.is_empty():
        sheet.write(3, 0, none, font_size=12)
        return
    look = sheet.book.look(**CELL, font_size=12)
    texts = rows.select(pl.col(name).cast(pl.String).fill_null("") for name in _COLUMNS)
    for place, values in enumerate(texts.iter_rows(), start=3):
        cells = [Cell(value, width, 12) for value, width in zip(values, _COLUMNS.values(), strict=True)]
        sheet.raw.set_row(place, sheets.row_height(cells, least=24))
        for col, value in enumerate(values):
            sheet.put(place, col, value, look)
