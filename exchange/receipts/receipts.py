"""A department's receipt for its delivery: what was refused, where in its own file, and how to mend it.

Every delivery gets one, the held, the refused and the faultless too: silence must not look like a lost file.
It is the one paper that carries original values back, to the department they came from, under its own
headers and row numbers; mended, it can be sent back (returned.py). Everything is written as text, so no cell
can act as a formula, and the same receipt has the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from exchange.receipt_mark import MARK
from exchange.receipts.problem_rows import (
    Known,
    known_of,
    problem_rows,
    write_problem_sheet,
    write_problem_text,
)
from exchange.receipts.refusals import reasons_zh, refusal_zh
from exchange.sheets import Book, Cell, Sheet, header_row, open_book, print_wide, row_height
from exchange.words import reading_zh, value_zh, words
from zhaoren.chinese import month_zh

MOST_LISTED = 50_000
UNDATED = date(2000, 1, 1)
ENDINGS = {"csv", "tsv", "txt", "dat", "xlsx", "xlsm", "xls", "et", "parquet", "gz", "zip"}
_COUNTS = (("读到行数", "rows_read"), ("入库行数", "rows_loaded"), ("退回行数", "rows_quarantined"),
           ("重复行数", "rows_duplicate"))  # fmt: skip
_FAULTS = {"row_no": pl.Int64, "rule_id": pl.String, "column_name": pl.String, "reason_zh": pl.String}


def _empty(**columns: Any) -> Any:
    return field(default_factory=lambda: pl.DataFrame(schema=columns))


@dataclass(frozen=True)
class Findings:
    """What is to be told of one delivery beside its row of ops.delivery; any part may be empty.

    faults     row_no, rule_id, column_name, reason_zh    one row per refused row and broken rule
    originals  row_no and the refused rows' text, columns named as the contract's
    noted      row_no, rule_id, column_name, reason_zh    faults that kept no row out
    repairs    row_no, column_name, kind                  cells put right by us
    duplicates row_no                                     rows that repeat another one exactly
    reading    code, cnt, place                       what the reader left out, doubts or did
    results    rule_id, passed, failing_cnt               rules of the whole delivery
    changes    change, row_cnt                            a correction against what it replaces
    headers    column -> header, as in the department's file and in its order
    open_rows  row numbers of the receipt before that were not sent back
    is_cut     whether the rows could not be written, so that only the counts are there
    codes      code tables, by name; None: the shipped ones
    """

    faults: pl.DataFrame = _empty(**_FAULTS)
    originals: pl.DataFrame = _empty(row_no=pl.Int64)
    noted: pl.DataFrame = _empty(**_FAULTS)
    repairs: pl.DataFrame = _empty(row_no=pl.Int64, column_name=pl.String, kind=pl.String)
    duplicates: pl.DataFrame = _empty(row_no=pl.Int64)
    reading: pl.DataFrame = _empty(code=pl.String, cnt=pl.Int64, place=pl.String)
    results: pl.DataFrame = _empty(rule_id=pl.String, passed=pl.Boolean, failing_cnt=pl.Int64)
    changes: pl.DataFrame = _empty(change=pl.String, row_cnt=pl.Int64)
    headers: Mapping[str, str] = field(default_factory=dict)
    open_rows: Sequence[int] = ()
    is_cut: bool = False
    codes: Mapping[str, CodeTable] | None = None


def receipt_name(file_name: str, kind: str = "full") -> str:
    """The receipt's file name: the delivery's own, so that sent back it names the same extract and month."""
    parts = file_name.split(".")
    while len(parts) > 1 and parts[-1].lower() in ENDINGS:
        parts.pop()
    return ".".join([*parts, *(["mended"] if kind == "mended" else []), "xlsx"])


def write_receipt(
    path: Path,
    contract: Contract | None,
    info: Mapping[str, Any],
    findings: Findings,
    most: int = MOST_LISTED,
) -> list[Path]:
    """Write the receipt of one delivery; returns the files written.

    `info`: a row of ops.delivery (delivery_id, file_name, known_date, status, rows_read, reason, error_code,
    …; all optional). `contract` is None when no contract covers the file. The sheets 说明, 汇总 and 问题行
    are always there; 提示, 重复行 and 更正情况 where there is something to say. Beyond `most` refused rows
    the rest goes into a CSV beside the workbook.
    """
    as_of = info.get("known_date") or UNDATED
    delivery_id = str(info.get("delivery_id") or "")
    title = contract.title_zh if contract else str(info.get("file_name") or "")
    known = known_of(contract, findings.headers, findings.codes) if contract else Known({}, {}, {}, {}, {})
    problems = problem_rows(known, findings.faults, findings.originals)
    rest = path.with_name(f"{path.stem}.其余问题行.csv")
    with open_book(Path(path), f"数据回执 {title}", as_of) as book:
        if delivery_id:
            book.workbook.set_custom_property(MARK, delivery_id, "text")
        lines = list(_lines(contract, info, findings))
        if findings.is_cut:
            lines.append(("说明", words("receipt")["cut"]))
        if problems.height > most:
            lines.append(("问题行", f"共 {problems.height} 行：前 {most} 行在“问题行”表，其余在 {rest.name}"))
        _explain(book, title, lines, _steps(contract, info, problems.height))
        _summarise(book, known, findings.faults, info)
        write_problem_sheet(book, known, delivery_id, problems.head(most))
        _hints(book, known, findings)
        _numbers(book, "重复行", "与本文件中另一行完全相同，只用一行，其余未采用；无须处理，请检查导出程序。",
                 findings.duplicates.get_column("row_no").sort().to_list())  # fmt: skip
        _corrections(book, findings)
    if problems.height <= most:
        return [path]
    write_problem_text(rest, known, delivery_id, problems.slice(most))
    return [path, rest]


def _case(info: Mapping[str, Any]) -> str:
    """Which of the cases of receipt.yaml this delivery is."""
    status = str(info.get("status") or "accepted")
    if status == "rejected" and not info.get("rows_read"):
        return "unread"
    if status == "accepted" and info.get("kind") == "mended":
        return "mended"
    return "accepted_with_faults" if status == "accepted" and info.get("rows_quarantined") else status


def _lines(
    contract: Contract | None, info: Mapping[str, Any], findings: Findings
) -> Iterator[tuple[str, object]]:
    """What came and what became of it: label and text; the receipt's number first, in cell B3."""
    case, month = _case(info), info.get("period_month")
    yield MARK, info.get("delivery_id")
    yield "数据提供部门", contract.department_zh if contract else info.get("department")
    yield "文件", info.get("file_name")
    if month and month != info.get("known_date"):  # what is told as it happens speaks of no month
        yield (
            "数据月份",
            month_zh(month) + (f"（{info['part']}）" if info.get("part") else ""),
        )
    yield "送达日期", info.get("known_date")
    status = words("receipt")["status"]
    partly = case == "mended" and info.get("rows_quarantined")
    yield "处理结果", status["accepted_with_faults"] if partly else status.get(case, status["accepted"])
    yield from _reasons(contract, case, info, findings)
    yield from ((label, info.get(key)) for label, key in _COUNTS if info.get(key) is not None)
    days = contract.custom.get("mendWithinDays") if contract else None
    if days and case not in ("accepted", "superseded", "withdrawn"):
        yield "请于此日前交回", (info.get("known_date") or UNDATED) + timedelta(days=int(days))


