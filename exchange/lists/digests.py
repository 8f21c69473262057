"""The digests of a list's printed cells, for its hidden page: what a line that comes back is held against."""

from __future__ import annotations

import polars as pl

from exchange import sheets
from exchange.digests import SEQ, cell_digest
from exchange.form import CASE, Column, Form, SideSheet
from exchange.lists.pair_rows import UNKNOWN
from exchange.sheets import Cell


def digested_headings(form: Form) -> list[str]:
    """The headings whose cells are digested, in the form's order: all that is printed but the line's keys.

    Of columns that compare two things only the first row counts.
    """
    return [c.heading for c in form.columns if c.source and c.heading not in (SEQ, CASE)]


def line_digests(form: Form, lines: pl.DataFrame) -> list[str]:
    """For each line the digests of its printed cells, parted by spaces, in the order of digested_headings."""
    headings = set(digested_headings(form))
    columns = [
        [cell_digest(_printed(form, column, text)) for text in lines[str(column.source)].to_list()]
        for column in form.columns
        if column.heading in headings
    ]
    return [" ".join(cells) for cells in zip(*columns, strict=True)]


def _printed(form: Form, column: Column, text: str) -> str:
    """The text as the page shows it."""
    if form.depth == 1:
        text = sheets.fit_text(Cell(text, column.width, column.font_size))
    elif column.lower:
        text = text or UNKNOWN
    return sheets.safe_text(text)


def side_headings(side: SideSheet) -> list[str]:
    """The headings of a side sheet whose printed cells are digested: all but the one that names the line."""
    return [c.heading for c in side.columns if c.source and c.heading != side.key]


def side_digests(side: SideSheet) -> list[str]:
    """For each printed line of a side sheet the digests of its cells, as line_digests."""
    columns = [
        [cell_digest(shown(column, text)) for text in side.lines[str(column.source)].to_list()]
        for column in side.columns
        if column.source and column.heading != side.key
    ]
    return [" ".join(cells) for cells in zip(*columns, strict=True)]


def shown(column: Column, text: str) -> str:
    """A text as the page shows it in a column."""
    return sheets.safe_text(sheets.fit_text(Cell(text, column.width, column.font_size)))
