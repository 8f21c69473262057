"""Filled lists come back: what each visit found, and in plain Chinese what could not be taken in.

A line nobody filled is not an outcome. A line that is filled but doubtful is refused and named;
nothing is guessed, nothing crashes on one bad cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange.answers.given import Given, altered, read_hidden
from exchange.answers.lines import FILL_INS, Line, case_faults, missing_lines, read_lines
from exchange.answers.notes import holds_number, note_faults
from exchange.answers.opening import Book, open_list
from exchange.answers.problems import Fault, of_line, quoted
from exchange.answers.returned_list import ReturnedList
from exchange.answers.typed_cells import date_faults, read_benefit, read_code, read_date, worker_faults
from exchange.digests import narrow
from exchange.form import NOTE
from exchange.masks import cover
from exchange.words import words
from zhaoren.errors import ZhaorenError

SCHEMA = {
    "alert_id": pl.String, "result_code": pl.String, "found_date": pl.Date, "benefit_id": pl.String,
    "note_zh": pl.String, "worker": pl.String, "row_no": pl.Int64, "place": pl.String,
}  # fmt: skip
FORM_OF = {"need": "worklist", "compliance": "compliance"}
_WORKER_ZH = {"need": "走访人", "compliance": "核实人"}


@dataclass(frozen=True, kw_only=True)
class Feedback(ReturnedList):
    """One visit or checking list that came back.

    `rows`: alert_id, result_code, found_date, benefit_id, note_zh, worker, row_no (row in the sheet, from 1),
    place (the row as messages name it).
    `place_code` is the town of a visit list, the county of a checking list (`queue` says which).
    """

    place_code: str
    queue: str


def read_feedback(path: Path, today: date) -> Feedback:
    """Read a filled visit or checking list from its file; else as `feedback_of`."""
    return feedback_of(open_list(path), today)


def feedback_of(book: Book, today: date) -> Feedback:
    """What a filled visit or checking list says.

    Columns may stand in another order; a code may be typed as "20" or "20 符合…"; dates may be Excel
    dates or text. Dates after `today` or before the list are refused.
    Raises ZhaorenError if the file is not one of our lists, has lost its hidden page, or `today` is earlier
    than the list.
    """
    given = read_hidden(book)
    refuse_wrong_list(book.file_name, given, today, FORM_OF)
    returned = read_lines(book, given)
    filled = [line for line in returned.lines if line.is_filled]
    doubled = doubled_cases(filled, given, today, book.is_1904)
    rows: list[tuple] = []
    found = [*missing_lines(returned, given, "按未走访处理"), *returned.problems]
    repeated = 0
    taken: set[str] = set()
    for line in filled:
        row, faults = _take(line, given, today, is_1904=book.is_1904, doubled=doubled)
        if row and row[0] in taken:
            repeated += 1
            continue
        found += of_line(line.where, line.row_no, faults)
        if row:
            rows.append(row)
            taken.add(row[0])
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(cover(pl.col("note_zh")))
    return Feedback(
        rows=frame,
        found=found,
        as_of=given.as_of,
        place_code=given.place_code,
        queue=given.queue,
        version=given.version,
        sheets_read=returned.sheets_read,
        filled_cnt=len(filled) + returned.unread_cnt,
        repeated_cnt=repeated,
    )


def refuse_wrong_list(file_name: str, given: Given, today: date, queues: Collection[str]) -> None:
    """A list of a kind there is not was altered; none can come back before it was made: a clock is wrong."""
    if given.queue not in queues:
        raise altered(file_name, "no such kind of list")
    if today < given.as_of:
        raise ZhaorenError(
            f"收到日期 {today} 早于名单日期 {given.as_of}（the list is from a later day than it came back）",
            where=file_name,
            why="电脑时钟或收到日期不对（the clock or --received is wrong）",
            todo="请数据员改正后再收一次（correct it and take the file again）",
            code="wrong_clock",
        )


def doubled_cases(filled: list[Line], given: Given, today: date, is_1904: bool) -> dict[str, Fault]:
    """Cases that were filled in more than once, and not with the same answers: none of them counts."""
    of_case: dict[str, list[Line]] = defaultdict(list)
    for line in filled:
        of_case[line.cells["alert_id"] or ""].append(line)
    found = {}
    for case, lines in of_case.items():
        if case and len({_answers(line, given, today, is_1904) for line in lines}) > 1:
            places = "、".join(line.place for line in lines)
            said = f"同一个个案编号填了{len(lines)}处（{places}），内容不一样，都未收，请核对后只留一处再交。"
            found[case] = Fault("case_twice", said)
    return found


def _answers(line: Line, given: Given, today: date, is_1904: bool) -> tuple:
    """What a line says, however it is typed: two that mean the same are equal."""
    cells = line.cells
    code, _ = read_code(cells["code"], given.codes)
    day = read_date(cells["found"], given.as_of, today, is_1904)
    rest = (narrow(cells[name]) for name in FILL_INS if name not in ("code", "found"))
    return (code or narrow(cells["code"]), day or narrow(cells["found"]), *rest)


def _take(
    line: Line, given: Given, today: date, *, is_1904: bool, doubled: dict[str, Fault]
) -> tuple[tuple | None, list[Fault]]:
    """The outcome of one filled line, or None; and what is wrong with it."""
    cells = line.cells
    faults = case_faults(line, given) or list(line.faults)
    if cells["alert_id"] in doubled:
        faults.append(doubled[str(cells["alert_id"])])
    code, code_fault = read_code(cells["code"], given.codes)
    found = read_date(cells["found"], given.as_of, today, is_1904)
    if not line.faults:  # a merged or moved line is asked for as a whole
        faults += [code_fault] if code_fault else []
        faults += date_faults(cells["found"], found, given.as_of, today)
        faults += _worker_faults(cells["worker"], _WORKER_ZH.get(given.queue, "填写人"))
    faults += note_faults(cells["note"], NOTE)
    faults += _asked_faults(code, cells["note"], given)
    if any(fault.is_refusal for fault in faults):
        return None, [fault for fault in faults if fault.is_refusal]
    benefit = read_benefit(cells["benefit"], given.benefits)
    faults += _benefit_remarks(cells["benefit"], benefit, given.codes[str(code)], given)
    row = (cells["alert_id"], code, found, benefit, cells["note"], cells["worker"], line.row_no, line.place)
    return row, faults


def _worker_faults(typed: str | None, who_zh: str) -> list[Fault]:
    if holds_number(typed):
        said = f"“{who_zh}”里有身份证号、电话或银行卡号，请只写名字，本行未收。"
        return [Fault("forbidden_number", said)]
    return worker_faults(typed, who_zh)


def _asked_faults(code: str | None, note: str | None, given: Given) -> list[Fault]:
    """What a code asks to be written in 说明, such as to whom a household was referred."""
    entry: dict[str, Any] = words(FORM_OF[given.queue])["codes"].get(code, {}) if code else {}
    asked = entry.get("asks")
    if not asked or len(narrow(note)) > 1:
        return []
    if entry.get("asks_first", False):
        said = f"选了 {code}，请在“{NOTE}”里写明{asked}，本行未收。"
        return [Fault("note_missing", said)]
    said = f"选了 {code}，结果已收下，请在“{NOTE}”里补写{asked}后再交一次。"
    return [Fault("note_wanted", said, is_refusal=False)]


def _benefit_remarks(typed: str | None, benefit: str | None, code_zh: str, given: Given) -> list[Fault]:
    """Remarks that do not stop the line."""
    if typed and benefit is None:
        said = f"协助申请的政策“{quoted(typed)}”不在可选范围，结果已收下，政策未记，请从下拉列表里选。"
        return [Fault("unknown_benefit", said, is_refusal=False)]
    if not typed and given.benefits and "协助申请" in code_zh:
        said = "选了“已协助申请”，但没有选是哪项政策；结果已收下，请补选后再交一次。"
        return [Fault("no_benefit", said, is_refusal=False)]
    return []
