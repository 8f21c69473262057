"""A workbook's parts, looked over before the reader sees them: size, declarations, and cells it would hide.

The reader writes a number of 18 digits out as if it were whole, drops error cells, and sets memory aside
for the whole rectangle between the outermost cells. So the sheet's XML is scanned once beforehand.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.parsers import expat

from exchange import limits
from exchange.deliveries.packed import ZIP_ERRORS, refuse_bomb, unreadable
from exchange.sheet_cells import LONG, READ_ERRORS, OddCells, column_number, odd_cells

BLOCK = 8 * limits.MIB
_OVERLAP = 4096
# Each pattern begins with what it finds literally and looks back from there, which is ten times as fast.
# The first two: something worth a look at each cell, a number of 16 digits or more, or a cell in error.
_LONG_NUMBER = re.compile(rb"v(?<=[<:]v)(?:\s[^>]{0,200})?>\s*(?:" + LONG.encode() + rb")\s*<")
_IN_ERROR = re.compile(rb"t(?<=\bt)\s*=\s*[\"']e[\"']")
_FAR_COLUMN = re.compile(rb"r=\"(?<=\br=\")([A-Za-z]{2,})[0-9]")
_FAR_ROW = re.compile(rb"r=\"(?<=\br=\")[A-Za-z]*([0-9]{5,})\"")
# References in another style of quotation, which the reader takes as well.
_ODD_REFERENCE = re.compile(rb"\br\s*=\s*['\"]\s*([A-Za-z]*[0-9]+)\s*['\"]")
_ODD = re.compile(rb"r(?<=\br)(?:='|\s+=|=\s|=\"\s)")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell ref=\"[A-Z]{1,3}([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})\"")
_UNSOLVED = re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]{0,200}/>)(?:<v ?/>|<v></v>)?</(?:\w+:)?c>")
_FORMULA = (b"<f", b":f", b"/f")  # one of these is in every formula's mark
_ERROR_CELL = re.compile(
    rb"(<(?:\w+:)?c\b[^>]{0,200}\bt\s*=\s*[\"']e[\"'][^>]{0,200}(?<!/)>"
    rb"(?:(?!</(?:\w+:)?c>).){0,9000}?<(?:\w+:)?v\b[^>]{0,99}>)"
    rb"(?!(?:" + "|".join(READ_ERRORS).replace("?", r"\?").encode() + rb")<)[^<]+",
    re.S,
)
WORKBOOK = "xl/workbook.xml"
_PROPERTIES = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*(?:/>|(?<!/)>.*?</(?:\w+:)?workbookPr>)", re.S)
_SHEETS = re.compile(rb"<(?:\w+:)?sheets\b")
_YES, _NO = {"1", "true", "on"}, {"0", "false", "off", ""}
_WIDE_CELL = re.compile(rb"<(?:\w+:)?c r=\"[A-Z]{3}[0-9]+\"[^>]*(?:/>|>.*?</(?:\w+:)?c>)", re.S)


@dataclass(frozen=True, kw_only=True)
class SheetScan:
    """What a sheet's XML says, counted from 1.

    columns, rows: the outermost; near_columns: the outermost up to ZZ. fixes: (row, column, text).
    first_column: of the first filled cell, known where there are fixes. merged: areas of several rows.
    unsolved: formulas without a stored result. unsolved_rows: rows that hold nothing else.
    """

    columns: int
    rows: int
    fixes: tuple[tuple[int, int, str], ...]
    text_cells: int
    first_column: int = 1
    merged: int = 0
    unsolved: int = 0
    unsolved_rows: int = 0
    has_unread_errors: bool = False
    near_columns: int = 0


def look_over(data: bytes, name: str) -> tuple[str, ...]:
    """Check the workbook's zip; the members that hold its sheets, in the workbook's order.

    ZhaorenError: damaged, locked, too large, or its XML declares entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_sizes(archive, name, len(data))
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels")) and entry.file_size < BLOCK:
                    _refuse_declarations(archive.read(entry), name)
            members = _sheet_members(archive)
    except ZIP_ERRORS as error:
        why = f"damaged workbook, or locked with a password ({type(error).__name__})"
        raise unreadable("not_readable", name, why) from error
    return _refuse_unknown(members, name)


