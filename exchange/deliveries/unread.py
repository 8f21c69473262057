"""Rows that are seen and would not be read: they refuse the file, with their count and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from exchange.deliveries.headers import VALUE, HeaderMatch, looks_glued, plain, rows_like_data
from exchange.deliveries.packed import unreadable
from exchange.deliveries.tables import RawTable

INK = r"[^\s\u00a0\u3000,]"


def second_block(match: HeaderMatch) -> list[int]:
    """Places of headers that stand there a second time, when several do: a table beside the table."""
    known = {plain(match.headers[place]) for place in match.places}
    again = [at for at, name in enumerate(match.headers) if at not in match.places and plain(name) in known]
    return again if len(again) > 1 else []


def refuse_second_block(name: str, body: pl.DataFrame, again: Sequence[int]) -> None:
    """Rows of a table beside the table would be lost; `again`: places of second_block."""
    cells = [f"column_{at}" for at in again if f"column_{at}" in body.columns]
    if not cells:
        return
    filled = pl.sum_horizontal(pl.col(cell).str.contains(INK).fill_null(False) for cell in cells)
    if unread := int(body.select((filled > 1).sum()).item()):
        why = f"{unread} rows stand in a second table beside the first, under the same headers"
        raise unreadable("rows_unread", name, why, "put all rows under one another, below one header")


def refuse_no_cells(path: Path, table: RawTable, match: HeaderMatch) -> None:
    """A column of lists or structures would be read as the text of its braces."""
    odd = [f"{match.headers[at]} ({table.no_cells[at]})" for at in match.places if at in table.no_cells]
    if odd:
        todo = "deliver these columns as text, numbers or dates"
        raise unreadable("not_readable", path.name, f"columns that hold no cells: {'、'.join(odd)}", todo)


def refuse_glued(path: Path, header: int, match: HeaderMatch, table: RawTable) -> None:
    """A header that holds the first row of data has lost a person, and would show one."""
    if looks_glued(match, table.head[header + 1 :]):
        raise unreadable(
            "header_glued",
            f"{path.name}, header in row {header + 1}",
            "cells of data stand in the header: no line end parts it from the first row",
            "put a line end behind the header, and deliver it again",
        )


def refuse_rows_above(path: Path, table: RawTable, last: int, match: HeaderMatch) -> None:
    """Rows above the header that are as full as it is are no titles: they would vanish."""
    columns = sum(bool(name) for name in match.headers)
    for place in range(last + 1):
        row = table.head[place]
        filled = sum(bool((cell or "").strip()) for cell in row)
        lone = {f"column_{at}": [cell] for at, cell in enumerate(row)}
        is_person = rows_like_data(pl.DataFrame(lone, schema=dict.fromkeys(lone, pl.String)), columns)
        has_value = any(VALUE.search((cell or "").strip()) for cell in row)
        if is_person or (filled > 2 and filled * (3 if has_value else 2) >= columns):
            raise unreadable(
                "rows_above_header",
                f"{path.name}, row {place + 1}",
                f"rows above the header (row {last + 2}) are filled like data",
                "put the header above all data rows, and deliver it again",
            )
