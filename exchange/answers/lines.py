"""The lines of a list that came back: from every sheet with its headings, wherever the columns stand.

What cannot be read is named: a sheet whose headings were altered, a column that is no column of the list,
cells merged over several households, formulas, a line whose printed text belongs to another case number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from exchange.answers.given import Given
from exchange.answers.opening import Book, Page
from exchange.answers.problems import Fault, Problem
from exchange.answers.typed_cells import plain_number
from exchange.digests import SEQ, cell_digest, narrow
from exchange.form import BENEFIT, CASE, CODE, HIDDEN_SHEET, IDENTITY, NOTE, SIDE_SHEETS, VERDICT
from exchange.words import words
from zhaoren.errors import ZhaorenError

NAME_OF = {
    SEQ: "seq", CASE: "alert_id", CODE: "code", BENEFIT: "benefit", NOTE: "note",
    "走访日期": "found", "核实日期": "found", "走访人": "worker", "核实人": "worker",
    VERDICT: "code", "依据": "note", "核对日期": "found", "核对人": "worker",
}  # fmt: skip
_USUAL_HEADINGS = frozenset({"备注", "电话", "联系方式", "地址", "日期", "编号", "情况"})
FILL_INS = ("code", "found", "benefit", "note", "worker")
_FILL_IN_HEADINGS = {
    "need": (CODE, "走访日期", BENEFIT, NOTE, "走访人"),
    "compliance": (CODE, "核实日期", NOTE, "核实人"),
    IDENTITY: (VERDICT, "依据", "核对人", "核对日期"),
}
_SEARCHED_ROWS = 60
_FORMS = ("worklist", "compliance", "identity_review")
_HELP_TITLES = {
    "结果代码说明",
    *(words(form)["help_title"] for form in _FORMS),
}  # the first: of earlier versions


@dataclass(frozen=True)
class Line:
    """One line of a sheet. cells: seq, alert_id and FILL_INS as typed, null where blank.

    where: what a message says before the row, empty when one sheet alone holds lines.
    faults: what is wrong with the line before anything of it is understood.
    """

    where: str
    row_no: int
    cells: dict[str, str | None]
    faults: tuple[Fault, ...] = ()
    is_filled: bool = False

    @property
    def place(self) -> str:
        """The line as a message names it."""
        return f"{self.where}第{self.row_no}行"


@dataclass(frozen=True)
class Returned:
    """All lines of a list that came back, what is wrong beside them, and how many sheets hold lines.

    unread_cnt: filled lines of sheets that were refused as a whole; their lines are none of `lines`.
    """

    lines: list[Line]
    problems: list[Problem]
    sheets_read: int
    unread_cnt: int
    cases: frozenset[str]


@dataclass(frozen=True)
class _Table:
    """A sheet with our headings: the row of the headings (from 0), and narrow heading -> text columns."""

    page: Page
    header: int
    columns: dict[str, list[int]]


def read_lines(book: Book, given: Given) -> Returned:
    """Every line of every sheet with the list's headings, and what was not read.

    Raises ZhaorenError when no sheet has the headings.
    """
    pages = [page for page in book.pages if page.name != HIDDEN_SHEET and page.text.width]
    tables = [table for page in pages if (table := _table(page))]
    if not tables:
        raise ZhaorenError(
            "找不到名单的表头（the list's header row is missing）",
            where=book.file_name,
            why=f"没有一行同时有“{CASE}”和“{CODE}”（或“{VERDICT}”）",
            todo="请不要改动表头，在原来发的文件里填写（keep the headings; fill in the original file）",
            code="headings_missing",
        )
    read = {table.page.name for table in tables}
    problems = [p for page in pages if page.name not in read for p in _not_read(page, given)]
    lines: list[Line] = []
    unread: list[Line] = []
    for table in tables:
        wrong = [*_headings_wrong(table, given), *_sorted_apart(table)]
        problems += [*wrong, *_far(table.page)]
        is_refused = any(problem.is_refusal for problem in wrong)
        where = table.page.called if len(tables) > 1 else ""
        (unread if is_refused else lines).extend(_lines(table, given, where))
    cases = frozenset(line.cells["alert_id"] or "" for line in lines + unread)
    return Returned(lines, problems, len(tables), sum(line.is_filled for line in unread), cases)


def missing_lines(returned: Returned, given: Given, treated_zh: str) -> list[Problem]:
    """Lines handed out that no longer stand in any sheet, and how they are treated."""
    gone = [f"{seq}号" for case, seq in given.seq_of.items() if case not in returned.cases]
    said = f"原名单的{'、'.join(gone)}在交回的表里找不到（行被删除或编号被改动），{treated_zh}。"
    return [Problem("line_missing", said)] if gone else []


def case_faults(line: Line, given: Given) -> list[Fault]:
    """What is wrong with a line's case number."""
    case, seq = line.cells["alert_id"], line.cells["seq"]
    if not case:
        return [Fault("no_case", "个案编号是空的，不知道是哪一户，本行未收。")]
    if case not in given.seq_of:
        said = "个案编号不在这份名单里（可能被改动过），本行未收，请对照原名单改回。"
        return [Fault("case_not_on_list", said)]
    if seq and plain_number(seq) != given.seq_of[case]:
        said = "个案编号与序号对不上（可能移动或改动过），本行未收，请对照原名单改回。"
        return [Fault("case_moved", said)]
    return []


