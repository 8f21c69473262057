"""The form that the visit list and the checking list share: header block, lines, help page, hidden page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter.worksheet import Worksheet

from zhaoren.errors import ZhaorenError
from zhaoren.exchange import sheets
from zhaoren.exchange.sheets import Book, Cell

HIDDEN_SHEET = "校验信息"
CASE, CODE, FOUND, BENEFIT, NOTE, WORKER = (
    "个案编号", "结果代码", "走访日期", "协助申请的政策", "说明", "走访人",
)  # fmt: skip
LEVELS = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}
LEVEL_COLOURS = {"红": "#F4A6A0", "橙": "#FAC58C", "黄": "#FFF09A", "蓝": "#BFD9F2"}
_WEEKDAYS = {day: f"周{zh}" for day, zh in enumerate("一二三四五六日", start=1)}

GREY, FILL, HEAD, LINE = "#F5F5F3", "#FFFBE6", "#E3E7EC", "#8A8F96"
_CELL = {"text_wrap": True, "border": 1, "border_color": LINE, "valign": "top"}


@dataclass(frozen=True)
class SourceDate:
    """How fresh one extract is: its Chinese title, the date its data reach (None: never came), and whether
    that is later than the contract allows."""

    title_zh: str
    data_date: date | None
    is_stale: bool = False


@dataclass(frozen=True)
class Column:
    """One column of the list: its heading, width in half characters, and the rows' column it shows."""

    heading: str
    width: float
    source: str | None = None
    align: str = "left"
    font_size: float = 12

    @property
    def is_fill_in(self) -> bool:
        return self.source is None


@dataclass(frozen=True)
class Form:
    """Everything about one file but its lines. `codes` holds code, zh, when, after (all text)."""

    queue: str
    sheet_name: str
    place_code: str
    place_zh: str
    as_of: date
    version: str
    title: str
    header_lines: tuple[tuple[str, dict[str, Any]], ...]
    columns: tuple[Column, ...]
    codes: pl.DataFrame
    benefits: tuple[tuple[str, str], ...]
    words: dict[str, Any]


def write_form(path: Path, form: Form, lines: pl.DataFrame) -> None:
    """Write the workbook. `lines`: one row per line in printing order, all columns the form shows, as text."""
    with sheets.open_book(path, form.title, form.as_of) as book:
        front = book.workbook.add_worksheet(form.sheet_name)
        helper = book.workbook.add_worksheet(form.words["help_title"])
        hidden = book.workbook.add_worksheet(HIDDEN_SHEET)
        _front_page(book, front, form, lines)
        _help_page(book, helper, form)
        _hidden_page(book, hidden, form, lines)


def as_lines(rows: pl.DataFrame, as_of: date, required: list[str], optional: list[str]) -> pl.DataFrame:
    """Rows in printing order as text: level and due date in words, numbered `seq`, absent optionals empty."""
    missing = [name for name in required if name not in rows.columns]
    if missing:
        raise ZhaorenError(
            "A list cannot be written without all its columns",
            where=", ".join(missing),
            why="the frame of lines lacks them",
            todo="pass the columns that write_worklist or write_compliance documents",
        )
    absent = [pl.lit(None, pl.String).alias(name) for name in optional if name not in rows.columns]
    ordered = rows.with_columns(absent).sort("list_rank", "alert_id")
    texts = [_as_text(ordered, name).alias(name) for name in (*required, *optional) if name not in _NOT_TEXT]
    return ordered.select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("seq"),
        pl.col("level").replace(LEVELS).alias("level"),
        _due_zh(as_of).alias("due_zh"),
        *texts,
    )


_NOT_TEXT = ("list_rank", "level", "due_date")


def _as_text(rows: pl.DataFrame, name: str) -> pl.Expr:
    if isinstance(rows.schema[name], pl.List):
        return pl.col(name).list.drop_nulls().list.join("\n").fill_null("")
    return pl.col(name).cast(pl.String).fill_null("")


def _due_zh(as_of: date) -> pl.Expr:
    due = pl.col("due_date")
    year = pl.when(due.dt.year() != as_of.year).then(due.dt.strftime("%Y年")).otherwise(pl.lit(""))
    weekday = due.dt.weekday().replace_strict(_WEEKDAYS, return_dtype=pl.String)
    return pl.format("{}{}\n{}", year, due.dt.strftime("%-m月%-d日"), weekday).fill_null("")


def sources_line(sources: tuple[SourceDate, ...]) -> str:
    """Fresh sources grouped by the date they reach, newest first."""
    dates = sorted({s.data_date for s in sources if s.data_date and not s.is_stale}, reverse=True)
    groups = (
        f"{date_zh(day)}：" + "、".join(s.title_zh for s in sources if s.data_date == day and not s.is_stale)
        for day in dates
    )
    return "各部门数据截至　" + "；".join(groups) if dates else "各部门数据截至　没有按期到达的数据"


