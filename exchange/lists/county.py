"""The county's page: how each station's list stands, and every red household beyond its station's hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from exchange import form as lf
from exchange import sheets
from exchange.lists.county_cases import write_cases
from exchange.sheets import Cell, Sheet
from exchange.words import count_zh, counts_explained, words
from zhaoren.chinese import date_zh

STATION_COUNTS = (
    *("listed_cnt", "waiting_cnt", "red_cnt", "red_beyond_cnt", "suppressed_cnt"),
    *("new_cnt", "returned_cnt", "repeated_cnt", "escalated_cnt"),
)
# Of mart.station: before the counts what hands can do, behind them what more would bring. Null: unknown.
HANDS = ("staff_cnt", "hours_month", "key_due_cnt", "key_planned_cnt", "key_unknown_cnt", "capacity")
PRICE = "next_ten_need_cnt"
_NUMBERS = (*HANDS, *STATION_COUNTS, PRICE)
_WIDTHS = (13, 18, *(9 for _ in _NUMBERS))
_RED_WIDTHS = (6, 18, 13, 22, 26, 16, 60)
_WIDE = sum(_WIDTHS)


@dataclass(frozen=True)
class CountyHeader:
    """The head of one county's page. An empty `county_name`: households whose county nobody knows.

    `signals`: signal_id -> Chinese name, for the red lines; `version` names rules and code.
    """

    county_code: str
    county_name: str
    as_of: date
    signals: dict[str, str]
    version: str = "1"


def write_county(path: Path, header: CountyHeader, stations: pl.DataFrame, red: pl.DataFrame) -> None:
    """Write one county's page as XLSX; the same input gives the same bytes.

    `stations`, one per station: town_code, town_name, HANDS, STATION_COUNTS, PRICE and CASE_COUNTS. `red`,
    one per red household beyond its station's hours, in printing order: case_no, town_name, village_name,
    due_date, waiting_since (the first date it was so), signal_ids (comma text).
    """
    text = words("county")
    name = header.county_name or text["unplaced"]
    with sheets.open_book(path, text["title"].format(county=name), header.as_of) as book:
        front = book.add_sheet(text["stations_sheet"])
        place = _head(front, header, stations)
        place = _stations(front, place, stations)
        _paragraph(front, place + 1, f"{text['terms']}　" + " ".join(counts_explained(*_names())))
        _paragraph(front, place + 2, text["hands_explained"].strip())
        _red(book.add_sheet(text["red_sheet"]), header, red)
        cases = book.add_sheet(text["cases_sheet"])
        write_cases(cases, stations)
        footer = f"名单日期 {header.as_of}　版本 {header.version}"
        sheets.print_a4_landscape(front, name, footer, place - stations.height - 2)
        sheets.print_a4_landscape(cases, name, footer, 2)


def _names() -> tuple[str, ...]:
    return tuple(column.removesuffix("_cnt") for column in STATION_COUNTS)


def _head(sheet: Sheet, header: CountyHeader, stations: pl.DataFrame) -> int:
    """Title, receiver, sums and what to do; returns the row of the table's headings."""
    text = words("county")
    name = header.county_name or text["unplaced"]
    office = text["office"].format(county=name) if header.county_name else text["unplaced_office"]
    sums = {column: int(stations[column].sum()) for column in STATION_COUNTS}
    known = stations["town_code"].drop_nulls().len()
    beyond = text["red"] if header.county_name else text["red_unplaced"]
    red = beyond if sums["red_beyond_cnt"] else text["all_listed"] if sums["red_cnt"] else text["no_red"]
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    _paragraph(sheet, 0, text["title"].format(county=name), bold=True, font_size=18)
    _paragraph(sheet, 1, text["receiver"].format(office=office), font_size=12)
    counts = text["counts"].format(date=date_zh(header.as_of), stations=known, **sums)
    _paragraph(sheet, 2, counts, font_size=12)
    _paragraph(sheet, 3, red.format(**sums), bold=True, font_size=12, font_color="#A61B12")
    todo = text["notice"] if header.county_name else text["notice_unplaced"]
    todo = todo if sums["red_beyond_cnt"] else text["nothing"]
    _paragraph(sheet, 4, todo.strip(), bg_color=lf.GREY)
    return 5


def _paragraph(sheet: Sheet, row: int, value: str, **look: object) -> None:
    size = look.get("font_size", 11)
    sheet.raw.set_row(row, sheets.row_height([Cell(value, _WIDE, float(str(size)))]))
    sheet.span(row, len(_WIDTHS) - 1, value, text_wrap=True, **{"font_size": 11, **look})


def _stations(sheet: Sheet, place: int, stations: pl.DataFrame) -> int:
    """One line per station and the sums; returns the next free row."""
    text = words("county")
    counts = [count_zh(name) for name in _names()]
    _headings(
        sheet, place, [*text["station_headings"], *text["hands_headings"], *counts, text["price_heading"]]
    )
    for row in stations.iter_rows(named=True):
        place += 1
        sheet.write(place, 0, row["town_code"] or "", **lf.CELL)
        sheet.write(place, 1, row["town_name"] or text["no_town"], **lf.CELL)
        for col, name in enumerate(_NUMBERS, start=2):
            sheet.number(place, col, _float(row[name]), **lf.CELL)
    sheet.write(place + 1, 0, text["total"], **lf.CELL, bold=True)
    sheet.write(place + 1, 1, "", **lf.CELL)
    for col, name in enumerate(_NUMBERS, start=2):
        # A sum of which a part is not known is not known: it would be read as the whole.
        total = None if stations[name].null_count() else _float(stations[name].sum())
        sheet.number(place + 1, col, total, **lf.CELL, bold=True)
    return place + 2


def _float(number: int | float | Decimal | None) -> float | None:
    return None if number is None else float(number)


def _red(sheet: Sheet, header: CountyHeader, red: pl.DataFrame) -> None:
    """Every red household beyond its station's hours, one a line."""
    text = words("county")
    sheets.header_row(sheet, text["red_headings"], _RED_WIDTHS)
    if red.is_empty():
        sheet.write(1, 0, text["none"])
        return
    look = sheet.book.look(**lf.CELL)
    due = red.select(lf.due_zh(header.as_of, "　")).to_series().to_list()
    for place, (row, due_zh) in enumerate(zip(red.iter_rows(named=True), due, strict=True), start=1):
        cells = (str(place), row["town_name"] or text["no_town"], row["case_no"], row["village_name"] or "",
                 due_zh, date_zh(row["waiting_since"]), _named(header, row["signal_ids"]))  # fmt: skip
        for col, cell in enumerate(cells):
            sheet.put(place, col, cell, look)


def _named(header: CountyHeader, signal_ids: str) -> str:
    """The signals by their names: nobody knows their codes by heart."""
    return "、".join(header.signals.get(name, name) for name in signal_ids.split(",") if name)


def _headings(sheet: Sheet, place: int, headings: list[str]) -> None:
    sheet.raw.set_row(place, 32)
    for col, heading in enumerate(headings):
        sheet.write(place, col, heading, **lf.CELL, bold=True, bg_color="#E3E7EC")
