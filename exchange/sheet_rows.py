"""Rows emptied in a workbook that exists, everything else in it byte for byte as it was.

For workbooks of ours that people filled in: a library would write them anew, and lose what it does not know.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

_ROW = re.compile(r"<row\b[^>]*?/>|<row\b.*?</row>", re.DOTALL)
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_VALUE = re.compile(r"<v>(.*?)</v>", re.DOTALL)
_TEXT = re.compile(r"<t\b[^>]*?>(.*?)</t>", re.DOTALL)
_STRING = re.compile(r"<si\b[^>]*?/>|<si\b.*?</si>", re.DOTALL)
_NUMBER = re.compile(r'<row\b[^>]*?\br="(\d+)"')
_SHARED = "xl/sharedStrings.xml"


def empty_rows(source: Path, target: Path, texts: tuple[frozenset[str], tuple[str, ...]]) -> list[int]:
    """Empty every row with a cell that is one of the first texts or holds one of the second.

    Returns the rows' numbers; without any, nothing is written. `target` may be the source, and is whole or
    as it was. A file that is no workbook has no rows.
    """
    try:
        with zipfile.ZipFile(source) as book:
            parts = {info: book.read(info) for info in book.infolist()}
    except (zipfile.BadZipFile, OSError):
        return []
    shared = _shared(parts)
    gone: list[int] = []
    sheets = {
        info: _without(data.decode("utf-8"), shared, texts, gone)
        for info, data in parts.items()
        if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml")
    }
    if not gone:
        return []
    used = {int(at) for text in sheets.values() for at in _used(text)}
    partial = target.with_name(f"{target.name}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as book:
        for info, data in parts.items():
            text = sheets.get(info)
            if info.filename == _SHARED:
                text = _unused_emptied(data.decode("utf-8"), used)
            book.writestr(info, data if text is None else text.encode("utf-8"))
    partial.replace(target)
    return gone


def _shared(parts: dict[zipfile.ZipInfo, bytes]) -> list[str]:
    data = next((data for info, data in parts.items() if info.filename == _SHARED), b"")
    return [_joined(found) for found in _STRING.findall(data.decode("utf-8"))]


def _joined(text: str) -> str:
    return unescape("".join(_TEXT.findall(text)))


def _without(
    sheet: str, shared: list[str], texts: tuple[frozenset[str], tuple[str, ...]], gone: list[int]
) -> str:
    """The sheet with its matching rows emptied; their numbers are added to `gone`."""
    whole, held = texts

    def emptied(found: re.Match[str]) -> str:
        row = found.group()
        cells = [_cell(attributes, inner, shared) for attributes, inner in _CELL.findall(row)]
        if not any(cell.strip() in whole or any(text in cell for text in held) for cell in cells if cell):
            return row
        number = _NUMBER.match(row)
        gone.append(int(number[1]) if number else 0)
        return _CELL.sub(lambda cell: f"<c{re.sub(r' t=.[A-Za-z]+.', '', cell[1])}/>", row)

    return _ROW.sub(emptied, sheet)


def _cell(attributes: str, inner: str, shared: list[str]) -> str:
    value = _VALUE.search(inner or "")
    if value and 't="s"' in attributes:
        at = int(value[1])
        return shared[at] if at < len(shared) else ""
    return unescape(value[1]) if value else _joined(inner or "")


def _used(sheet: str) -> Iterator[str]:
    for attributes, inner in _CELL.findall(sheet):
        if 't="s"' in attributes and (value := _VALUE.search(inner or "")):
            yield value[1]


def _unused_emptied(text: str, used: set[int]) -> str:
    """The texts that cells share, those that no cell shows any more emptied."""
    places = iter(range(1 << 30))
    return _STRING.sub(lambda found: found.group() if next(places) in used else "<si><t/></si>", text)