def _table(page: Page) -> _Table | None:
    for index, cells in enumerate(page.text.head(_SEARCHED_ROWS).rows()):
        columns: dict[str, list[int]] = {}
        for at, cell in enumerate(cells):
            if cell:
                columns.setdefault(narrow(cell), []).append(at)
        if CASE in columns and (CODE in columns or VERDICT in columns):
            return _Table(page, index, columns)
    return None


def _not_read(page: Page, given: Given) -> list[Problem]:
    """A sheet without our headings: silent only if it is one of our own pages or holds nothing."""
    texts = {cell for row in page.text.rows() for cell in row if cell}
    first = next((cell for row in page.text.head(3).rows() for cell in row if cell), "")
    is_ours = first in _HELP_TITLES or {"key", "value", "as_of"} <= texts or first.startswith(SIDE_SHEETS)
    if not texts or is_ours:
        return []
    name = page.called
    if texts & given.printed:
        there = {narrow(text) for text in texts}
        lost = "、".join(f"“{h}”" for h in (CASE, *_FILL_IN_HEADINGS[given.queue]) if h not in there)
        lacking = lost or "完整的一行表头"
        said = f"{name}里有名单的个案编号，但表头不全（缺{lacking}），整张没有读。请改回原来的表头后再交。"
        return [Problem("headings_altered", said)]
    said = f"{name}不是名单，没有读；里面如有走访结果，请填进名单那张表再交一次。"
    return [Problem("sheet_not_read", said, is_refusal=False)]


def _headings_wrong(table: _Table, given: Given) -> list[Problem]:
    """Headings renamed or standing twice refuse the sheet; a column that was added or lost is named."""
    name = table.page.called
    expected = _FILL_IN_HEADINGS[given.queue]
    twice = [h for h in (SEQ, CASE, *expected) if len(table.columns.get(h, [])) > 1]
    if twice:
        said = (
            f"{name}的表头里“{'”“'.join(twice)}”出现了两次，不知道该读哪一列，整张没有读。请只留一列后再交。"
        )
        return [Problem("heading_twice", said)]
    lost = [heading for heading in expected if heading not in table.columns]
    strange = _strange_columns(table, given)
    listed = f"“{'”“'.join(lost)}”"
    if lost and not given.headings:
        said = f"{name}的表头缺{listed}，整张没有读。请改回原来的表头后再交。"
        return [Problem("headings_altered", said)]
    if lost and strange:
        added = "、".join(strange)
        said = f"{name}的表头缺{listed}，多了{added}（像是改了名），整张没有读。请改回原来的表头后再交。"
        return [Problem("heading_renamed", said)]
    if lost:
        said = f"{name}的表头缺{listed}，这几列没有读。请在原来发的文件里补填后再交一次。"
        return [Problem("heading_missing", said, is_refusal=False)]
    if strange:
        said = f"{name}里{'、'.join(strange)}不是名单的列，没有读；需要的话请写进“{NOTE}”再交一次。"
        return [Problem("column_not_read", said, is_refusal=False)]
    return []


def _strange_columns(table: _Table, given: Given) -> list[str]:
    """Columns that the list did not have and that hold something beside a case number.

    A list of an earlier version does not say which columns it had.
    """
    if not given.headings:
        return []
    known = {narrow(heading) for heading in (*given.headings, *NAME_OF)}
    ours = {at for heading, places in table.columns.items() if heading in known for at in places}
    case = table.columns[CASE][0]
    rows = [row for row in table.page.text.rows()[table.header + 1 :] if row[case] in given.printed]
    heads = table.page.text.row(table.header)
    return [
        _column_called(heads[at] or "", table.page.marks.first_column + at)
        for at in range(table.page.text.width)
        if at not in ours and any(row[at] for row in rows)
    ]


def _column_called(heading: str, place: int) -> str:
    """A column that somebody added: by a usual heading, else by its place, for a heading may be a name."""
    return f"“{heading}”列" if heading in _USUAL_HEADINGS else f"第{place}列"


