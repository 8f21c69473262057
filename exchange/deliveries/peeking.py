"""How a file would be read, and why: for people and programs, without a single cell of the data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.cells.characters import ZERO_WIDTH
from data_contracts.contract.model import Contract
from exchange.deliveries.headers import nearest, shown, vocabulary
from exchange.deliveries.reading import OpenDelivery, open_delivery, open_table, shares
from exchange.deliveries.tables import RawTable
from zhaoren.errors import ZhaorenError

# What a column's texts may have suffered, as patterns; counted, never shown.
DAMAGE: dict[str, str] = {
    "numbers_in_scientific_notation": r"^\s*[0-9](\.[0-9]+)?[eE]\+?[0-9]{2}\s*$",
    "long_numbers_as_floats": r"^\s*[0-9]{15,20}\.0*\s*$",
    "spreadsheet_errors": r"^\s*#(REF|VALUE|NAME|DIV/0|NUM|NULL|N/A|SPILL|CALC)[!?]?\s*$",
    "replacement_characters": "\ufffd|\u951f\u65a4\u62f7|\u70eb\u70eb\u70eb",
    "zero_width_characters": ZERO_WIDTH,
    "leading_apostrophes": r"^\s*['’‘`＇]",
    "full_width_digits_or_letters": r"[０-９Ａ-Ｚａ-ｚ]",
    "thousands_separators": r"^\s*[+-]?[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]+)?\s*$",
    "amounts_in_ten_thousands": r"^[\s¥￥+-]*[0-9.,]+\s*万元?\s*$",
    "zero_or_endless_dates": r"^\s*(0000-00-00|9999-12-31|0000/00/00|9999/12/31|00000000|99991231)\b",
    "words_for_nothing": r"^\s*(无|空|暂无|不详|未知|—+|-+|/|N/A|NULL|None|nan)\s*$",
    "private_use_characters": r"\p{Co}",
    "line_breaks": r"[\r\n]",
}
_NUMBER = re.compile(r"[0-9]{4}|^[0-9.,+-]+$")
_DATE_SERIAL = r"^[1-6][0-9]{4}(\.0+)?$"


def peek(path: Path, contracts: Mapping[str, Contract]) -> dict[str, Any]:
    """How the file would be read and against which contract, with the evidence; plain values for JSON.

    `readable_as` is 'delivery' when a contract fits, else 'table'. `would_be_refused` says why the best
    contract would still refuse it. ZhaorenError when the file is no table at all.
    """
    path = Path(path)
    table, header = open_table(path, list(contracts.values()))
    found = shares(table.head, header, contracts) if header is not None else []
    known = vocabulary(contracts.values())
    said: dict[str, Any] = {"file": path.name, "readable_as": "table", "contract": None}
    if not found:
        return said | _unknown_table(table, known=known)
    contract = contracts[found[0][0]]
    said |= {
        "contract": contract.id,
        "title_zh": contract.title_zh,
        "headers_matched": f"{found[0][1]:.0%}",
        "other_guesses": [f"{other} {part:.0%}" for other, part in found[1:4]],
    }
    try:
        opened = open_delivery(path, contract, contracts)
    except ZhaorenError as error:
        refused = {"would_be_refused": [error.what, error.why, error.todo]}
        return said | refused | _unknown_table(table, header, known=known)
    return said | {"readable_as": "delivery", "would_be_refused": []} | _delivery(opened, contract, known)


def shown_headers(opened: OpenDelivery, known: frozenset[str]) -> dict[str, str]:
    """The file's headers -> what may be shown of each: agreed words, or a shape."""
    return {
        header: header
        if place in opened.known_places
        else shown(header, place + 1, known, nearest(header, opened.missing_headers))
        for place, header in reversed(list(enumerate(opened.headers)))
    }


