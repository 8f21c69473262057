"""Read one declared sheet: every filled row is taken, or returned with its reason; nothing is guessed.

A sheet may stand anywhere in the workbook, twice, under another name, its columns in another order, rows and
columns added. What is merged, a formula, in error, or was moved from another printed line is sent back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from exchange.answers.given import Hidden, Printed
from exchange.answers.opening import Book, Page
from exchange.answers.problems import Fault, Problem, of_line
from exchange.answers.side_cells import Reading
from exchange.answers.side_sheets import Cell, Declared
from exchange.digests import cell_digest, narrow
from exchange.form import HIDDEN_SHEET

SEARCHED_ROWS = 60


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one kind of sheet says. rows: by the names of its cells, with row_no, place (as messages name it)
    and printed (the hidden page's cells of the line, empty for a line that was written below).

    Of filled_cnt lines those in rows could be read, the rest is in found.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    found: list[Problem] = field(default_factory=list)
    filled_cnt: int = 0
    sheets_read: int = 0


@dataclass(frozen=True)
class _Table:
    page: Page
    header: int  # row index of the headings, from 0
    columns: Mapping[str, list[int]]


def read_sheet(book: Book, hidden: Hidden, sheet: Declared, reading: Reading) -> Answers:
    """Every filled line of every page that has the sheet's headings."""
    rows: list[dict[str, Any]] = []
    found: list[Problem] = []
    filled, read = 0, 0
    for page in book.pages:
        if page.name == HIDDEN_SHEET or not page.text.width:
            continue
        table = _table(page, sheet)
        if table is None:
            found += _lost(page, sheet)
            continue
        read += 1
        wrong = _headings_wrong(table, sheet)
        found += [*wrong, *_strange(table, sheet, hidden)]
        for line in _lines(table, sheet, hidden, reading):
            filled += 1
            if any(problem.is_refusal for problem in wrong):
                continue
            found += of_line(f"“{sheet.name}”", line.row_no, line.faults)
            rows += [line.row] if line.row is not None else []
    return Answers(rows=rows, found=found, filled_cnt=filled, sheets_read=read)


def _table(page: Page, sheet: Declared) -> _Table | None:
    for index, cells in enumerate(page.text.head(SEARCHED_ROWS).rows()):
        columns: dict[str, list[int]] = {}
        for at, cell in enumerate(cells):
            if cell:
                columns.setdefault(narrow(cell), []).append(at)
        if all(narrow(heading) in columns for heading in sheet.known_by):
            return _Table(page, index, columns)
    return None


def _lost(page: Page, sheet: Declared) -> list[Problem]:
    """A page that bears the sheet's name and not its headings, though something was written there."""
    first = next((cell for row in page.text.head(3).rows() for cell in row if cell), "")
    texts = sum(cell is not None for row in page.text.rows() for cell in row)
    if page.name != sheet.name and not first.startswith(sheet.name) or texts < 3:
        return []
    lost = "、".join(f"“{h}”" for h in sheet.known_by)
    said = f"“{sheet.name}”的表头缺{lost}，整张没有读。请改回原来的表头后再交。"
    return [Problem("headings_altered", said)]


def _headings_wrong(table: _Table, sheet: Declared) -> list[Problem]:
    headings = [narrow(cell.heading) for cell in sheet.cells]
    twice = [heading for heading in headings if len(table.columns.get(heading, [])) > 1]
    if twice:
        said = f"“{sheet.name}”的表头里“{'”“'.join(twice)}”出现了两次，不知道该读哪一列，整张没有读。"
        return [Problem("heading_twice", f"{said}请只留一列后再交。")]
    if sheet.prefix and _sorted_apart(table):
        said = (
            f"“{sheet.name}”有几列单独排过序，印好的几列没有跟着走，整张没有读。请在原来发的文件里重新填写。"
        )
        return [Problem("sorted_apart", said)]
    lost = [c for c in sheet.cells if narrow(c.heading) not in table.columns]
    named = f"“{'”“'.join(c.heading for c in lost)}”"
    if any(cell.is_needed for cell in lost):
        return [
            Problem(
                "headings_altered", f"“{sheet.name}”的表头缺{named}，整张没有读。请改回原来的表头后再交。"
            )
        ]
    if lost:
        said = f"“{sheet.name}”的表头缺{named}，这几列没有读。请在原来发的文件里补填后再交一次。"
        return [Problem("heading_missing", said, is_refusal=False)]
    return []


