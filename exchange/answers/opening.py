"""Open a list that came back, by its content and within bounds, and see what its cells' texts do not say.

The reader gives each cell's text; formulas, merged cells, cells in error and cells far outside the list are
seen in the workbook's own XML. An old XLS shows texts and merged cells only.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as xml

import fastexcel
import polars as pl

from exchange.limits import MIB
from exchange.xls import open_old_book
from zhaoren.errors import ZhaorenError

# A station's list has some dozens of lines, the identity review some thousands; a filled file has 0.1 MiB.
MOST_BYTES = 32 * MIB
MOST_UNPACKED_BYTES, MOST_PARTS = 256 * MIB, 1000
MOST_TEXT_CHARACTERS = 64 * MIB
# Cells beyond are left out before the reader sets memory aside for all that lies between.
LAST_ROW, LAST_COLUMN = 20_000, 100

# What we call the sheets that are filled in.
OUR_SHEETS = frozenset({"走访名单", "待核实清单", "身份核对名单"})

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_XLS = b"\xd0\xcf\x11\xe0"
Area = tuple[int, int, int, int]  # first row, first column, last row, last column; all from 1


@dataclass
class Marks:
    """What a sheet's XML says beside its texts; places are (row, column), counted from 1."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    sorted_areas: list[Area] = field(default_factory=list)
    far: list[tuple[int, int]] = field(default_factory=list)
    first_column: int = 1
    has_far_cells: bool = False
    shared: Counter[str] = field(default_factory=Counter)  # how often each shared text is used


@dataclass(frozen=True)
class Page:
    """One sheet: its name, its texts (every cell, null where blank; first row is row 1), and its marks.

    `no`: its place in the workbook, from 1.
    """

    name: str
    text: pl.DataFrame
    marks: Marks
    no: int = 1

    @property
    def called(self) -> str:
        """The sheet as a message names it: as we did, else by its place, for a name may be somebody's."""
        return f"工作表“{self.name}”" if self.name in OUR_SHEETS else f"第{self.no}张工作表"


@dataclass(frozen=True)
class Book:
    """A workbook that came back. `is_1904`: its serial numbers count from 1904; of an XLS that is unknown."""

    file_name: str
    pages: tuple[Page, ...]
    is_1904: bool = False

    def page(self, name: str) -> Page | None:
        """The sheet of that name."""
        return next((page for page in self.pages if page.name == name), None)


def open_list(path: Path) -> Book:
    """Open a workbook, XLSX or XLS whatever its name says, or raise ZhaorenError with what to do."""
    data = _content(path)
    try:
        if data.startswith(_XLS):
            return _old_book(data, path.name)
        data, marks, is_1904 = _looked_over(data, path.name)
        reader = fastexcel.read_excel(data)
        pages = [_page(reader, at, marks[at]) for at in range(len(reader.sheet_names))]
        return Book(path.name, tuple(pages), is_1904)
    except ZhaorenError:
        raise
    except BaseException as error:  # a panic inside the reader is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        is_locked = _ENCRYPTED in data or "password" in str(error).lower()
        raise _refused(
            path.name, type(error).__name__, "file_locked" if is_locked else "not_readable"
        ) from error


def _content(path: Path) -> bytes:
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise _refused(path.name, f"no file, or larger than {MOST_BYTES // MIB} MiB")
        return path.read_bytes()
    except OSError as error:
        raise _refused(path.name, error.strerror or type(error).__name__) from error


def _refused(where: str, why: str, code: str = "not_readable") -> ZhaorenError:
    locked = code == "file_locked"
    return ZhaorenError(
        "文件有密码，打不开（locked with a password）"
        if locked
        else "这个文件打不开（cannot be read as a workbook）",
        where=where,
        why=why,
        todo="请去掉密码后再交（take the password off and hand it in again）"
        if locked
        else "请用 Excel 或 WPS 另存为 .xlsx 后再交（save it as .xlsx and hand it in again）",
        code=code,
    )


def _page(reader: fastexcel.ExcelReader, at: int, marks: Marks) -> Page:
    sheet = reader.load_sheet(at, header_row=None, skip_rows=0, dtypes="string")
    frame = sheet.to_polars() if sheet.width else pl.DataFrame()
    return Page(reader.sheet_names[at], _stripped(frame), marks, at + 1)


def _stripped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(pl.String).str.strip_chars().replace("", None)) if frame.width else frame


def _old_book(data: bytes, name: str) -> Book:
    import xlrd

    book = open_old_book(data)
    pages = [
        Page(title, _stripped(book.rows(at).drop("row_no")), Marks(), at + 1)
        for at, title in enumerate(book.titles)
    ]
    with suppress(Exception):  # the texts are read; where the formats are odd, merged cells are not seen
        formatted = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True)
        for page, sheet in zip(pages, formatted.sheets(), strict=True):
            page.marks.merged += [(r + 1, c + 1, r2, c2) for r, r2, c, c2 in sheet.merged_cells]
    return Book(name, tuple(pages), book.is_1904)