def stale_line(sources: tuple[SourceDate, ...]) -> str:
    """The 「数据已过期」 sentence, or nothing when all sources are fresh."""
    late = [s for s in sources if s.is_stale or s.data_date is None]
    named = (f"{s.title_zh}（{_stood_still(s)}）" for s in late)
    return f"▲「数据已过期」　{'、'.join(named)}：这些方面请以上门了解的为准。" if late else ""


def _stood_still(source: SourceDate) -> str:
    return f"停在{date_zh(source.data_date)}" if source.data_date else "从未收到"


def date_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def codes_frame(words: dict[str, Any], codes: pl.DataFrame | None = None) -> pl.DataFrame:
    """Code, zh, when, after: the codes a person may choose (given, or those of the words file)."""
    given = (
        dict(zip(codes["code"].cast(pl.String).to_list(), codes["zh"].to_list(), strict=True))
        if codes is not None
        else {code: entry["zh"] for code, entry in words["codes"].items()}
    )
    told = {code: words["codes"].get(code, {}) for code in given}
    chosen = [code for code in given if told[code].get("worker", True)]
    columns = {
        "code": chosen,
        "zh": [given[code] for code in chosen],
        "when": [told[code].get("when", "") for code in chosen],
        "after": [told[code].get("after", "") for code in chosen],
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _front_page(book: Book, sheet: Worksheet, form: Form, lines: pl.DataFrame) -> None:
    last = len(form.columns) - 1
    width = sum(column.width for column in form.columns)
    for index, column in enumerate(form.columns):
        sheet.set_column(index, index, column.width)
    for row, (text, props) in enumerate(form.header_lines):
        look = {"font_size": 11, "text_wrap": True, **props}
        sheet.set_row(row, sheets.row_height([Cell(text, width, look["font_size"])]))
        book.span(sheet, row, last, text, **look)
    header_row = len(form.header_lines)
    _headings(book, sheet, header_row, form)
    if lines.is_empty():
        _blank(book, sheet, header_row + 1, last, form)
    else:
        _lines(book, sheet, header_row + 1, form, lines)
        _choices(sheet, header_row + 1, header_row + lines.height, form, lines.height)
    _foot(book, sheet, header_row + 1 + max(1, lines.height), last, width, form)
    sheet.freeze_panes(header_row + 1, 3)
    sheets.print_a4_landscape(
        sheet, form.place_zh, f"名单日期 {form.as_of}　版本 {form.version}", header_row
    )
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _headings(book: Book, sheet: Worksheet, row: int, form: Form) -> None:
    sheet.set_row(row, 40)
    for index, column in enumerate(form.columns):
        colour = "#FCE9A9" if column.is_fill_in else HEAD
        props = {**_CELL, "bold": True, "align": "center", "valign": "vcenter", "bg_color": colour}
        book.write(sheet, row, index, column.heading, **props, font_size=11)


def _blank(book: Book, sheet: Worksheet, row: int, last: int, form: Form) -> None:
    sheet.set_row(row, 70)
    text = f"{form.words['blank']}\n{form.words['blank_hint']}"
    book.span(sheet, row, last, text, font_size=13, align="center", text_wrap=True, border=1)


def _lines(book: Book, sheet: Worksheet, first: int, form: Form, lines: pl.DataFrame) -> None:
    shown = {c.source: lines[c.source].to_list() for c in form.columns if c.source}
    for index in range(lines.height):
        texts = [shown[c.source][index] if c.source else "" for c in form.columns]
        cells = [Cell(t, c.width, c.font_size) for t, c in zip(texts, form.columns, strict=True)]
        sheet.set_row(first + index, sheets.row_height(cells, least=60))
        for col, (column, cell) in enumerate(zip(form.columns, cells, strict=True)):
            book.write(sheet, first + index, col, sheets.fit_text(cell), **_look(column, cell.text))


def _look(column: Column, text: str) -> dict[str, Any]:
    """The look of one cell; the level stands out by colour and by a large bold word."""
    look: dict[str, Any] = {**_CELL, "align": column.align, "font_size": column.font_size}
    if column.is_fill_in:
        is_date = column.heading.endswith("日期")
        look |= {"bg_color": FILL, "locked": False, "num_format": "yyyy-mm-dd" if is_date else "@"}
    elif column.source == "level_zh":
        colour = LEVEL_COLOURS.get(text[:1], "#FFFFFF")
        look |= {"bold": True, "font_size": 14, "bg_color": colour, "valign": "vcenter"}
    return look


def _choices(sheet: Worksheet, first: int, last: int, form: Form, listed: int) -> None:
    """Drop-downs for code and policy, and dates no earlier than the list and no later than today."""
    for col, column in enumerate(form.columns):
        if column.heading == CODE:
            options = _from_hidden(_HIDDEN.index("code_zh"), form.codes.height)
            options |= {"error_title": "结果代码", "error_message": "请从下拉列表里选，或只填两位数代码。"}
            sheet.data_validation(first, col, last, col, options)
        elif column.heading == BENEFIT and form.benefits:
            options = _from_hidden(_HIDDEN.index("benefit_zh"), len(form.benefits))
            options |= {"error_title": "政策", "error_message": "请从下拉列表里选一项政策。"}
            sheet.data_validation(first, col, last, col, options)
        elif column.is_fill_in and column.heading.endswith("日期"):
            sheet.data_validation(first, col, last, col, _date_choice(form.as_of))


def _from_hidden(col: int, count: int) -> dict[str, Any]:
    letter = chr(ord("A") + col)
    source = f"='{HIDDEN_SHEET}'!${letter}$2:${letter}${count + 1}"
    return {"validate": "list", "source": source, "error_type": "warning"}


def _date_choice(as_of: date) -> dict[str, Any]:
    return {
        "validate": "date",
        "criteria": "between",
        "minimum": as_of,
        "maximum": "=TODAY()",
        "input_title": "日期",
        "input_message": f"写成 {as_of} 这样",
        "error_title": "日期不对",
        "error_message": f"请写成 {as_of} 这样；不能早于名单日期，也不能晚于今天。",
    }


def _foot(book: Book, sheet: Worksheet, row: int, last: int, width: float, form: Form) -> None:
    foot = form.words["foot"]
    sheet.set_row(row, sheets.row_height([Cell(foot, width, 12)], least=30))
    book.span(sheet, row, last, foot, text_wrap=True, bold=True, font_size=12)
    sheet.set_row(row + 1, 36)
    book.span(sheet, row + 1, last, form.words["sign"], valign="bottom", font_size=12)


def _help_page(book: Book, sheet: Worksheet, form: Form) -> None:
    widths = (8, 26, 66, 50)
    for col, wide in enumerate(widths):
        sheet.set_column(col, col, wide)
    sheet.set_row(0, 30)
    book.span(sheet, 0, 3, form.words["help_title"], bold=True, font_size=15)
    row = _boxes(book, sheet, 1, sum(widths), [b for b in form.words["boxes"] if b.get("urgent")], form)
    for col, head in enumerate(form.words["help_heads"]):
        book.write(sheet, row, col, head, **_CELL, bold=True, bg_color=HEAD)
    for offset, values in enumerate(form.codes.rows(), start=1):
        cells = [Cell(text, wide, 11) for text, wide in zip(values, widths, strict=True)]
        sheet.set_row(row + offset, sheets.row_height(cells, least=22))
        for col, value in enumerate(values):
            look = {**_CELL, "valign": "vcenter", "bold": col < 2, "font_size": 11}
            book.write(sheet, row + offset, col, value, **look)
    rest = [b for b in form.words["boxes"] if not b.get("urgent")]
    _boxes(book, sheet, row + form.codes.height + 2, sum(widths), rest, form)
    sheets.print_a4_landscape(sheet, form.place_zh, form.words["help_title"], None)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _boxes(book: Book, sheet: Worksheet, row: int, width: float, boxes: list[dict], form: Form) -> int:
    """Titled paragraphs across the page; returns the next free row."""
    for box in boxes:
        back = {"bg_color": "#FDECEA"} if box.get("urgent") else {}
        sheet.set_row(row, 24)
        book.span(sheet, row, 3, box["title"], bold=True, font_size=12, **back)
        for line in box["lines"]:
            row += 1
            text = line.format(example_date=form.as_of)
            sheet.set_row(row, sheets.row_height([Cell(text, width, 11)]))
            book.span(sheet, row, 3, text, text_wrap=True, font_size=11, **back)
        row += 2
    return row


_HIDDEN = ("key", "value", "seq", "alert_id", "code", "zh", "code_zh", "benefit_id", "benefit_zh")


def _hidden_page(book: Book, sheet: Worksheet, form: Form, lines: pl.DataFrame) -> None:
    """What re-import needs: whose list, which lines, which codes; one column each under a heading."""
    keys = ("format", "queue", "as_of", "place_code", "version", "listed_cnt")
    values = ("zhaoren-list/1", form.queue, form.as_of, form.place_code, form.version, lines.height)
    codes, names = form.codes["code"].to_list(), form.codes["zh"].to_list()
    columns = (
        keys,
        values,
        lines["seq"].to_list(),
        lines["alert_id"].to_list(),
        codes,
        names,
        [f"{code} {zh}" for code, zh in zip(codes, names, strict=True)],
        [benefit for benefit, _ in form.benefits],
        [zh for _, zh in form.benefits],
    )
    for col, (heading, cells) in enumerate(zip(_HIDDEN, columns, strict=True)):
        for row, cell in enumerate((heading, *cells)):
            book.write(sheet, row, col, cell)
    sheet.protect("")
    sheet.very_hidden()