def _sorted_apart(table: _Table) -> bool:
    """Whether an area was sorted that holds some of the columns: the sheet itself remembers."""
    first, marks = table.page.marks.first_column, table.page.marks
    places = [at[0] + first for at in table.columns.values()]
    return any(
        bottom > max(top, table.header + 1) and 0 < sum(left <= at <= right for at in places) < len(places)
        for top, left, bottom, right in marks.sorted_areas
    )


def _strange(table: _Table, sheet: Declared, hidden: Hidden) -> list[Problem]:
    """Columns that hold something beside a filled line and are none of the sheet's; far cells."""
    found = []
    known = {narrow(cell.heading) for cell in sheet.cells} | _PRINTED_HEADINGS
    ours = {at for heading, places in table.columns.items() if heading in known for at in places}
    typed = [table.columns[narrow(c.heading)][0] for c in sheet.typed if narrow(c.heading) in table.columns]
    rows = [r for r in table.page.text.rows()[table.header + 1 :] if any(r[at] for at in typed)]
    strange = [at for at in range(table.page.text.width) if at not in ours and any(r[at] for r in rows)]
    if strange:
        listed = "、".join(f"第{at + table.page.marks.first_column}列" for at in strange)
        said = f"“{sheet.name}”里{listed}不是表里的列，没有读；需要的话请写进“说明”再交一次。"
        found.append(Problem("column_not_read", said, is_refusal=False))
    if table.page.marks.far:
        row, column = table.page.marks.far[0]
        said = (
            f"“{sheet.name}”第{row}行第{column}列等{len(table.page.marks.far)}格离表太远，没有读；"
            "里面如有内容，请填进表里再交一次。"
        )
        found.append(Problem("far_cells", said, is_refusal=False))
    return found


# What we print beside the cells that are read, on one sheet or another.
_PRINTED_HEADINGS = frozenset(
    {
        "序号",
        "走访日期",
        "走访结果",
        "户主",
        "姓名",
        "村(社区)",
        "类别",
        "上次走访",
        "走访期限",
        "已到哪一步",
        "期限",
        "级别",
        "办理期限",
        "为什么",
    }
    | {
        "已享受",
        "可能还可以享受",
        "上门核实问题",
        "材料",
        "上次走访与结果",
        "镇街",
        "事由",
        "转出日期",
        "联系方式",
    }
    | {
        "结果代码",
        "走访日期",
        "协助申请的政策",
        "说明",
        "走访人",
        "部门",
        "数据项目",
        "我方记录",
        "入户了解",
        "提出日期",
    }
)


@dataclass(frozen=True)
class _Line:
    row_no: int
    faults: list[Fault]
    row: dict[str, Any] | None


def _lines(table: _Table, sheet: Declared, hidden: Hidden, reading: Reading) -> Iterator[_Line]:
    """The filled lines below the headings; single cells of remarks under the table are none."""
    column_of = {
        c.name: table.columns[narrow(c.heading)][0] for c in sheet.cells if narrow(c.heading) in table.columns
    }
    printed = hidden.printed(sheet)
    numbers = {narrow(one.cells.get(sheet.key)) for one in printed}
    merged = _merged_rows(table, sheet, column_of)
    for index, texts in enumerate(table.page.text.rows()[table.header + 1 :], start=table.header + 2):
        typed = {name: texts[at] for name, at in column_of.items()}
        if not _is_filled(typed, sheet, numbers) or narrow(typed.get(sheet.cells[0].name)) == narrow(
            sheet.cells[0].heading
        ):
            continue
        own, faults = _own_line(table, texts, typed, sheet, printed)
        marked = _marked(table, sheet, column_of, index)
        faults += [*marked.values(), *merged.get(index, [])]
        row: dict[str, Any] = {"row_no": index, "place": f"“{sheet.name}”第{index}行", "printed": own}
        for cell in sheet.cells:
            value, wrong = reading.value(cell, typed.get(cell.name))
            row[cell.name] = value
            faults += wrong if not merged.get(index) and cell.name not in marked else []
        refused = [fault for fault in faults if fault.is_refusal]
        yield _Line(index, list(dict.fromkeys(refused or faults)), None if refused else row)


