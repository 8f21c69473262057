"""How wide a list's text columns are: so that its rows are together as low as the paper's width allows.

A row is as high as its highest cell. A column that is given more width than its texts need makes another
column's texts, and with them every row, higher than they need be.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from exchange.form import Column
from exchange.sheets import COLUMN_UNIT, LINE, SLACK, text_width

NARROWEST = 9.0  # the heading must fit
STEP = 1.0


def fitted(columns: tuple[Column, ...], lines: pl.DataFrame) -> tuple[Column, ...]:
    """The columns with the width of the flexible ones shared out by what these lines have to say.

    The sum of the widths stays, and so does the size of the print. Step by step, the column that makes the
    rows lowest by it gets a little more.
    """
    flexible = [i for i, column in enumerate(columns) if column.is_flexible]
    if lines.is_empty() or len(flexible) < 2:
        return columns
    texts = {i: _paragraphs(lines[str(columns[i].source)]) for i in flexible}
    widths = dict.fromkeys(flexible, NARROWEST)
    spare = sum(columns[i].width for i in flexible) - NARROWEST * len(flexible)
    heights = {i: _heights(columns[i], texts[i], widths[i]) for i in flexible}
    wider = {i: _heights(columns[i], texts[i], widths[i] + STEP) for i in flexible}
    while spare >= STEP:
        best = min(flexible, key=lambda i: _total({**heights, i: wider[i]}))
        widths[best] += STEP
        heights[best] = wider[best]
        wider[best] = _heights(columns[best], texts[best], widths[best] + STEP)
        spare -= STEP
    return tuple(replace(c, width=widths[i]) if i in widths else c for i, c in enumerate(columns))


def _paragraphs(texts: pl.Series) -> list[list[float]]:
    """Of each line, the widths of its paragraphs in half characters."""
    return [[text_width(part) for part in text.split("\n")] for text in texts.to_list()]


def _heights(column: Column, texts: list[list[float]], width: float) -> list[float]:
    """Points each cell needs, parts of a line counted: a step too small to save a whole line counts, too."""
    room = width * COLUMN_UNIT * SLACK * 2 / column.font_size
    one = column.font_size * LINE
    return [sum(max(1.0, part / room) for part in parts) * one for parts in texts]


def _total(heights: dict[int, list[float]]) -> float:
    """The height of all rows together."""
    return sum(map(max, *heights.values()))
