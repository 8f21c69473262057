"""Filled lists come back: what each visit found, and in plain Chinese what could not be taken in.

A line nobody filled is not an outcome. A line that is filled but doubtful is refused and named;
nothing is guessed, nothing crashes on one bad cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl

from exchange.lists.form import BENEFIT, CASE, CODE, HIDDEN_SHEET, NOTE, VERDICT
from exchange.lists.masks import cover
from exchange.lists.typed_cells import plain_number, quoted, read_benefit, read_code, read_date
from zhaoren.errors import ZhaorenError

_HEADINGS = {
    "序号": "seq", CASE: "alert_id", CODE: "code", BENEFIT: "benefit", NOTE: "note",
    "走访日期": "found", "核实日期": "found", "走访人": "worker", "核实人": "worker",
    VERDICT: "code", "依据": "note", "核对日期": "found", "核对人": "worker",
}  # fmt: skip
FILL_INS = ("code", "found", "benefit", "note", "worker")
SCHEMA = {
    "alert_id": pl.String, "result_code": pl.String, "found_date": pl.Date, "benefit_id": pl.String,
    "note_zh": pl.String, "worker": pl.String, "row_no": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """One list that came back.

    `rows`: one per line taken in: alert_id, result_code, found_date, benefit_id, note_zh (numbers of
    people covered), worker, row_no (row in the sheet, from 1). `problems`: sentences with row numbers.
    `place_code` is the town of a visit list, the county of a checking list (`queue` says which).
    """

    rows: pl.DataFrame
    problems: list[str]
    as_of: date
    place_code: str
    queue: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the hidden page says was handed out: case number to line number, code and benefit to Chinese."""

    as_of: date
    place_code: str
    queue: str
    version: str
    seq_of: dict[str, str]
    codes: dict[str, str]
    benefits: dict[str, str]


def read_feedback(path: Path, today: date) -> Feedback:
    """Read a filled visit or checking list.

    Columns may stand in another order; a code may be typed as "20" or "20 符合…"; dates may be Excel
    dates or text. Dates after `today` or before the list are refused.
    Raises ZhaorenError if the file is not one of our lists or has lost its hidden page.
    """
    reader = open_list(path)
    given = read_hidden(reader, path)
    lines = read_lines(reader, path)
    taken: list[tuple] = []
    problems = missing_lines(lines, given, "按未走访处理")
    seen: dict[str, int] = {}
    for line in lines.rows(named=True):
        if not any(line[name] for name in FILL_INS):
            continue
        row, faults = _take(line, given, today, seen)
        problems += [f"第{line['row_no']}行：{fault}" for fault in faults]
        taken += [row] if row else []
    rows = pl.DataFrame(taken, schema=SCHEMA, orient="row").with_columns(cover(pl.col("note_zh")))
    return Feedback(
        rows=rows,
        problems=problems,
        as_of=given.as_of,
        place_code=given.place_code,
        queue=given.queue,
        version=given.version,
    )


def _take(line: dict, given: Given, today: date, seen: dict[str, int]) -> tuple[tuple | None, list[str]]:
    """The outcome of one filled line, or None; and what is wrong with it."""
    faults = case_faults(line, given)
    if not faults and line["alert_id"] in seen:
        first = seen[line["alert_id"]]
        faults.append(f"与第{first}行是同一个个案编号，只收第{first}行，本行未收。")
    code = read_code(line["code"], given.codes)
    found = read_date(line["found"], given.as_of, today)
    if not line["code"]:
        faults.append("填了内容，但没有选结果代码，本行未收。")
    elif code is None:
        faults.append(f"结果代码“{quoted(line['code'])}”不在代码表里，本行未收。")
    faults += date_faults(line["found"], found, given.as_of, today)
    if faults:
        return None, faults
    benefit = read_benefit(line["benefit"], given.benefits)
    notes = _benefit_notes(line["benefit"], benefit, given.codes[str(code)], given)
    row = (line["alert_id"], code, found, benefit, line["note"], line["worker"], line["row_no"])
    seen[line["alert_id"]] = line["row_no"]
    return row, notes


def case_faults(line: dict, given: Given) -> list[str]:
    """What is wrong with a line's case number."""
    case, seq = line["alert_id"], line["seq"]
    if not case:
        return ["个案编号是空的，不知道是哪一户，本行未收。"]
    if case not in given.seq_of:
        return ["个案编号不在这份名单里（可能被改动过），本行未收，请对照原名单改回。"]
    if seq and plain_number(seq) != given.seq_of[case]:
        return ["个案编号与序号对不上（可能移动或改动过），本行未收，请对照原名单改回。"]
    return []


def missing_lines(lines: pl.DataFrame, given: Given, treated_zh: str) -> list[str]:
    """Lines handed out that no longer stand in the sheet, and how they are treated."""
    here = set(lines["alert_id"].to_list())
    gone = [f"{seq}号" for case, seq in given.seq_of.items() if case not in here]
    return (
        [f"原名单的{'、'.join(gone)}在交回的表里找不到（行被删除或编号被改动），{treated_zh}。"]
        if gone
        else []
    )


def date_faults(typed: str | None, found: date | None, as_of: date, today: date) -> list[str]:
    """What is wrong with the date of a line: none, unclear, before the list, or after today."""
    if not typed:
        return ["没有填日期，本行未收。"]
    if found is None:
        return [f"日期“{quoted(typed)}”看不懂，请写成 {as_of} 这样，本行未收。"]
    if found < as_of:
        return [f"日期 {found} 早于名单日期 {as_of}，本行未收。"]
    if found > today:
        return [f"日期 {found} 晚于今天 {today}，本行未收。"]
    return []


