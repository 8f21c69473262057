"""What other people's tools and hands do to a filled workbook before it comes back, drawn by a seed."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from tests.helpers.station_books import CASES, FOUND, SERVICE, TRY, add_line, heading_row

FILLED = ("走访名单", "联系记录", "重点人员", "后续办理", "主动发现", "服务记录")
WHO = {
    "走访名单": "走访人",
    "联系记录": "联系人",
    "重点人员": "走访人",
    "后续办理": "填写人",
    "主动发现": "走访人",
    "服务记录": "填写人",
}
_LETTERS = "甲乙丙丁戊己庚辛壬癸"


def token(case: int, line: int) -> str:
    """A worker's name that no other line of any case bears."""
    digits = f"{case:04d}{line:02d}"
    return "社工" + "".join(_LETTERS[int(digit)] for digit in digits)


def fill(book: Workbook, draw: Random, case: int, part: tuple[int, int] = (0, 1)) -> dict[str, str]:
    """Fill in every sheet, each line signed by a name of its own; returns name -> sheet.

    part: which lines, of how many parts: (0, 1) is all of them.
    """
    names: dict[str, str] = {}

    def line(sheet: str, at: int = 0, **cells: Any) -> None:
        name = token(case, len(names))
        names[name] = sheet
        if len(names) % part[1] == part[0]:
            add_line(book, sheet, at, **{**cells, WHO[sheet]: name})

    for at in (1, 2, 3):
        code = draw.choice(["10", "20 符合条件，已协助申请", "22", "40", "41", "60", "３０", 40])
        note = {"22": "转给医保部门", "41": "收入那一项错了"}.get(str(code), "老人独自居住")
        line("走访名单", at, 结果代码=code, 走访日期=_day(draw), 说明=note, 协助申请的政策="低保")
    for number in draw.sample(sorted(CASES.values()), 3):
        result = draw.choice(["联系上", "没人接、没人应门", "号码不对"])
        line("联系记录", 个案编号=number, **{**TRY, "联系日期": _day(draw), "联系结果": result})
    line("重点人员", 1, 走访日期=_day(draw))
    line("重点人员", 2, 未走访原因="住院")
    line("后续办理", draw.choice([1, 2]), 新进展=draw.choice(["已受理", "已批准", "已答复"]), 日期=_day(draw))
    line("后续办理", 个案编号=CASES["aa"], 事项="个案服务", 新进展="接案", 日期=_day(draw))
    line("主动发现", **{**FOUND, "姓名": f"赵{token(case, 90)[2:]}", "走访日期": _day(draw)})
    for count in (5, "１２"):
        line("服务记录", **{**SERVICE, "日期": _day(draw), "服务人次": count})
    return names


def _day(draw: Random) -> object:
    day = draw.randint(8, 28)
    return draw.choice(
        [
            date(2025, 9, day),
            f"2025-09-{day:02d}",
            f"2025/9/{day}",
            f"2025年9月{day}日",
            f"9月{day}日",
            f"202509{day:02d}",
        ]
    )


def _sheet(book: Workbook, draw: Random) -> tuple[Sheet, str]:
    name = draw.choice([one for one in FILLED if one in book.sheetnames])
    return book[name], name


def _top(sheet: Sheet, name: str) -> int | None:
    try:
        return heading_row(sheet, name)
    except StopIteration:
        return None


def _grid(sheet: Sheet, top: int) -> list[list[Any]]:
    _split(sheet)
    return [[c.value for c in row] for row in sheet.iter_rows(min_row=top, max_row=sheet.max_row)]


def _write(sheet: Sheet, top: int, grid: list[list[Any]]) -> None:
    for row, cells in enumerate(grid, start=top):
        for column, value in enumerate(cells, start=1):
            sheet.cell(row, column).value = value


def _split(sheet: Sheet) -> None:
    for area in list(sheet.merged_cells.ranges):
        list(sheet.iter_rows(area.min_row, area.max_row, area.min_col, area.max_col))  # makes missing cells
        sheet.unmerge_cells(str(area))


def swap_columns(book: Workbook, draw: Random) -> None:
    """Two columns change places, headings and all."""
    sheet, name = _sheet(book, draw)
    if (top := _top(sheet, name)) is None:
        return
    grid = _grid(sheet, top)
    one, other = draw.sample(range(len(grid[0])), 2)
    for row in grid:
        row[one], row[other] = row[other], row[one]
    _write(sheet, top, grid)


def insert_rows(book: Workbook, draw: Random) -> None:
    """Empty rows and a remark above the headings, or an empty row between the lines."""
    sheet, name = _sheet(book, draw)
    if (top := _top(sheet, name)) is None:
        return
    grid = _grid(sheet, top)
    empty: list[Any] = [None] * len(grid[0])
    if draw.random() < 0.5:
        _write(sheet, top, [["本表已核对", *empty[1:]], empty, *grid])
    else:
        at = draw.randint(1, len(grid) - 1)
        _write(sheet, top, [*grid[:at], empty, *grid[at:]])