def _is_filled(typed: Mapping[str, str | None], sheet: Declared, numbers: set[str]) -> bool:
    """Something was typed; on a sheet with printed lines more than what we printed, or a remark."""
    if any(typed.get(cell.name) is not None for cell in sheet.typed):
        return True
    printed = [
        typed[cell.name] for cell in sheet.cells if cell.is_printed and typed.get(cell.name) is not None
    ]
    return bool(sheet.prefix) and len(printed) > 1 and narrow(typed.get(sheet.cells[0].name)) not in numbers


def _own_line(
    table: _Table,
    texts: tuple[str | None, ...],
    typed: Mapping[str, str | None],
    sheet: Declared,
    printed: list[Printed],
) -> tuple[dict[str, str], list[Fault]]:
    """The hidden page's cells of a printed line, by its number and what was printed beside it."""
    if not sheet.prefix:
        return {}, []
    number = narrow(typed.get(sheet.cells[0].name))
    mine = [one for one in printed if narrow(one.cells.get(sheet.key)) == number]
    same = [one for one in mine if _as_printed(table, texts, one)]
    if len(same) == 1:
        return same[0].cells, []
    if len(same) > 1:
        said = "这一行与另一行印的内容一样，不知道是哪一件，本行未收，请在“说明”里写清后再交。"
        return {}, [Fault("line_unclear", said)]
    others = [
        at
        for heading, places in table.columns.items()
        if heading in ("户主", "已到哪一步", "类别")
        for at in places
    ]
    if any(texts[at] for at in others):
        said = "这一行印的内容不是这个编号原来的（像是排序、移动过），本行未收，请在原来发的文件里填写。"
        return {}, [Fault("line_moved", said)]
    return {}, []


def _as_printed(table: _Table, texts: tuple[str | None, ...], one: Printed) -> bool:
    return all(
        cell_digest(texts[at[0]]) == digest
        for heading, digest in one.digests.items()
        if (at := table.columns.get(narrow(heading)))
    )


def _marked(table: _Table, sheet: Declared, column_of: Mapping[str, int], row: int) -> dict[str, Fault]:
    """Cells of a line that are in error, or formulas, by name."""
    found, marks = {}, table.page.marks
    for cell in sheet.cells:
        place = (row, column_of[cell.name] + marks.first_column) if cell.name in column_of else None
        if place in marks.errors:
            found[cell.name] = Fault("cell_error", f"“{cell.heading}”一格是错误值，请重新填写，本行未收。")
        elif place in marks.formulas:
            found[cell.name] = Fault("formula", f"“{cell.heading}”一格是公式，请直接填写，本行未收。")
    return found


def _merged_rows(table: _Table, sheet: Declared, column_of: Mapping[str, int]) -> dict[int, list[Fault]]:
    """Rows whose cells to fill in were merged with those of other rows."""
    first = table.page.marks.first_column
    cells: dict[int, Cell] = {column_of[c.name] + first: c for c in sheet.typed if c.name in column_of}
    found: dict[int, list[Fault]] = {}
    for top, left, bottom, right in table.page.marks.merged:
        if bottom == top or top <= table.header + 1 or not any(left <= at <= right for at in cells):
            continue
        said = f"这一行与上下行合并成一格（第{top}到{bottom}行），请取消合并、逐行填写，本行未收。"
        found |= {row: [Fault("merged", said)] for row in range(top, bottom + 1)}
    return found
