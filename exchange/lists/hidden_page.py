"""The hidden page of a list's workbook: what re-import needs and what drop-downs offer (exchange/form.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from xlsxwriter.utility import xl_col_to_name

from exchange.form import HIDDEN_SHEET, Form, SideSheet
from exchange.lists.digests import digested_headings, line_digests, side_digests, side_headings
from exchange.sheets import Sheet

CODE_GROUP, BENEFIT_GROUP = "code_zh", "benefit_zh"


@dataclass(frozen=True)
class HiddenPage:
    """The page's columns, each under its heading."""

    columns: dict[str, list[str]]

    def source(self, heading: str) -> dict[str, Any] | None:
        """A drop-down of what stands under a heading; None where nothing does."""
        cells = self.columns.get(heading, [])
        if not cells:
            return None
        letter = xl_col_to_name(list(self.columns).index(heading))
        source = f"='{HIDDEN_SHEET}'!${letter}$2:${letter}${len(cells) + 1}"
        return {"validate": "list", "source": source, "error_type": "warning"}

    def write(self, sheet: Sheet) -> None:
        """Write it, protected, where only a program looks."""
        look = sheet.book.look()
        for col, (heading, cells) in enumerate(self.columns.items()):
            for row, cell in enumerate((heading, *cells)):
                sheet.put(row, col, cell, look)
        sheet.raw.protect("")
        sheet.raw.very_hidden()


def hidden_page(form: Form, lines: pl.DataFrame) -> HiddenPage:
    """The page of one list and its side sheets."""
    keys = ("format", "queue", "as_of", "place_code", "version", "listed_cnt")
    values = ("zhaoren-list/1", form.queue, str(form.as_of), form.place_code, form.version, str(lines.height))
    codes, names = form.codes["code"].to_list(), form.codes["zh"].to_list()
    columns: dict[str, list[str]] = {
        "key": list(keys),
        "value": list(values),
        "seq": lines["seq"].to_list(),
        "alert_id": lines["alert_id"].to_list(),
        "code": codes,
        "zh": names,
        CODE_GROUP: [f"{code} {zh}" for code, zh in zip(codes, names, strict=True)],
        "benefit_id": [benefit for benefit, _ in form.benefits],
        BENEFIT_GROUP: [zh for _, zh in form.benefits],
        "heading": [column.heading for column in form.columns],
        "digested": digested_headings(form),
        "digest": line_digests(form, lines),
    }
    if "case_no" in lines.columns:
        columns["case_no"] = lines["case_no"].to_list()
    for group, choices in form.choices.items():
        columns[f"{group}_code"] = [code for code, _ in choices]
        columns[f"{group}_zh"] = [zh for _, zh in choices]
    for side in form.sides:
        columns |= _of_side(side)
    return HiddenPage(columns)


def _of_side(side: SideSheet) -> dict[str, list[str]]:
    """What the page says of a side sheet's printed lines."""
    if not side.prefix:
        return {}
    own = {heading: side.lines[name].to_list() for heading, name in side.hidden}
    digests = {f"{side.prefix}_digested": side_headings(side), f"{side.prefix}_digest": side_digests(side)}
    return own | digests
