"""A department's score card: its deliveries over the last twelve months, as a workbook with a chart.

Shares and counts only, no person and no cell of anybody's data. A department is compared with its own past.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange.sheets import Book, Cell, Sheet, header_row, open_book, print_wide, row_height
from exchange.words import words
from zhaoren.chinese import date_zh, month_zh

SHARE = {"num_format": "0.00%", "valign": "top"}
COUNT = {"num_format": "#,##0", "valign": "top"}
SAME = 0.0005  # a twentieth of a percent is no trend
_SHARES = ("faulty_share", "repaired_share", "duplicate_share")
_UNJUDGED = ("unjudged_household_cnt", "unjudged_only_cnt", "unjudged_new_cnt")
Row = Mapping[str, Any]


def write_scorecard(
    path: Path,
    department_zh: str,
    as_of: date,
    card: pl.DataFrame,
    faults: pl.DataFrame,
    *,
    objections: pl.DataFrame | None = None,
) -> None:
    """Write one department's card: the sheets 总览 (with a chart) and 明细; the same card has the same bytes.

    `card`: rows of warehouse.scorecard.scorecard of the department; `faults`: rows of top_faults;
    `objections`: rows of warehouse.casework.matters.objections, none if nobody objected; all with extract_zh.
    """
    text = words("scorecard")
    with open_book(path, f"{text['title']} {department_zh}", as_of) as book:
        sheet = book.add_sheet("总览")
        for col, width in enumerate((24, 32, 16, 12, 12, 12, 14, 12, 16, 12, 12)):
            sheet.raw.set_column(col, col, width)
        sheet.span(0, 10, f"{text['title']}：{department_zh}", font_size=14, bold=True)
        sheet.span(1, 10, f"截至 {date_zh(as_of)}。{text['lead']}", font_color="#5C6673")
        place = _overview(sheet, card, 3)
        place = _faults(sheet, card, faults, place + 1)
        if objections is not None and objections.height:
            place = _objections(sheet, objections, place + 1)
        place = _by_month(sheet, card, place + 1)
        for note in text["notes"]:
            sheet.span(place, 10, note, text_wrap=True, font_color="#5C6673")
            sheet.raw.set_row(place, row_height([Cell(note, 160)]))
            place += 1
        print_wide(sheet)
        _detail(book, card)


def timeliness_zh(row: Row) -> str:
    """When it came, in words."""
    said = words("scorecard")["timeliness"][row["timeliness"]].format(days=row["late_days"])
    waiting = [zh for key, zh in (("held_cnt", "暂缓"), ("rejected_cnt", "退回")) if row[key]]
    return f"{said}（有{'、'.join(waiting)}）" if waiting else said


def trend_zh(now: float | None, before: float | None) -> str:
    """Against the department's own delivery before."""
    names = words("scorecard")["trend"]
    if now is None:
        return ""
    if before is None:
        return names["first"]
    return names["same" if abs(now - before) < SAME else "worse" if now > before else "better"]


def _overview(sheet: Sheet, card: pl.DataFrame, place: int) -> int:
    """One line per extract: its newest month that brought anything, else its newest month."""
    _heads(sheet, place, words("scorecard")["overview"])
    for extract in card.partition_by("extract", maintain_order=True):
        place += 1
        came = extract.filter(pl.col("row_cnt").is_not_null())
        row = (came if came.height else extract).row(-1, named=True)
        newest = extract.row(-1, named=True)
        before = came.get_column("faulty_share")[-2] if came.height > 1 else None
        missed = extract.filter(timeliness="missing").filter(pl.col("period_month") > row["period_month"])
        arrival = "；".join([timeliness_zh(row), *map(_missed_zh, missed.iter_rows(named=True))])
        cells = (row["extract_zh"], month_zh(row["period_month"]), arrival)
        worst = row["timeliness"] if missed.is_empty() else "missing"
        for col, cell in enumerate(cells):
            sheet.write(place, col, cell, text_wrap=True, valign="top", **_alarm(col == 2, worst))
        sheet.number(place, 3, row["row_cnt"], **COUNT)
        sheet.number(place, 4, row["faulty_share"], **SHARE)
        sheet.write(place, 5, trend_zh(row["faulty_share"], before), valign="top")
        sheet.number(place, 6, row["repaired_share"], **SHARE)
        sheet.number(place, 7, row["duplicate_share"], **SHARE)
        for col, name in enumerate(_UNJUDGED, start=8):
            sheet.number(place, col, newest[name], **COUNT)
    return place + 1


def _missed_zh(row: Row) -> str:
    return f"{month_zh(row['period_month'])}{timeliness_zh(row)}"


def _alarm(is_arrival: bool, timeliness: str) -> dict[str, Any]:
    return {"font_color": "#A61B12"} if is_arrival and timeliness in ("late", "missing") else {}


