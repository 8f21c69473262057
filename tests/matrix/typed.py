"""Workbooks with one cell that is no text: a number, an error, a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import xlsxwriter
import xlwt

from tests.helpers.zips import replaced_in
from tests.matrix.writers import SHEET, Row, drop_references

ROUNDED = 445224193103155008  # what a spreadsheet keeps of 445224193103155034
DAY_1900, DAY_1904 = 45901, 44439  # 2025-09-01 counted from either calendar's first day
ERRORS = {"failed reference": "#REF!", "spilt array": "#SPILL!", "nothing found": "#N/A"}
OLD_ERRORS = {"failed reference": 0x17, "spilt array": 0x24, "nothing found": 0x2A}  # #REF!, #NUM!, #N/A
NUMBERS = {
    "rounded number": ROUNDED,
    "day as a number": DAY_1900,
    "day of the 1904 calendar": DAY_1904,
    "bare number of a 1904 day": DAY_1904,
}
SHOWN_AS_DAY = ("day as a number", "day of the 1904 calendar")

Cells = Sequence[int]  # the damaged column of each row, -1 for none


def as_xlsx(path: Path, rows: Sequence[Row], damaged: Cells, damage: str) -> None:
    """Error cells have a type of their own; names that this writer does not know are put in afterwards."""
    with xlsxwriter.Workbook(path, {"date_1904": "1904" in damage}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(rows):
            for place, text in enumerate(row):
                if place != damaged[at]:
                    sheet.write_string(at, place, text)
                elif damage in ERRORS:
                    sheet.write_formula(at, place, "=A1", None, ERRORS[damage].replace("SPILL", "NUM"))
                else:
                    sheet.write_number(at, place, NUMBERS[damage], day if damage in SHOWN_AS_DAY else None)
    if damage == "spilt array":
        replaced_in(path, SHEET, b"#NUM!", b"#SPILL!")


def as_xlsx_without_references(path: Path, rows: Sequence[Row], damaged: Cells, damage: str) -> None:
    """The same, as reporting tools write it."""
    as_xlsx(path, rows, damaged, damage)
    drop_references(path)


def as_xls(path: Path, rows: Sequence[Row], damaged: Cells, damage: str) -> None:
    """Old workbooks know seven errors; #SPILL! is none of them, and #NUM! stands for it."""
    book = xlwt.Workbook()
    book.dates_1904 = "1904" in damage
    sheet, day = book.add_sheet("Sheet1"), xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for at, row in enumerate(rows):
        for place, text in enumerate(row):
            if place != damaged[at]:
                sheet.write(at, place, text)
            elif damage in ERRORS:
                sheet.row(at).set_cell_error(place, OLD_ERRORS[damage])
            else:
                sheet.write(at, place, NUMBERS[damage], *([day] if damage in SHOWN_AS_DAY else []))
    book.save(str(path))


WORKBOOKS: dict[str, tuple[str, Callable[[Path, Sequence[Row], Cells, str], None]]] = {
    "XLSX": ("xlsx", as_xlsx),
    "XLSX without references": ("xlsx", as_xlsx_without_references),
    "XLS": ("xls", as_xls),
}