def _reasons(
    contract: Contract | None, case: str, info: Mapping[str, Any], findings: Findings
) -> Iterator[tuple[str, object]]:
    reason = str(info.get("reason") or "")
    if case == "unread":
        refusal = refusal_zh(str(info.get("error_code") or ""), reason)
        yield "原因", refusal.why_zh
        yield "怎么办", refusal.todo_zh
        yield "技术说明", refusal.technical
    elif case in ("held", "rejected"):
        yield (
            "原因",
            reasons_zh(reason) + _failed(contract, findings, ("hold_delivery", "reject_delivery")) or reason,
        )


def _failed(contract: Contract | None, findings: Findings, levels: tuple[str, ...]) -> list[str]:
    """The broken rules of the whole delivery, in words."""
    if contract is None or findings.results.is_empty():
        return []
    broken = dict(findings.results.filter(~pl.col("passed")).select("rule_id", "failing_cnt").iter_rows())
    rules = [r for r in contract.rules if r.id in broken and r.level in levels and r.runs_in != "row"]
    return [r.zh + (f"（涉及 {broken[r.id]} 行）" if (broken[r.id] or 0) > 1 else "") for r in rules]


def _steps(contract: Contract | None, info: Mapping[str, Any], problem_cnt: int) -> list[str]:
    extract = contract.extract if contract else str(info.get("extract") or "")
    todo = words("receipt")["todo"]
    steps = [*todo.get(_case(info), todo["accepted"])]
    if _case(info) == "mended" and problem_cnt:
        steps += todo["accepted_with_faults"]
    privacy = [words("receipt")["privacy"]] if problem_cnt else []
    return [step.format(name=f"{extract}.xlsx") for step in steps] + privacy


def _explain(book: Book, title: str, lines: Sequence[tuple[str, object]], steps: Sequence[str]) -> None:
    sheet = book.add_sheet("说明")
    sheet.raw.set_column(0, 0, 18)
    sheet.raw.set_column(1, 1, 80)
    sheet.raw.ignore_errors({"number_stored_as_text": "A1:B99"})
    print_wide(sheet)
    sheet.span(0, 1, f"数据回执：{title}", font_size=14, bold=True)
    for place, (label, text) in enumerate(lines, start=2):
        sheet.write(place, 0, label, bold=True, valign="top")
        sheet.write(place, 1, text, text_wrap=True, valign="top")
        shown = "\n".join(text) if isinstance(text, list) else str(text or "")
        sheet.raw.set_row(place, row_height([Cell(shown, 80)], least=18))
    for place, text in enumerate(steps, start=len(lines) + 3):
        text = f"{place - len(lines) - 2}. {text}"
        sheet.span(place, 1, text, text_wrap=True, valign="top")
        sheet.raw.set_row(place, row_height([Cell(text, 96)]))