def _faults(sheet: Sheet, card: pl.DataFrame, faults: pl.DataFrame, place: int) -> int:
    """The commonest faults of each extract's newest delivery, and whether they grow."""
    text = words("scorecard")
    sheet.write(place, 0, text["faults"], bold=True, font_size=12)
    _heads(sheet, place + 1, text["fault_headings"])
    came = card.filter(pl.col("row_cnt").is_not_null()).group_by("extract").agg(pl.col("period_month").max())
    newest = faults.join(came, on=["extract", "period_month"], how="semi", maintain_order="left")
    place += 2
    for row in newest.iter_rows(named=True):
        sheet.write(place, 0, row["extract_zh"], valign="top")
        sheet.write(place, 1, row["reason_zh"], text_wrap=True, valign="top")
        sheet.raw.set_row(place, row_height([Cell(row["reason_zh"], 32)]))
        sheet.number(place, 2, row["faulty_cnt"], **COUNT)
        sheet.number(place, 3, row["faulty_share"], **SHARE)
        sheet.number(place, 4, row["previous_share"], **SHARE)
        sheet.write(place, 5, trend_zh(row["faulty_share"], row["previous_share"]), valign="top")
        place += 1
    return place


def _objections(sheet: Sheet, objections: pl.DataFrame, place: int) -> int:
    """What visits found wrong at the door, and what became of it."""
    text = words("scorecard")
    sheet.write(place, 0, text["objections"], bold=True, font_size=12)
    _heads(sheet, place + 1, text["objection_headings"])
    place += 2
    for row in objections.iter_rows(named=True):
        sheet.write(place, 0, row["extract_zh"], valign="top")
        for col, name in enumerate(("raised_cnt", "corrected_cnt", "upheld_cnt", "waiting_cnt"), start=1):
            sheet.number(place, col, row[name], **COUNT)
        place += 1
    return place


def _by_month(sheet: Sheet, card: pl.DataFrame, place: int) -> int:
    """Faulty shares, extract by month, and their chart below."""
    text = words("scorecard")
    months = card.get_column("period_month").unique().sort().to_list()
    sheet.write(place, 0, text["by_month"], bold=True, font_size=12)
    _heads(sheet, place + 1, ["数据", *(f"{month:%Y-%m}" for month in months)])
    chart = sheet.book.workbook.add_chart({"type": "line"})
    first = place + 2
    for row, extract in enumerate(card.partition_by("extract", maintain_order=True), start=first):
        sheet.write(row, 0, extract.get_column("extract_zh")[0])
        shares = dict(extract.select("period_month", "faulty_share").rows())
        for col, month in enumerate(months, start=1):
            sheet.number(row, col, shares.get(month), **SHARE)
        chart.add_series({
            "name": ["总览", row, 0], "categories": ["总览", place + 1, 1, place + 1, len(months)],
            "values": ["总览", row, 1, row, len(months)], "marker": {"type": "circle", "size": 5},
        })  # fmt: skip
    last = first + card.get_column("extract").n_unique()
    chart.set_title({"name": text["chart"], "name_font": {"size": 11}})
    chart.set_y_axis({"num_format": "0.0%", "min": 0, "major_gridlines": {"visible": True}})
    chart.set_legend({"position": "bottom"})
    chart.show_blanks_as("span")
    chart.set_size({"width": 900, "height": 280})
    sheet.raw.insert_chart(last + 1, 0, chart)
    return last + 17


def _heads(sheet: Sheet, place: int, headings: list[str]) -> None:
    for col, heading in enumerate(headings):
        sheet.write(place, col, heading, bold=True, text_wrap=True, bg_color="#D9E1F2", border=1)
    sheet.raw.set_row(place, 32)


def _detail(book: Book, card: pl.DataFrame) -> None:
    """One line per extract and month."""
    sheet = book.add_sheet("明细")
    headings = words("scorecard")["detail"]
    header_row(sheet, headings, (24, 10, 14, 12, 22, *(11 for _ in headings[5:])))
    sheet.raw.set_row(0, 46)
    rows = card.sort("extract", "period_month", descending=[False, True])
    for place, row in enumerate(rows.iter_rows(named=True), start=1):
        said = (row["extract_zh"], f"{row['period_month']:%Y-%m}", row["expected_by_date"],
                row["first_known_date"], timeliness_zh(row))  # fmt: skip
        for col, cell in enumerate(said):
            sheet.write(place, col, cell, **_alarm(col == 4, row["timeliness"]))
        counts = ("delivery_cnt", "held_cnt", "rejected_cnt", "corrected_cnt", "row_cnt")
        shown: list[tuple[str, Callable[..., None], dict[str, Any]]] = [
            *((name, sheet.number, COUNT) for name in counts),
            *((name, sheet.number, SHARE) for name in _SHARES),
            ("days_old", sheet.number, COUNT),
            ("is_stale", sheet.write, {}),
            *((name, sheet.number, COUNT) for name in _UNJUDGED),
        ]
        for col, (name, write, style) in enumerate(shown, start=5):
            value = {True: "是", False: "否", None: ""}[row[name]] if name == "is_stale" else row[name]
            write(place, col, value, **style)
    print_wide(sheet)
