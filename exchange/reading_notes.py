"""What a reader left out of a file, doubts, or did to read it: one kind per code, with its count and place.

Not an error: the rows are read. A file that holds rows which are seen and not read is refused instead.
Peek prints the English sentence; receipts find the Chinese one by the code (`reading` in
templates/receipt.yaml).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# {cnt}: how many. {place}: agreed headers or positions, never a cell of the data nor the name of a sheet.
NOTES: dict[str, str] = {
    # How the text was written.
    "line_ends_cr": "its lines end with CR alone, taken as line ends",
    "line_ends_mixed": "{cnt} lines hold rows parted by CR alone, read as rows of their own",
    "mark_misleading": "it bears a UTF-8 mark, but its text is GB18030",
    "utf16_unmarked": "UTF-16 without a mark, told by its zero bytes",
    "fixed_width": "fixed width: {cnt} columns counted in {place}",
    "quotes_stray": "in {cnt} lines quotation marks do not pair: these lines were taken as they stand",
    # Where the table stands.
    "member_read": "read file {place} of {cnt} in the archive",
    "sheet_read": "read sheet {place} of {cnt}",
    "sheets_unread": "sheets not read: {place}",
    "sheets_hidden_unread": "hidden sheets not read: {place}",
    "sheet_hidden": "the sheet is hidden",
    "web_table_read": "a web page: the table with the header was read",
    "web_tables_unread": "{cnt} further tables of the web page were not read",
    # Its header.
    "header_assumed": "the file has no header row: columns are those of the contract, in its order",
    "rows_above": "{cnt} rows above the header are no data",
    "header_two_rows": "the header stands in rows {place}, read together",
    "columns_nameless": "{cnt} columns without a header were left out",
    "headers_twice": "headers that stand twice, the first taken: {place}",
    "columns_far": "columns right of ZZ were left out (the sheet reaches its {cnt}th)",
    # Its cells.
    "dates_1904": "the workbook counts its days from 1904: dates and bare day numbers are read so",
    "numbers_rounded": "{cnt} cells hold numbers of 16 digits or more, whose last digits are lost",
    "cells_in_error": "{cnt} cells hold a spreadsheet error such as #REF!",
    "areas_merged": "{cnt} merged areas span rows: only the first row of each holds the value",
    "formulas_unsolved": "{cnt} formulas have no stored result: these cells are blank",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Note:
    """One thing a person should know of how a file was read. code: a key of NOTES.

    Sheets and packed files may be named after people, so they are told by their positions. kept: the place as
    a receipt says it, in Chinese.
    """

    code: str
    cnt: int = 0
    place: str = ""
    kept: str = ""

    def __str__(self) -> str:
        return NOTES[self.code].format(cnt=self.cnt, place=self.place)


def note(code: str, cnt: int = 0, place: str = "", kept: str | None = None) -> Note:
    """A note; its place cut to what a line can hold. `kept`: the same in Chinese, if it is said otherwise."""
    return Note(code=code, cnt=cnt, place=place[:200], kept=(place if kept is None else kept)[:200])


def counted(places: Iterable[int]) -> str:
    """Places that count from 0, as people count: 1, 3."""
    return ", ".join(str(place + 1) for place in places)


def positions(places: Iterable[int]) -> str:
    """The same in Chinese: 第1、3个."""
    return f"第{'、'.join(str(place + 1) for place in places)}个"