def _refuse_unknown(members: tuple[str, ...], name: str) -> tuple[str, ...]:
    """What cannot be looked over beforehand is not handed to the reader."""
    if not members or not all(members):
        why = "a workbook whose parts do not hang together, or of another kind (XLSB, Word, …)"
        raise unreadable("not_readable", name, why, "save it as XLSX or CSV with a usual program")
    return members


def _refuse_sizes(archive: zipfile.ZipFile, name: str, packed: int) -> None:
    members = archive.infolist()
    if len(members) > 100 * limits.MOST_MEMBERS:
        raise unreadable(
            "structure_suspect", name, f"a workbook of {len(members)} parts", "deliver the table alone"
        )
    refuse_bomb(name, sum(member.file_size for member in members), packed)
    for member in members:
        most = limits.MOST_SHARED_BYTES if "sharedStrings" in member.filename else limits.MOST_SHEET_BYTES
        if member.file_size > most:
            why = f"its part {member.filename[:60]} unpacks to {member.file_size / limits.GIB:.1f} GiB"
            raise unreadable("structure_suspect", name, why, "deliver it as CSV or Parquet")


def _refuse_declarations(xml: bytes, name: str) -> None:
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise unreadable(
            "not_readable",
            name,
            "its XML declares entities, which no spreadsheet does",
            "ask who made this file",
        )
    if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise unreadable(
            "not_readable", name, "its XML is not UTF-8", "save it again as XLSX with a usual program"
        )