def _summarise(book: Book, known: Known, faults: pl.DataFrame, info: Mapping[str, Any]) -> None:
    """One line per rule and reason, most rows first."""
    groups = faults.group_by("rule_id", "column_name", "reason_zh").agg(cnt=pl.col("row_no").n_unique())
    groups = groups.sort("cnt", "rule_id", "reason_zh", descending=[True, False, False])
    total = info.get("rows_read")
    rows = [
        (known.header(column), reason, cnt, f"{cnt / total:.1%}" if total else "", known.level_zh(rule_id),
         known.mend(rule_id, reason))
        for rule_id, column, reason, cnt in groups.iter_rows()
    ]  # fmt: skip
    headings = ("列", "问题", "行数", "占比", "处理", "修改办法")
    _table(book, "汇总", headings, (22, 52, 10, 10, 24, 60), rows or [("", "没有退回的行", "", "", "", "")])


def _hints(book: Book, known: Known, findings: Findings) -> None:
    """What we put right or left out by ourselves, by column: the department can mend its own system."""
    rows = [*_repaired(known, findings.repairs), *_noted(known, findings.noted)]
    rows += [*_doubted(known, findings.results), *_read(findings.reading)]
    if rows:
        rows.sort(key=lambda row: (-row[2], *row[:2]))
        _table(book, "提示", ("列", "情况", "处数", "说明"), (22, 52, 10, 60), rows)


_Hint = tuple[str, str, int, str]


def _repaired(known: Known, repairs: pl.DataFrame) -> Iterator[_Hint]:
    advice = words("receipt")["repaired"]
    counted = repairs.group_by("column_name", "kind").agg(cnt=pl.len())
    for column, kind, cnt in counted.sort("column_name", "kind").iter_rows():
        yield known.header(column), f"已自动更正：{value_zh(kind)}", cnt, advice


def _noted(known: Known, noted: pl.DataFrame) -> Iterator[_Hint]:
    groups = noted.group_by("rule_id", "column_name", "reason_zh").agg(cnt=pl.col("row_no").n_unique())
    for rule_id, column, reason, cnt in groups.sort("rule_id", "reason_zh").iter_rows():
        yield known.header(column), reason, cnt, f"{known.level_zh(rule_id)}；{known.mend(rule_id, reason)}"


def _doubted(known: Known, results: pl.DataFrame) -> Iterator[_Hint]:
    """Rules of the whole delivery that were broken without holding it up."""
    broken = results.filter(~pl.col("passed")).sort("rule_id").select("rule_id", "failing_cnt")
    for rule_id, cnt in broken.iter_rows():
        rule = known.rules.get(rule_id)
        if rule and rule.runs_in != "row" and rule.level in ("note", "warn"):
            yield "（整批）", rule.zh, cnt or 0, words("receipt")["doubted"]


def _read(reading: pl.DataFrame) -> Iterator[_Hint]:
    """What the reader left out of the file, doubts, or did to read it."""
    for code, cnt, place in reading.sort("code", "place").iter_rows():
        yield "（整份文件）", reading_zh(code, cnt, place), cnt, words("receipt")["reading_advice"]


def _corrections(book: Book, findings: Findings) -> None:
    """What a correction changed, and what of the receipt before is still open."""
    names = words("receipt")["changes"]
    rows = [(names.get(change, change), cnt) for change, cnt in findings.changes.iter_rows()]
    rows += (
        [("没有交回、仍未解决的行（上次回执的行号）", len(findings.open_rows))] if findings.open_rows else []
    )
    if not rows:
        return
    sheet = _table(book, "更正情况", ("情况", "行数"), (44, 12), rows)
    for place, number in enumerate(findings.open_rows, start=len(rows) + 2):
        sheet.write(place, 0, number)


def _numbers(book: Book, name: str, lead: str, numbers: Sequence[int]) -> None:
    if numbers:
        sheet = _table(book, name, ("原文件行号", lead), (15, 80), [(number,) for number in numbers])
        sheet.raw.set_row(0, 30)


def _table(
    book: Book, name: str, headings: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[object]]
) -> Sheet:
    sheet = book.add_sheet(name)
    header_row(sheet, headings, widths)
    look = book.look(text_wrap=True, valign="top")
    for place, cells in enumerate(rows, start=1):
        for col, cell in enumerate(cells):
            sheet.put(place, col, cell, look)
    return sheet
