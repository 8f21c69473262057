"""The county page's sheet of what the county has to see to: not reached, overdue, unanswered."""

from __future__ import annotations

import polars as pl

from exchange import form as lf
from exchange import sheets
from exchange.sheets import Cell, Sheet
from exchange.words import words

# Null: nothing of the kind. The share is of those whom somebody tried to reach.
CASE_COUNTS = (
    *("tried_cnt", "not_reached_cnt", "county_overdue_cnt", "city_overdue_cnt"),
    *("referral_overdue_cnt", "contradiction_cnt"),
)
_SHARE_AFTER = "not_reached_cnt"
_WIDTHS = (13, 20, *(14 for _ in range(len(CASE_COUNTS) + 1)))
_RED = {"font_color": "#A61B12", "bold": True}
_FIRST = 2  # column of the first count


def write_cases(sheet: Sheet, stations: pl.DataFrame) -> None:
    """One line per station and the sums; counts that ask for something are red.

    `stations`: town_code, town_name and CASE_COUNTS.
    """
    text = words("county")
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    last = len(_WIDTHS) - 1
    sheet.raw.set_row(0, 30)
    sheet.span(0, last, text["cases_title"], bold=True, font_size=16)
    about = text["cases_explained"].strip()
    sheet.raw.set_row(1, sheets.row_height([Cell(about, sum(_WIDTHS), 11)]))
    sheet.span(1, last, about, text_wrap=True, font_size=11)
    for col, heading in enumerate([*text["station_headings"], *text["cases_headings"]]):
        sheet.write(2, col, heading, **lf.CELL, bold=True, bg_color="#E3E7EC")
    sheet.raw.set_row(2, 34)
    rows = stations.with_columns(pl.col(*CASE_COUNTS).fill_null(0))
    for place, row in enumerate(rows.iter_rows(named=True), start=3):
        sheet.write(place, 0, row["town_code"] or "", **lf.CELL)
        sheet.write(place, 1, row["town_name"] or text["no_town"], **lf.CELL)
        _numbers(sheet, place, {name: int(row[name]) for name in CASE_COUNTS})
    total = 3 + rows.height
    sheet.write(total, 0, text["total"], **lf.CELL, bold=True)
    sheet.write(total, 1, "", **lf.CELL)
    _numbers(sheet, total, {name: int(rows[name].sum()) for name in CASE_COUNTS})
    sheet.raw.freeze_panes(3, 2)


def _numbers(sheet: Sheet, place: int, counts: dict[str, int]) -> None:
    col = _FIRST
    for name, count in counts.items():
        is_asking = name != "tried_cnt" and count > 0
        sheet.number(place, col, count, **lf.CELL, **(_RED if is_asking else {}))
        col += 1
        if name == _SHARE_AFTER:
            share = count / counts["tried_cnt"] if counts["tried_cnt"] else None
            sheet.number(place, col, share, **lf.CELL, num_format="0%")
            col += 1
