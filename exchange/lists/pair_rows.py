"""Lines that compare two things: one row of the sheet for each, one above the other, what differs marked."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import polars as pl

from exchange import sheets
from exchange.form import Column, Form
from exchange.guards import guarded
from exchange.sheets import Cell, Sheet

UNKNOWN = "（空）"
DIFFERS = {"bg_color": "#FDECEA"}
MARK: dict[str, Any] = {"bold": True, "underline": 1, "font_color": "#A61B12"}  # also seen in black and white
_PAGE_UNITS = 152.0  # column units across A4 landscape within our margins, unscaled
_PADDING = 0.7  # what a column takes beside its characters
_PAGE_POINTS = 505.0  # points down the same page
_LEAST = 26.0  # room for an answer written by hand over the two rows


def write_pairs(sheet: Sheet, first: int, form: Form, lines: pl.DataFrame) -> None:
    """Write each line over two rows from row `first` on, and break pages between lines, never within one.

    Columns with a `lower` show one thing in each row; all others go over both.
    """
    shown = {name: lines[name].to_list() for name in lines.columns}
    heights = []
    for index in range(lines.height):
        texts = {name: cells[index] for name, cells in shown.items()}
        heights.append(_pair(sheet, first + 2 * index, form, texts))
    sheet.raw.set_h_pagebreaks(_breaks(first, heights, form))


def _pair(sheet: Sheet, row: int, form: Form, texts: dict[str, str]) -> float:
    """Write one line; returns the points that its two rows take."""
    upper, lower = (_texts(form, texts, is_lower) for is_lower in (False, True))
    over = [Cell(texts[c.source], c.width, c.font_size) for c in form.columns if c.source and not c.lower]
    halves = [sheets.row_height(cells.values(), least=_LEAST) for cells in (upper, lower)]
    halves[1] = max(halves[1], sheets.row_height(over) - halves[0])
    for place, height in enumerate(halves):
        sheet.raw.set_row(row + place, height)
    for col, column in enumerate(form.columns):
        if column.lower:
            _compare(sheet, row, col, column, (upper[col].text, lower[col].text))
        else:
            sheet.stack(row, col, texts[column.source] if column.source else "", **column.look)
    return sum(halves)


def _texts(form: Form, texts: dict[str, str], is_lower: bool) -> dict[int, Cell]:
    """Column number and cell of one of the two rows."""
    return {
        col: Cell(texts[str(c.lower if is_lower else c.source)], c.width, c.font_size)
        for col, c in enumerate(form.columns)
        if c.lower
    }


def _compare(sheet: Sheet, row: int, col: int, column: Column, texts: tuple[str, str]) -> None:
    """The two texts of a column, one below the other; what differs is marked where both are known."""
    upper, lower = texts
    differs = column.is_compared and bool(upper) and bool(lower) and upper != lower
    for place, (text, other) in enumerate(((upper, lower), (lower, upper))):
        if differs:
            pieces = _pieces(sheets.safe_text(text), sheets.safe_text(other))
            _marked(sheet, row + place, col, column, pieces)
        else:
            sheet.write(row + place, col, text or UNKNOWN, **column.look)


def _marked(sheet: Sheet, row: int, col: int, column: Column, pieces: list[tuple[bool, str]]) -> None:
    """One text, the runs of characters marked that differ from the other's."""
    base, size = {**column.look, **DIFFERS}, {"font_size": column.font_size}
    if len(pieces) == 1:
        sheet.write(row, col, pieces[0][1], **base, **MARK)
        return
    parts: list[object] = []
    for is_marked, piece in pieces:
        parts += [sheet.book.style(**size, **(MARK if is_marked else {})), piece]
    sheet.raw.write_rich_string(row, col, *parts, sheet.book.style(**base))


def _pieces(text: str, other: str) -> list[tuple[bool, str]]:
    """Runs of characters, each with whether it differs; of unequal length, or guarded: the whole."""
    if len(text) != len(other) or guarded(text) != text:  # rich text has no guard
        return [(True, text)]
    places = groupby(zip(text, other, strict=True), key=lambda pair: pair[0] != pair[1])
    return [(differs, "".join(own for own, _ in pairs)) for differs, pairs in places]


def _breaks(first: int, heights: list[float], form: Form) -> list[int]:
    """Rows before which a page ends, so that no line is cut in two on paper."""
    scale = min(1.0, _PAGE_UNITS / sum(column.width + _PADDING for column in form.columns))
    head = sum(
        sheets.row_height([Cell(text, _PAGE_UNITS / scale, props.get("font_size", 11))])
        for text, props in form.header_lines
    )
    room, used, found = _PAGE_POINTS / scale, head + 40, []
    for index, height in enumerate(heights):
        if used + height > room:
            found.append(first + 2 * index)
            used = 40  # the headings again
        used += height
    return found
