"""Mutations of how the same table is written: text forms, workbooks, Parquet types."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.generative.mutants.sheet import Sheet

ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le-bom", "utf-16-be-bom", "gb18030-bom")
PARQUET_TYPES = (
    "int", "float", "date", "datetime", "datetime_tz", "decimal", "list", "struct", "binary", "null", "bool",
    "category", "time", "duration", "uint", "int128", "bytes_gb",
)  # fmt: skip
CELL_TYPES = ("date", "datetime", "number", "bool", "error", "formula", "time", "text_number", "rich")


def _as(format_: str) -> Callable[[Sheet, Random], None]:
    def write(sheet: Sheet, rng: Random) -> None:
        sheet.format = format_
        if format_ == "parquet":
            sheet.titles = []

    return write


def _encoding(sheet: Sheet, rng: Random) -> None:
    sheet.format, sheet.encoding = "csv", rng.choice(ENCODINGS)


def _separator(sheet: Sheet, rng: Random) -> None:
    sheet.format, sheet.separator = "csv", rng.choice((";", "\t", "|"))


def _newline(sheet: Sheet, rng: Random) -> None:
    """Other line ends, mixed ones, or none after the last line."""
    sheet.format, sheet.newline = (
        "csv",
        rng.choice(("\n", "\r", "\r\n", "mixed", "unended", "\n\r", "\r\r\n")),
    )
    sheet.sure = sheet.sure and sheet.newline not in ("\n\r", "\r\r\n")


def _quote_all(sheet: Sheet, rng: Random) -> None:
    sheet.format, sheet.quote_all = "csv", True


def _unquoted(sheet: Sheet, rng: Random) -> None:
    """Cells joined with separators as they are, with a stray quotation mark or two."""
    sheet.format, sheet.raw_cells = "csv", True
    for row in rng.sample(sheet.rows, min(len(sheet.rows), rng.choice((0, 1, 2, 3)))):
        if row.cells:
            at = rng.randrange(len(row.cells))
            row.cells[at] = rng.choice(('"{}', '{}"', '{0}"{0}', '"{}"x', '"{}"')).format(row.cells[at])
            row.touched = True


def _book(option: str) -> Callable[[Sheet, Random], None]:
    def write(sheet: Sheet, rng: Random) -> None:
        sheet.format = "xlsx"
        sheet.book["engine"] = rng.choice(("openpyxl", "xlsxwriter"))
        sheet.book[option] = rng.randrange(2**32)

    return write


def _typed(sheet: Sheet, rng: Random) -> None:
    """Cells of a column as dates, numbers, booleans, errors or formulas."""
    _book("any")(sheet, rng)
    for _ in range(rng.choice((1, 2, 5))):
        sheet.book.setdefault("typed", {})
        sheet.book["typed"] = {
            **sheet.book["typed"],
            rng.randrange(len(sheet.header)): rng.choice(CELL_TYPES),
        }
    sheet.touch_all()


def _merged(sheet: Sheet, rng: Random) -> None:
    """Cells merged downwards, as under a household: only the first keeps its value."""
    _book("merged")(sheet, rng)
    if len(sheet.rows) < 3:
        return
    first = rng.randrange(len(sheet.rows) - 2)
    last = min(len(sheet.rows) - 1, first + rng.choice((1, 3, 10)))
    column = rng.randrange(len(sheet.header))
    sheet.book["merged"] = (first, last, column)


def _types(sheet: Sheet, rng: Random) -> None:
    _as("parquet")(sheet, rng)
    for _ in range(rng.choice((1, 2, 6))):
        sheet.types[rng.randrange(len(sheet.header))] = rng.choice(PARQUET_TYPES)
    sheet.touch_all()


FORMS: dict[str, Callable[[Sheet, Random], None]] = {
    "form.csv": _as("csv"), "form.xlsx": _as("xlsx"), "form.parquet": _as("parquet"),
    "form.encoding": _encoding, "form.separator": _separator, "form.newline": _newline,
    "form.quote_all": _quote_all, "form.unquoted": _unquoted,
    "book.other_sheet": _book("other_sheet"), "book.same_sheet": _book("same_sheet"),
    "book.hidden_rows": _book("hidden_rows"), "book.styles": _book("styles"), "book.offset": _book("offset"),
    "book.typed": _typed, "book.merged": _merged, "parquet.types": _types,
}  # fmt: skip
