"""Delimited text: the first records read with care, the rest at full speed."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Sequence

import polars as pl

from zhaoren.exchange.headers import SEARCHED_ROWS

SEPARATORS = ",;\t|，"
HEAD_BYTES = 256 * 1024
Head = tuple[tuple[str | None, ...], ...]


def split_head(
    data: bytes, find: Callable[[Sequence[Sequence[str | None]]], int | None]
) -> tuple[Head, list[int], str]:
    """The first records, the byte each begins at, and the separator by which `find` finds the header."""
    text = data[:HEAD_BYTES].decode("utf-8", "ignore")
    tries = [(*_records(text, separator), separator) for separator in SEPARATORS]
    for head, offsets, separator in tries:
        if find(head) is not None:
            return head, offsets, separator
    return max(tries, key=lambda t: max((len(row) for row in t[0]), default=0))


def _records(text: str, separator: str) -> tuple[Head, list[int]]:
    """Records as a spreadsheet counts them: a blank line is one, a quoted line break is none."""
    lines = io.StringIO(text, newline="").readlines()
    ends = [0, *itertools.accumulate(len(line.encode("utf-8")) for line in lines)]
    reader = csv.reader(lines, delimiter=separator)
    head, offsets, at = [], [], 0
    try:
        for record in itertools.islice(reader, SEARCHED_ROWS):
            head.append(tuple(record))
            offsets.append(ends[at])
            at = reader.line_num
    except csv.Error:
        pass  # what follows is for the full reader to judge
    return tuple(head), offsets


def parse_delimited(data: bytes, width: int, separator: str) -> pl.DataFrame:
    """All records as `width` String columns column_0…; shorter ones filled with nulls. Empty cells are null.

    A stray quotation mark breaks quoting: then the text is read without it, and paired quotes are taken
    off. pl.exceptions.PolarsError when that fails too.
    """
    try:
        frame = _parse(data, width, separator, '"')
        if b'"' in data or frame.height == _lines(data):
            return frame
    except pl.exceptions.PolarsError:
        pass
    frame = _parse(data, width, separator, None)
    if frame.height != _lines(data):
        raise pl.exceptions.ComputeError(f"{_lines(data)} lines gave {frame.height} rows")
    return frame.with_columns(pl.all().str.replace(r'^"(.*)"$', "${1}").replace("", None))


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n"))


def _parse(data: bytes, width: int, separator: str, quote: str | None) -> pl.DataFrame:
    return pl.read_csv(
        io.BytesIO(data),
        has_header=False,
        separator=separator,
        quote_char=quote,
        schema={f"column_{place}": pl.String for place in range(width)},
        missing_columns="insert",
        truncate_ragged_lines=True,
        infer_schema=False,
    )
