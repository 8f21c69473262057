"""Quotation marks in delimited text: whether they are sound, and lines with stray ones taken as they stand.

A stray mark ("李四,…) makes a strict reader swallow rows up to the next one. Nothing may vanish so: where
quoting is unsound, the lines concerned are read literally and all others as they were meant.
"""

from __future__ import annotations

import re

import numpy as np

from exchange import limits

_QUOTE = 34


def mend_quotes(data: bytes, separator: bytes, columns: int) -> tuple[bytes, int]:
    """The text with sound quoting, and the number of lines whose marks were taken literally."""
    if b'"' not in data or _sound(data, separator, columns):
        return data, 0
    return _mended(data, separator, columns)


def rows_apart(data: bytes, separator: bytes, columns: int) -> tuple[bytes, int]:
    """The text with each row on a line of its own, and how many CR alone parted rows in it.

    A CR alone is a row's end where what stands on each side of it, outside quotation marks, is as long as a
    row; else it is part of a cell. ValueError where a line is several rows long and it cannot be told which:
    the rows behind its first one would be cut off.
    """
    if data.count(b"\r") == data.count(b"\r\n"):
        return data, 0
    codes = np.frombuffer(data, dtype=np.uint8)
    marks = np.flatnonzero(codes == _QUOTE)
    ends = np.flatnonzero((codes == 10) | (codes == 13))
    if marks.size % 2 == 0:  # marks that pair: what lies between two of them is a cell's
        ends = ends[np.searchsorted(marks, ends) % 2 == 0]
    lone = ends[(codes[ends] == 13) & (codes[np.minimum(ends + 1, codes.size - 1)] != 10)]
    lone = lone[lone < codes.size - 1]
    row_ends = ends[codes[ends] == 10]
    changed, parted = bytearray(data), 0
    for line in np.unique(np.searchsorted(row_ends, lone)):
        begin = int(row_ends[line - 1]) + 1 if line else 0
        end = int(row_ends[line]) if line < row_ends.size else len(data)
        cuts = [int(at) for at in lone[(lone >= begin) & (lone < end)]]
        pieces = [data[a:b] for a, b in zip([begin, *(at + 1 for at in cuts)], [*cuts, end], strict=True)]
        filled = [piece.count(separator) for piece in pieces if piece.strip()]
        if all(count >= columns - 1 for count in filled):
            parted += len(cuts)
            for at in cuts:
                changed[at] = 10
        elif sum(filled) >= 2 * max(columns - 1, 1):
            raise ValueError("rows are parted by CR alone in a way that cannot be told from cells")
    return bytes(changed), parted


def record_end(data: bytearray, separator: bytes, columns: int) -> int:
    """A place near the end where a record ends, outside quotation marks; 0 when there is no line end.

    After a line that is a whole record by itself. Where no line of the last MiB is one: after the last line
    with as many marks open as closed before it, or, as a stray mark must then be behind it, the last line.
    """
    last = data.rfind(b"\n")
    if last < 0 or b'"' not in data:
        return last + 1
    end = last
    while end > 0 and last - end < limits.MOST_CELL_BYTES:
        before = data.rfind(b"\n", 0, end)
        full = data.count(separator, before + 1, end) >= columns - 1
        if full and not data.count(b'"', before + 1, end) % 2:
            return end + 1
        end = before
    return _paired_end(data, last)


def _paired_end(data: bytearray, last: int) -> int:
    end, odd = last, bool(data.count(b'"', 0, last) % 2)
    while odd and end > 0 and last - end < limits.MOST_CELL_BYTES:
        before = max(data.rfind(b"\n", 0, end), 0)
        odd ^= bool(data.count(b'"', before, end) % 2)
        end = before
    return last + 1 if odd or end <= 0 else end + 1


def _sound(data: bytes, separator: bytes, columns: int) -> bool:
    """Every cell that has a mark begins and ends with one, and none swallows whole rows."""
    codes = np.frombuffer(data, dtype=np.uint8)
    marks = np.flatnonzero(codes == _QUOTE)
    if marks.size % 2:
        return False
    opening, closing = marks[0::2], marks[1::2]
    before = np.where(opening > 0, codes[opening - 1], 10)
    after = codes[np.minimum(closing + 1, codes.size - 1)]
    after = np.where(closing + 1 < codes.size, after, 10)
    around = np.array([*separator, 10, _QUOTE], dtype=np.uint8)
    if not np.isin(before, around).all() or not np.isin(after, [*around, 13]).all():
        return False
    ends = np.flatnonzero(codes == 10)
    first, last = np.searchsorted(ends, opening), np.searchsorted(ends, closing)
    several = np.flatnonzero(first != last)
    if (last - first > limits.MOST_LINES_IN_CELL).any():
        return False
    return not any(_swallows(data, int(opening[at]), int(closing[at]), separator, columns) for at in several)


def _swallows(data: bytes, opening: int, closing: int, separator: bytes, columns: int) -> bool:
    """Whether a cell with line breaks holds whole rows: its first and last line are each as long as a row."""
    start = data.rfind(b"\n", 0, opening) + 1
    first_end = data.find(b"\n", opening)
    last_start = data.rfind(b"\n", 0, closing) + 1
    end = data.find(b"\n", closing)
    first = data.count(separator, start, first_end)
    last = data.count(separator, last_start, end if end >= 0 else len(data))
    return columns > 1 and first >= columns - 1 and last >= columns - 1


def _mended(data: bytes, separator: bytes, columns: int) -> tuple[bytes, int]:
    sep = re.escape(separator)
    cell = rb'(?:"(?:[^"]|"")*+"|[^"' + sep + rb"\n]*+)"
    well = re.compile(cell + rb"(?:" + sep + cell + rb")*+\r?")
    lines = data.split(b"\n")
    at, stray = 0, 0
    while at < len(lines):
        line = lines[at]
        if b'"' in line and not well.fullmatch(line):
            end = _record(lines, at, well, separator, columns) if stray < limits.MOST_STRAY_QUOTES else at
            if end == at:
                lines[at] = _literal(line, separator)
                stray += 1
            at = end
        at += 1
    return b"\n".join(lines), stray


def _record(lines: list[bytes], at: int, well: re.Pattern[bytes], separator: bytes, columns: int) -> int:
    """The last line of a record with quoted line breaks that begins here; `at` itself when there is none."""
    joined = lines[at]
    full = joined.count(separator) >= columns - 1
    for end in range(at + 1, min(at + 1 + limits.MOST_LINES_IN_CELL, len(lines))):
        joined += b"\n" + lines[end]
        if len(joined) > limits.MOST_CELL_BYTES:
            return at
        if b'"' in lines[end] and well.fullmatch(joined):
            return at if full and lines[end].count(separator) >= columns - 1 else end
    return at


def _literal(line: bytes, separator: bytes) -> bytes:
    """The line's cells with their marks kept, but for a pair around a whole cell."""
    bare, end = (line[:-1], b"\r") if line.endswith(b"\r") else (line, b"")
    cells = bare.split(separator)
    return (
        separator.join(b'"' + _inside(c).replace(b'"', b'""') + b'"' if b'"' in c else c for c in cells) + end
    )


def _inside(cell: bytes) -> bytes:
    return cell[1:-1] if len(cell) > 1 and cell[:1] == b'"' == cell[-1:] else cell
