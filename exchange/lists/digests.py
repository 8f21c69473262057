"""The digests of a list's printed cells, for its hidden page: what a line that comes back is held against."""

from __future__ import annotations

import polars as pl

from exchange import sheets
from exchange.digests import SEQ, cell_digest
from exchange.form import CASE, Column, Form
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