def _delivery(opened: OpenDelivery, contract: Contract, known: frozenset[str]) -> dict[str, Any]:
    rows, damage = _counted(opened.chunks(), contract)
    names = shown_headers(opened, known)
    required = [column.header for column in contract.columns if column.required]
    return {
        **_form(opened.format, opened.encoding, opened.separator),
        "header_row": opened.header_row,
        "rows_read": rows,
        "headers": [names[header] for header in opened.headers],
        "unknown_headers": [names[header] for header in opened.unknown_headers],
        "missing_headers": list(opened.missing_headers),
        "renamed_headers": dict(opened.renamed),
        "may_be_meant": {
            names[header]: near
            for header in opened.unknown_headers[:50]
            if (near := nearest(header, opened.missing_headers))
        },
        "required_headers": required,
        "looks_damaged": damage,
        "notes": [str(one) for one in opened.notes],
    }


def _unknown_table(table: RawTable, header: int | None = None, *, known: frozenset[str]) -> dict[str, Any]:
    """A table that no contract fits: its form, and the row most like a header."""
    place = header if header is not None else _likely_header(table)
    headers = [(cell or "").strip()[:80] for cell in table.head[place]] if place is not None else []
    while headers and not headers[-1]:
        headers.pop()
    names = [shown(text, at + 1, known) for at, text in enumerate(headers)]
    width = len(headers) or max(map(len, table.head), default=1)
    rows, damage = _counted(table.body(-1 if place is None else place, width), None)
    named = {
        (names[int(at)] if int(at) < len(names) else "") or f"column {int(at) + 1}": counts
        for at, counts in damage.items()
    }
    return {
        **_form(table.format, table.encoding, table.separator),
        "header_row": None if place is None else place + 1,
        "rows_read": rows,
        "headers": names,
        "looks_damaged": named,
        "notes": [str(one) for one in table.notes],
    }


def _form(form: str, encoding: str, separator: str) -> dict[str, str]:
    shown = {"\t": "tab", ",": "comma", ";": "semicolon"}.get(separator, separator)
    return {"format": form, "encoding": encoding, "separator": shown}


def _likely_header(table: RawTable) -> int | None:
    """The first row nearly as full as the fullest and without numbers; a title has one filled cell.

    A row with numbers may be somebody's, and is never shown.
    """
    rows = [[(cell or "").strip() for cell in row] for row in table.head]
    filled = [sum(map(bool, row)) for row in rows]
    most = max(filled, default=0)
    for at, row in enumerate(rows):
        if filled[at] * 3 >= most * 2 and filled[at] > min(1, most - 1):
            return None if any(_NUMBER.search(cell) for cell in row) else at
    return None


def _counted(
    frames: Iterator[pl.DataFrame], contract: Contract | None
) -> tuple[int, dict[str, dict[str, int]]]:
    """Rows that hold anything, and per column how many texts look damaged in which way."""
    rows = 0
    damage: dict[str, dict[str, int]] = {}
    for frame in frames:
        texts = [name for name in frame.columns if name not in ("row_no", "_extra")]
        if not texts:
            continue
        filled = frame.filter(pl.any_horizontal(pl.col(texts).str.contains(r"\S").fill_null(False)))
        rows += filled.height
        for name in texts:
            counts = _damage(filled[name], contract is not None and contract.column(name).reads_as == "date")
            shown = contract.column(name).header if contract else name.removeprefix("column_")
            for kind, count in counts.items():
                kinds = damage.setdefault(shown, {})
                kinds[kind] = kinds.get(kind, 0) + count
        if "_extra" in frame.columns:
            beyond = filled["_extra"].count()
            damage["(beyond the header)"] = {"filled_cells": int(beyond)}
    return rows, damage


def _damage(texts: pl.Series, is_date: bool) -> dict[str, int]:
    patterns = DAMAGE | ({"dates_as_serial_numbers": _DATE_SERIAL} if is_date else {})
    column = pl.col(texts.name)
    counts = texts.to_frame().select(
        column.str.contains(pattern).sum().alias(kind) for kind, pattern in patterns.items()
    )
    return {kind: int(count) for kind, count in counts.row(0, named=True).items() if count}
