"""Workbooks as text: the sheet that holds the table, cells as a person sees them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

from zhaoren.errors import ZhaorenError
from zhaoren.exchange.headers import SEARCHED_ROWS
from zhaoren.exchange.tables import unreadable

MOST_UNPACKED_BYTES = 8 * 2**30
Head = tuple[tuple[str | None, ...], ...]
HasHeader = Callable[[Sequence[Sequence[str | None]]], bool]
# A cell that holds a number too long for a number: 16 digits or more lose their last ones.
_LONG_NUMBER = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>(?:<(?:\w+:)?f[^>]*>[^<]*</(?:\w+:)?f>)?<(?:\w+:)?v>([0-9.]+[eE]\+?1[5-9]|[0-9]{16,20})<"
)
_REFERENCE = re.compile(rb"\br=\"[A-Z]+([0-9]+)\"")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_sheet(
    path: Path, kind: str, has_header: Callable[[Sequence[Sequence[str | None]]], bool]
) -> tuple[pl.DataFrame, Head]:
    """The first sheet with a header, else the first with cells: String columns and row_no; its first rows.

    ZhaorenError when the workbook is damaged, locked, empty or unpacks to an unreasonable size.
    """
    import fastexcel

    if kind == "xlsx":
        _refuse_strange_zip(path)
    try:
        reader = fastexcel.read_excel(path.read_bytes())
        names = range(len(reader.sheet_names))
        sheets = [
            reader.load_sheet(i, header_row=None, skip_rows=0, dtypes="string").to_polars() for i in names
        ]
    except Exception as error:  # the reader's own kinds differ by format
        why = f"damaged workbook ({type(error).__name__}), or locked with a password"
        raise unreadable(path, why) from error
    filled = [(place, sheet) for place, sheet in enumerate(sheets) if sheet.width]
    if not filled:
        raise ZhaorenError(
            "the file is empty", path.name, "its sheets have no cells", "ask the department to send it again"
        )
    place, sheet = next(((p, s) for p, s in filled if has_header(_head(s))), filled[0])
    text = sheet.rename({name: f"column_{at}" for at, name in enumerate(sheet.columns)})
    # A date cell is rendered with its time: midnight says nothing.
    text = text.with_columns(pl.all().str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00$", "${1}"))
    rows = text.with_columns(row_no=pl.int_range(1, text.height + 1, dtype=pl.Int64))
    return (_long_numbers_as_shown(rows, path, place) if kind == "xlsx" else rows), _head(sheet)


def _head(sheet: pl.DataFrame) -> Head:
    return tuple(sheet.head(SEARCHED_ROWS).rows())


def _refuse_strange_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            is_workbook = any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        raise unreadable(path, "damaged workbook (its zip directory is broken)") from error
    if not is_workbook:
        raise unreadable(path, "a zip file that holds no workbook", "unpack it and deliver the table inside")
    if size > MOST_UNPACKED_BYTES:
        raise unreadable(path, f"it unpacks to {size / 2**30:.1f} GiB", "deliver it as CSV or Parquet")


def _long_numbers_as_shown(rows: pl.DataFrame, path: Path, place: int) -> pl.DataFrame:
    """Numbers of 16 digits and more as a spreadsheet shows them, 4.40524E+17.

    An ID number kept as a number has lost its last digits; written out in full it would look whole, and one
    in eleven such wrong numbers passes the check digit and belongs to somebody else.
    """
    found = _long_number_cells(path, place)
    if not found:
        return rows
    shown = {str(int(float(value))): f"{float(value):.5E}" for _, value in found}
    damaged = pl.col("row_no").is_in(sorted({row for row, _ in found}))
    texts = [name for name in rows.columns if name != "row_no"]
    return rows.with_columns(
        pl.when(damaged)
        .then(pl.col(name).replace(list(shown), list(shown.values())))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )


def _long_number_cells(path: Path, place: int) -> list[tuple[int, str]]:
    """(row, value) of the sheet's cells that hold a number of 16 digits or more."""
    with zipfile.ZipFile(path) as archive:
        part = _sheet_part(archive, place)
        xml = archive.read(part) if part else b""
    found = []
    for attributes, value in _LONG_NUMBER.findall(xml):
        reference = _REFERENCE.search(attributes)
        if reference and (b" t=" not in attributes or b't="n"' in attributes):
            found.append((int(reference[1]), value.decode()))
    return found


def _sheet_part(archive: zipfile.ZipFile, place: int) -> str | None:
    """The archive member that holds the sheet at `place`, by the workbook's own list."""
    try:
        sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).findall(".//{*}sheets/{*}sheet")
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        target = targets[sheets[place].get(_RELATION)]
    except (KeyError, IndexError, ElementTree.ParseError):
        return None
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return part if part in archive.namelist() else None