def _sorted_apart(table: _Table) -> list[Problem]:
    """Columns sorted without the case numbers: the sheet itself remembers which area was sorted."""
    first = table.page.marks.first_column
    places = {h: at[0] + first for h, at in table.columns.items() if h in NAME_OF and h != SEQ}
    for top, left, bottom, right in table.page.marks.sorted_areas:
        moved = {heading for heading, column in places.items() if left <= column <= right}
        if bottom > table.header + 1 and bottom > top and moved and len(moved) < len(places):
            said = (
                f"{table.page.called}有几列单独排过序，个案编号没有跟着走，结果可能错到别家，整张没有读。"
                "请在原来发的文件里重新填写。"
            )
            return [Problem("sorted_apart", said)]
    return []


def _far(page: Page) -> list[Problem]:
    if not page.marks.far:
        return []
    row, column = page.marks.far[0]
    said = (
        f"{page.called}第{row}行第{column}列等{len(page.marks.far)}格离名单太远，没有读；"
        "里面如有走访结果，请填进名单再交一次。"
    )
    return [Problem("far_cells", said, is_refusal=False)]


def _lines(table: _Table, given: Given, where: str) -> list[Line]:
    """The lines below the headings; the remarks below the list are single cells and are none."""
    page, first = table.page, table.page.marks.first_column
    column_of = {NAME_OF[h]: places[0] for h, places in table.columns.items() if h in NAME_OF}
    heading_of = {NAME_OF[h]: h for h in table.columns if h in NAME_OF}
    merged = _merged_cells(table, column_of, given)
    found = []
    for index, row in enumerate(page.text.rows()[table.header + 1 :], start=table.header + 2):
        cells = {n: row[column_of[n]] if n in column_of else None for n in ("seq", "alert_id", *FILL_INS)}
        places = {name: (index, at + first) for name, at in column_of.items() if name != "seq"}
        cells["alert_id"] = given.alert_of.get(cells["alert_id"] or "", cells["alert_id"])
        faults = [
            *_bad_cells(places, heading_of, page),
            *(merged[index, n] for n in FILL_INS if (index, n) in merged),
        ]
        typed = sum(cells[name] is not None for name in FILL_INS)
        is_line = cells["alert_id"] is not None or typed > 1 or bool(typed and cells["seq"])
        if not is_line or cells["alert_id"] == CASE:
            continue
        is_filled = bool(typed or faults)
        if is_filled:
            faults += _moved(table, row, cells["alert_id"], given)
        found.append(Line(where, index, cells, tuple(dict.fromkeys(faults)), is_filled))
    return found


def _bad_cells(places: dict[str, tuple[int, int]], heading_of: dict[str, str], page: Page) -> Iterator[Fault]:
    for name, place in places.items():
        heading = heading_of[name]
        if place in page.marks.errors:
            yield Fault("cell_error", f"“{heading}”一格是错误值，请重新填写，本行未收。")
        elif place in page.marks.formulas:
            yield Fault("formula", f"“{heading}”一格是公式，请直接填写，本行未收。")


def _merged_cells(table: _Table, column_of: dict[str, int], given: Given) -> dict[tuple[int, str], Fault]:
    """(row, name) of cells to fill in that were merged over several lines and hold something."""
    depth = 2 if given.queue == IDENTITY else 1
    found: dict[tuple[int, str], Fault] = {}
    for top, left, bottom, right in table.page.marks.merged:
        names = _names_between(column_of, left, right, table.page.marks.first_column)
        is_ours = bottom - top < depth and left == right
        if bottom == top or is_ours or top <= table.header + 1 or not names:
            continue
        if any(_text_at(table.page, top, column) for column in range(left, right + 1)):
            said = (
                f"结果与上下行合并成一格（第{top}到{bottom}行），不知道是哪一户的，"
                "请取消合并、逐户填写，本行未收。"
            )
            found |= {(row, n): Fault("merged", said) for row in range(top, bottom + 1) for n in names[:1]}
    return found


def _names_between(column_of: dict[str, int], left: int, right: int, first: int) -> list[str]:
    return [name for name in FILL_INS if name in column_of and left <= column_of[name] + first <= right]


def _text_at(page: Page, row: int, column: int) -> str | None:
    at = column - page.marks.first_column
    inside = 0 <= at < page.text.width and row <= page.text.height
    return page.text.item(row - 1, at) if inside else None


def _moved(table: _Table, row: tuple, case: str | None, given: Given) -> Iterable[Fault]:
    """The printed text of the line against what was printed beside this case number."""
    digests = given.digests.get(case or "", {})
    changed = [
        heading
        for heading, digest in digests.items()
        if (at := table.columns.get(narrow(heading))) and cell_digest(row[at[0]]) != digest
    ]
    if not changed:
        return []
    said = (
        f"这一行印的“{'”“'.join(changed[:3])}”不是这个个案编号原来的（像是排序、移动或改动过），"
        "本行未收，请在原来发的文件里填写。"
    )
    return [Fault("line_moved", said)]