def _benefit_notes(typed: str | None, benefit: str | None, code_zh: str, given: Given) -> list[str]:
    """Remarks that do not stop the line."""
    if typed and benefit is None:
        return [f"协助申请的政策“{quoted(typed)}”不在可选范围，结果已收下，政策未记，请从下拉列表里选。"]
    if not typed and given.benefits and "协助申请" in code_zh:
        return ["选了“已协助申请”，但没有选是哪项政策；结果已收下，请补选后再交一次。"]
    return []


def open_list(path: Path) -> fastexcel.ExcelReader:
    """Open a workbook, or raise ZhaorenError with what to do."""
    try:
        return fastexcel.read_excel(path)
    except (fastexcel.FastExcelError, OSError) as error:
        raise _cannot_be_read(path.name, error) from error


def _cannot_be_read(where: str, error: Exception) -> ZhaorenError:
    return ZhaorenError(
        "这个文件打不开（cannot be read as a workbook）",
        where=where,
        why=type(error).__name__,
        todo="请用 Excel 或 WPS 另存为 .xlsx 后再交（save it as .xlsx and hand it in again）",
    )


def _read_sheet(reader: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    try:
        frame = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:  # a page may be damaged where the file as a whole is not
        raise _cannot_be_read(name, error) from error
    return frame.select(pl.col(pl.String).str.strip_chars().replace("", None)) if frame.width else frame


def list_kind(path: Path) -> str:
    """What the hidden page says a list is: need, compliance or identity. ZhaorenError as read_feedback."""
    return read_hidden(open_list(path), path).queue


def list_version(path: Path) -> str:
    """The version of rules and code that made a list, from its hidden page. ZhaorenError as list_kind."""
    return read_hidden(open_list(path), path).version


def read_hidden(reader: fastexcel.ExcelReader, path: Path) -> Given:
    """Read the hidden page of a list; raises ZhaorenError if it is gone or altered."""
    if HIDDEN_SHEET not in reader.sheet_names:
        raise ZhaorenError(
            "不是本系统发出的名单，或隐藏的校验页丢了（not one of our lists, or its hidden page is gone）",
            where=path.name,
            why="没有校验页就不知道是哪个站、哪一期的名单",
            todo="请在原来发的文件里填写，并把整个文件交回（fill in and return the whole original file）",
        )
    page = _read_sheet(reader, HIDDEN_SHEET)
    columns = {str(page[0, name]): page[name][1:].to_list() for name in page.columns}
    keys = _pairs(columns, "key", "value")
    try:
        return Given(
            as_of=date.fromisoformat(keys["as_of"]),
            place_code=keys["place_code"],
            queue=keys["queue"],
            version=keys["version"],
            seq_of=_pairs(columns, "alert_id", "seq"),
            codes=_pairs(columns, "code", "zh"),
            benefits=_pairs(columns, "benefit_id", "benefit_zh"),
        )
    except (KeyError, ValueError) as error:
        raise ZhaorenError(
            "名单的校验页被改动过（the hidden page was altered）",
            where=f"{path.name}, {HIDDEN_SHEET}",
            why=f"{type(error).__name__}: {error}",
            todo="请在原来发的文件里重新填写（fill in the original file)",
        ) from error


def _pairs(columns: dict[str, list], key: str, value: str) -> dict[str, str]:
    """Two columns of the hidden page as a mapping; shorter columns end in nulls."""
    both = zip(columns.get(key, []), columns.get(value, []), strict=True)
    return {k: v for k, v in both if k is not None and v is not None}


def read_lines(reader: fastexcel.ExcelReader, path: Path) -> pl.DataFrame:
    """The list's lines as text, wherever the columns stand: row_no as in the sheet, seq, alert_id, FILL_INS.

    Raises ZhaorenError when no page has the headings.
    """
    for name in reader.sheet_names:
        page = _read_sheet(reader, name)
        for index, cells in enumerate(page.head(30).rows()):
            if CASE in cells and (CODE in cells or VERDICT in cells):
                return _named(page, index, cells)
    raise ZhaorenError(
        "找不到名单的表头（the list's header row is missing）",
        where=path.name,
        why=f"没有一行同时有“{CASE}”和“{CODE}”（或“{VERDICT}”）",
        todo="请不要改动表头，在原来发的文件里填写（keep the headings; fill in the original file）",
    )


def _named(page: pl.DataFrame, header: int, cells: tuple) -> pl.DataFrame:
    where = {_HEADINGS[cell]: page.columns[i] for i, cell in enumerate(cells) if cell in _HEADINGS}
    names = ("seq", "alert_id", *FILL_INS)
    body = page.with_row_index("row_no", 1).slice(header + 1)
    found = [(pl.col(where[n]) if n in where else pl.lit(None, pl.String)).alias(n) for n in names]
    lines = body.select(pl.col("row_no").cast(pl.Int64), *found)
    has_case = pl.col("alert_id").is_not_null()
    # The remarks below the list are single cells; a line that lost its case number has several.
    filled = pl.sum_horizontal(pl.col(FILL_INS).is_not_null()) > 1
    return lines.filter(has_case | filled)