def _looked_over(data: bytes, name: str) -> tuple[bytes, list[Marks], bool]:
    """The workbook without far cells, the marks of each sheet, and whether its dates count from 1904."""
    changed: dict[str, bytes] = {}
    marks = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = _checked_members(archive, name)
        book = archive.read("xl/workbook.xml")
        is_1904 = any(
            part.get("date1904", "0").lower() in ("1", "true")
            for part in xml.fromstring(book)
            if part.tag.rpartition("}")[2] == "workbookPr"
        )
        if is_1904:  # an extension's own workbookPr makes the reader forget the date system
            changed["xl/workbook.xml"] = re.sub(rb"<((?:\w+:)?extLst)\b.*</\1>", b"", book, flags=re.S)
        for member in members:
            found, near = _walk(archive, member)
            marks.append(found)
            if found.has_far_cells:
                changed[member] = near
        _refuse_long_texts(archive, marks, name)
    return (_rewritten(data, changed) if changed else data), marks, is_1904


def _checked_members(archive: zipfile.ZipFile, name: str) -> list[str]:
    """The members that hold the sheets, in the workbook's order; a bomb or declared entities are refused."""
    entries = archive.infolist()
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise _refused(name, f"it unpacks to over {MOST_UNPACKED_BYTES // MIB} MiB or {MOST_PARTS} parts")
    for entry in entries:
        with archive.open(entry) as part:
            if entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in part.read(4096):
                raise _refused(name, "its XML declares entities, which no spreadsheet does")
    targets = {
        part.get("Id"): part.get("Target", "") for part in _parsed(archive, "xl/_rels/workbook.xml.rels")
    }
    sheets = _parsed(archive, "xl/workbook.xml").findall(".//{*}sheets/{*}sheet")
    ids = [next((v for k, v in sheet.items() if k.endswith("}id")), None) for sheet in sheets]
    known = {name.lower(): name for name in archive.namelist()}
    full = [posixpath.normpath(posixpath.join("/xl", targets[at].replace("\\", "/"))) for at in ids]
    return [known[part.lstrip("/").lower()] for part in full]


def _refuse_long_texts(archive: zipfile.ZipFile, marks: list[Marks], name: str) -> None:
    """A long text that a thousand cells share is a thousand long texts once it is read."""
    part = next((entry for entry in archive.namelist() if entry.lower().endswith("sharedstrings.xml")), None)
    if not part:
        return
    used = sum((sheet.shared for sheet in marks), Counter())
    texts = (len("".join(text.itertext())) for text in _parsed(archive, part))
    total = sum(length * used[str(at)] for at, length in enumerate(texts))
    if total > MOST_TEXT_CHARACTERS:
        raise _refused(name, f"its cells hold more than {MOST_TEXT_CHARACTERS} characters")


def _parsed(archive: zipfile.ZipFile, member: str) -> xml.Element:
    return xml.fromstring(archive.read(member))


def _walk(archive: zipfile.ZipFile, member: str) -> tuple[Marks, bytes]:
    """Go through a sheet's XML once: its marks, and the sheet anew without far cells."""
    marks, rows, row, columns = Marks(), xml.Element(f"{{{_MAIN}}}sheetData"), 0, [LAST_COLUMN]
    parent = rows
    with archive.open(member) as stream:
        for event, element in xml.iterparse(stream, events=("start", "end")):
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                parent = element if tag == "sheetData" else parent
            elif tag == "row":
                row = int(element.get("r") or row + 1)
                columns += _row(element, row, marks)
                if row <= LAST_ROW and len(element):
                    rows.append(_bare(element, row))
                parent.clear()
            elif tag == "mergeCell":
                marks.merged += _area(element.get("ref", ""))
            elif tag == "sortState":
                marks.sorted_areas += _area(element.get("ref", ""))
    marks.first_column = min(columns)
    sheet = xml.Element(f"{{{_MAIN}}}worksheet")
    sheet.append(rows)
    return marks, xml.tostring(sheet, encoding="UTF-8", xml_declaration=True) if marks.has_far_cells else b""


def _row(element: xml.Element, row: int, marks: Marks) -> list[int]:
    """Note the marks of one row and take its far cells out; the columns of its filled cells."""
    column, filled = 0, []
    for cell in list(element):
        match = _PLACE.fullmatch(cell.get("r", "").strip())
        column = column_number(match[1]) if match else column + 1
        parts = {part.tag.rpartition("}")[2]: part for part in cell}
        value = parts.get("v")
        has_text = (value is not None and bool((value.text or "").strip())) or "is" in parts
        if row > LAST_ROW or column > LAST_COLUMN:
            marks.has_far_cells = True
            marks.far += [(row, column)] if has_text else []
            element.remove(cell)
            continue
        filled += [column] if has_text else []
        if "f" in parts:
            marks.formulas.add((row, column))
        if cell.get("t") == "e":
            marks.errors.add((row, column))
        if cell.get("t") == "s" and value is not None:
            marks.shared[(value.text or "").strip()] += 1
    return filled


def _bare(element: xml.Element, row: int) -> xml.Element:
    kept = xml.Element(f"{{{_MAIN}}}row", {"r": str(row)})
    kept.extend(list(element))
    return kept


def _area(ref: str) -> list[Area]:
    ends = [_PLACE.fullmatch(end) for end in ref.split(":")]
    if not all(ends):
        return []
    places = [(int(end[2]), column_number(end[1])) for end in ends if end]
    return [(*places[0], *places[-1])]


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place


def _rewritten(data: bytes, changed: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, changed.get(entry.filename) or old.read(entry))
    return out.getvalue()