def _sheet_members(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """The members of the sheets, '' where one is not there; none when the workbook has no list of them."""
    try:
        sheets = ElementTree.fromstring(archive.read(WORKBOOK)).findall(".//{*}sheets/{*}sheet")
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return ()
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    ids = [next((v for k, v in sheet.items() if k.endswith("}id")), None) for sheet in sheets]
    known = {name.lower(): name for name in archive.namelist()}
    full = [posixpath.normpath(posixpath.join("/xl", targets.get(at, "").replace("\\", "/"))) for at in ids]
    return tuple(known.get(part.lstrip("/").lower(), "") for part in full)


def scan_sheet(data: bytes, member: str, name: str) -> SheetScan:
    """Read one sheet's XML through. ZhaorenError when it is damaged or declares entities."""
    columns, near, rows, texts = 26, 26, 0, 0
    suspect = False
    last_row = merged = unsolved = 0
    for block, fresh in _blocks(data, member, name):
        _refuse_declarations(block, name)
        block = _ODD_REFERENCE.sub(rb'r="\1"', block) if _ODD.search(block) else block
        texts += block.count(b't="s"', fresh)
        far = [column_number(letters) for letters in set(_FAR_COLUMN.findall(block))]
        columns, near = max([columns, *far]), max([near, *(c for c in far if c <= limits.LAST_COLUMN)])
        rows = max([rows, *(int(r) for r in set(_FAR_ROW.findall(block)))])
        suspect = suspect or bool(_LONG_NUMBER.search(block) or _IN_ERROR.search(block))
        if b"mergeCell" in block:
            merged += len([1 for a, b in _MERGED.findall(block, fresh) if a != b])
        if any(mark in block for mark in _FORMULA):
            unsolved += len(_UNSOLVED.findall(block, fresh))
        last_row = max(
            last_row, *(int(r) for r in re.findall(rb"<row r=\"([0-9]{1,9})\"", block)[-1:] or [0])
        )
    if columns > limits.MOST_COLUMNS or rows > 2**20:
        raise unreadable(
            "not_readable",
            name,
            "a cell lies outside any sheet",
            "save it again as XLSX with a usual program",
        )
    try:
        odd = odd_cells(data, member) if suspect or unsolved else OddCells((), 1, 0)
    except (*ZIP_ERRORS, expat.ExpatError) as error:
        raise unreadable("not_readable", name, f"damaged workbook ({type(error).__name__})") from error
    return SheetScan(
        columns=columns,
        near_columns=near,
        # Rows below 10,000 are not looked for one by one: a sheet without row numbers may have them.
        rows=max(rows, last_row, 0 if last_row else 9_999),
        fixes=odd.fixes,
        text_cells=texts,
        first_column=odd.first_column,
        unsolved_rows=odd.unsolved_rows,
        has_unread_errors=odd.has_unread_errors,
        merged=merged,
        unsolved=unsolved,
    )


def _blocks(data: bytes, member: str, name: str) -> Iterator[tuple[bytes, int]]:
    """The member's bytes in overlapping blocks, and where each block's fresh part begins."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(member) as stream:
            tail = b""
            while piece := stream.read(BLOCK):
                yield tail + piece, len(tail)
                tail = piece[-_OVERLAP:]
    except ZIP_ERRORS as error:
        raise unreadable("not_readable", name, f"damaged workbook ({type(error).__name__})") from error


def without_far_columns(data: bytes, member: str, name: str) -> bytes:
    """The workbook without cells right of column ZZ in one sheet: memory is set aside for all between.

    ZhaorenError when it is damaged or too large for that.
    """
    return _rewritten(data, member, name, lambda xml: _WIDE_CELL.sub(b"", xml))


def with_known_errors(data: bytes, member: str, name: str) -> bytes:
    """The workbook with each error that the reader does not know, such as #SPILL!, as one that it does.

    It refuses the whole file for one such cell. What the cell showed is kept by odd_cells.
    """
    return _rewritten(data, member, name, lambda xml: _ERROR_CELL.sub(rb"\1#VALUE!", xml))


def is_1904(data: bytes, name: str) -> bool:
    """Whether the workbook counts its days from 1904: its own properties say so, not those of an extension.

    ZhaorenError when they say neither yes nor no.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = ElementTree.fromstring(archive.read(WORKBOOK))
    except (*ZIP_ERRORS, ElementTree.ParseError) as error:
        raise unreadable("not_readable", name, f"damaged workbook ({type(error).__name__})") from error
    own = book.findall(book.tag.removesuffix("workbook") + "workbookPr")  # of the workbook's own namespace
    said = (own[0].get("date1904") or "0").strip().lower() if own else "0"
    if said not in _YES | _NO:
        raise unreadable("not_readable", name, "its date system is neither 1900 nor 1904")
    return said in _YES


def with_plain_epoch(data: bytes, name: str) -> bytes:
    """The 1904 workbook with properties that the reader cannot misread.

    It takes the last workbookPr it meets, an extension's too, and those know nothing of dates.
    """

    def plainly(xml: bytes) -> bytes:
        return _SHEETS.sub(rb'<workbookPr date1904="1"/>\g<0>', _PROPERTIES.sub(b"", xml), count=1)

    return _rewritten(data, WORKBOOK, name, plainly)


def _rewritten(data: bytes, member: str, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one member changed. ZhaorenError when it is damaged or too large for that."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
            if old.getinfo(member).file_size > limits.MOST_CUT_BYTES:
                why, todo = "a sheet of many columns and rows", "delete the empty columns, or deliver CSV"
                raise unreadable("structure_suspect", name, why, todo)
            for entry in old.infolist():
                content = old.read(entry)
                new.writestr(entry.filename, change(content) if entry.filename == member else content)
    except (*ZIP_ERRORS, KeyError) as error:
        raise unreadable("not_readable", name, f"damaged workbook ({type(error).__name__})") from error
    return out.getvalue()


def shared_text_bytes(data: bytes, member: str, name: str) -> int:
    """How much text the sheet's cells come to, long shared texts counted as often as they stand.

    ZhaorenError when the workbook is damaged.
    """
    import numpy as np

    try:
        lengths = np.array(_shared_lengths(data), dtype=np.int64)
    except ZIP_ERRORS as error:
        raise unreadable("not_readable", name, f"damaged workbook ({type(error).__name__})") from error
    if not lengths.size or lengths.max() < 1024:
        return 0
    total = 0
    for block, fresh in _blocks(data, member, name):
        used = re.findall(rb't="s"[^>]*>\s*<(?:\w+:)?v>([0-9]{1,9})<', block[max(0, fresh - 64) :])
        places = np.array(used, dtype=np.int64)
        total += int(lengths[places[places < lengths.size]].sum())
    return total


def _shared_lengths(data: bytes) -> list[int]:
    """The length of each text that cells share, its marks included."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shared = next((n for n in archive.namelist() if n.endswith("sharedStrings.xml")), None)
        xml = archive.read(shared) if shared else b""
    ends = [0, *(match.end() for match in re.finditer(rb"</(?:\w+:)?si>|<(?:\w+:)?si/>", xml))]
    return [end - start for start, end in zip(ends, ends[1:], strict=False)]