def sort_lines(book: Workbook, draw: Random) -> None:
    """The lines in another order, whole."""
    sheet, name = _sheet(book, draw)
    if (top := _top(sheet, name)) is None:
        return
    head, *lines = _grid(sheet, top)
    draw.shuffle(lines)
    _write(sheet, top, [head, *lines])


def sort_some_columns(book: Workbook, draw: Random) -> None:
    """The printed columns in another order than what was typed beside them."""
    sheet, name = _sheet(book, draw)
    if (top := _top(sheet, name)) is None:
        return
    head, *lines = _grid(sheet, top)
    half = len(head) // 2
    left = [line[:half] for line in lines]
    draw.shuffle(left)
    _write(sheet, top, [head, *([*a, *line[half:]] for a, line in zip(left, lines, strict=True))])


def merge_cells(book: Workbook, draw: Random) -> None:
    """One cell over two lines of a column that is filled in."""
    sheet, name = _sheet(book, draw)
    if (top := _top(sheet, name)) is not None:
        column = draw.randint(2, len(sheet[top]))
        row = top + draw.randint(1, 3)
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)


def add_sheet(book: Workbook, draw: Random) -> None:
    """A sheet of somebody's own, first or last."""
    sheet = book.create_sheet("我的记录", draw.choice([0, None]))
    sheet.append(["日期", "备注"])
    sheet.append(["9月10日", "打过电话"])


def add_column(book: Workbook, draw: Random) -> None:
    """A column of somebody's own at the end."""
    sheet, name = _sheet(book, draw)
    if (top := _top(sheet, name)) is not None:
        at = sheet.max_column + 1
        sheet.cell(top, at).value = "备注"
        sheet.cell(top + 1, at).value = "已核对"


def rename_heading(book: Workbook, draw: Random) -> None:
    """A heading in other words."""
    sheet, name = _sheet(book, draw)
    if (top := _top(sheet, name)) is not None:
        cell = draw.choice([c for c in sheet[top] if c.value])
        cell.value = f"{cell.value}呀"


def rename_sheet(book: Workbook, draw: Random) -> None:
    """A sheet under another name."""
    sheet, _ = _sheet(book, draw)
    sheet.title = draw.choice(["Sheet1", "九月", "交回"])


def copy_sheet(book: Workbook, draw: Random) -> None:
    """A sheet twice, as somebody's backup."""
    sheet, _ = _sheet(book, draw)
    book.copy_worksheet(sheet)


def widen(book: Workbook, draw: Random) -> None:
    """Full-width figures and stray spaces in what was typed."""
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    for name in FILLED:
        if name not in book.sheetnames or (top := _top(book[name], name)) is None:
            continue
        for row in book[name].iter_rows(min_row=top + 1):
            for cell in row:
                if isinstance(cell.value, str) and cell.value[:1].isdigit() and draw.random() < 0.5:
                    cell.value = f" {cell.value.translate(wide)} "


MANGLES: tuple[Callable[[Workbook, Random], None], ...] = (
    *(swap_columns, insert_rows, sort_lines, sort_some_columns, merge_cells, add_sheet),
    *(add_column, rename_heading, rename_sheet, copy_sheet, widen),
)


def places_of(path: Path, names: Collection[str]) -> dict[str, list[tuple[str, int]]]:
    """Where each name stands in a file: sheet and row."""
    book = openpyxl.load_workbook(path)
    found: dict[str, list[tuple[str, int]]] = {}
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value in names:
                    found.setdefault(str(cell.value), []).append((sheet.title, cell.row))
    return found


def bare_copy(path: Path) -> None:
    """As a plain tool saves it: texts and numbers alone, no looks, no drop-downs."""
    old, new = openpyxl.load_workbook(path), openpyxl.Workbook(write_only=True)
    for sheet in old:
        copied = new.create_sheet(sheet.title)
        copied.sheet_state = sheet.sheet_state
        for row in sheet.iter_rows(values_only=True):
            copied.append(row)
    new.save(path)


def stored_whole(path: Path) -> None:
    """As WPS packs it: other names of parts in another order, uncompressed."""
    with zipfile.ZipFile(path) as old:
        parts = [(entry.filename, old.read(entry)) for entry in old.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name, content in reversed(parts):
            new.writestr(name, content)


def through_office(path: Path) -> None:
    """Opened and saved by LibreOffice."""
    target = path.parent / "office"
    profile = f"-env:UserInstallation=file://{path.parent / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(target), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    (target / path.name).replace(path)
