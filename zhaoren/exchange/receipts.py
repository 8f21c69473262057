"""A department's receipt for its delivery: what was refused, where in its own file, and how to mend it.

The one paper that carries original values back, to the department they came from: its own headers, its
own row numbers. Everything is written as text, so no cell can act as a formula, and the same receipt has
the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter.worksheet import Worksheet

from zhaoren.data_contracts.contract import Column, Contract, Rule, load_codes
from zhaoren.data_contracts.reasons import ERRORS, mend_text, reason_text
from zhaoren.exchange.sheets import Book, Cell, open_book, row_height

MOST_LISTED = 50_000
UNDATED = date(2000, 1, 1)
LEVELS_ZH = {
    "note": "提示", "warn": "提醒", "reject_row": "整行退回", "hold_delivery": "整批暂缓入库",
    "reject_delivery": "整批退回",
}  # fmt: skip
STATUS_ZH = {
    "accepted": "已接收（下列问题行除外）", "held": "暂缓入库：请核对后回复或重报", 
    "rejected": "退回：请更正后重报",
}  # fmt: skip
WHOLE_DELIVERY_ZH = {
    "delivery_held": ("整批数据暂缓入库", "请核对本期数据是否完整，回复确认或重新报送"),
    "delivery_rejected": ("整批数据退回", "请更正后重新报送"),
}
HOW_TO_USE = (
    "“汇总”按问题列出行数与修改办法；“问题行”逐行列出退回的数据，行号与贵单位原文件一致（含标题行和表头）。",
    "请在业务系统中更正后，随下期数据一并报送，或单独补报更正后的行。",
    "本回执含个人信息，只发给数据提供部门，请按内部资料保管，用后删除。",
)


@dataclass(frozen=True)
class _Known:
    """How to speak of each rule of the contract."""

    rules: Mapping[str, Rule]
    columns: Mapping[str, Column]
    errors: Mapping[str, str]  # sentence -> reader's error, where the sentence names one
    labels: Mapping[str, list[str]]  # column -> its agreed values

    def mend(self, rule_id: str, reason: str) -> str:
        if rule_id not in self.rules:
            return WHOLE_DELIVERY_ZH.get(rule_id.rsplit(".", 1)[-1], ("", "请核对后重报"))[1]
        rule = self.rules[rule_id]
        column = rule.column or ""
        return mend_text(rule, self.columns.get(column), self.errors.get(reason), self.labels.get(column, ()))

    def level_zh(self, rule_id: str) -> str:
        if rule_id not in self.rules:
            return LEVELS_ZH["hold_delivery"]
        rule = self.rules[rule_id]
        unused = "，该单元格未采用" if rule.level == "warn" and rule.column else ""
        return LEVELS_ZH.get(rule.level, rule.level) + unused


def write_receipt(
    path: Path,
    contract: Contract,
    delivery_info: Mapping[str, Any],
    faults: pl.DataFrame,
    quarantined_text: pl.DataFrame,
) -> None:
    """Write the receipt of one delivery as XLSX with the sheets 说明, 汇总 and 问题行.

    `delivery_info`: a row of ops.delivery (file_name, known_date, status, rows_read, …; all optional).
    `faults`: row_no, rule_id, column_name, reason_zh (and level). `quarantined_text`: row_no and the refused
    rows' original text, columns named as the contract's. At most 50,000 rows are listed; 说明 says so.
    """
    known = _known(contract)
    problems = quarantined_text.sort("row_no")
    as_of = delivery_info.get("known_date") or UNDATED
    with open_book(Path(path), f"数据回执 {contract.title_zh}", as_of) as book:
        _explain(book, contract, delivery_info, problems.height)
        _summarise(book, known, faults, delivery_info)
        _list_problems(book, contract, known, faults, problems.head(MOST_LISTED))


def _known(contract: Contract) -> _Known:
    columns = {column.name: column for column in contract.columns}
    errors: dict[str, str] = {}
    for rule in contract.rules_in("row"):
        if rule.column:
            errors |= {reason_text(rule, columns[rule.column], error): error for error in ERRORS}
    tables = load_codes()
    coded = {column.name: tables[column.codes] for column in contract.columns if column.codes in tables}
    labels = {name: [value.zh for value in table.values] for name, table in coded.items()}
    return _Known({rule.id: rule for rule in contract.rules}, columns, errors, labels)


def _explain(book: Book, contract: Contract, info: Mapping[str, Any], problem_cnt: int) -> None:
    sheet = book.workbook.add_worksheet("说明")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 80)
    book.span(sheet, 0, 1, f"数据回执：{contract.title_zh}", font_size=14, bold=True)
    status = str(info.get("status") or "accepted")
    lines = [
        ("数据提供部门", contract.department_zh),
        ("文件", info.get("file_name")),
        ("送达日期", info.get("known_date")),
        ("处理结果", STATUS_ZH.get(status, status)),
        *((label, info.get(key)) for label, key in _COUNTS if info.get(key) is not None),
    ]
    if problem_cnt > MOST_LISTED:
        lines.append(("问题行", f"共 {problem_cnt} 行，“问题行”表只列前 {MOST_LISTED} 行"))
    for place, (label, text) in enumerate(lines, start=2):
        book.write(sheet, place, 0, label, bold=True)
        book.write(sheet, place, 1, text)
    for place, text in enumerate(HOW_TO_USE, start=len(lines) + 3):
        book.span(sheet, place, 1, text, text_wrap=True)
        sheet.set_row(place, row_height([Cell(text, 94)]))


_COUNTS = (("读到行数", "rows_read"), ("入库行数", "rows_loaded"), ("退回行数", "rows_quarantined"),
           ("重复行数", "rows_duplicate"))  # fmt: skip


def _summarise(book: Book, known: _Known, faults: pl.DataFrame, info: Mapping[str, Any]) -> None:
    """One line per rule and reason, most rows first."""
    sheet = book.workbook.add_worksheet("汇总")
    headings = ("列", "问题", "行数", "占比", "处理", "修改办法")
    _header(book, sheet, headings, (22, 52, 10, 10, 24, 60))
    groups = faults.group_by("rule_id", "column_name", "reason_zh").agg(cnt=pl.col("row_no").n_unique())
    groups = groups.sort("cnt", "rule_id", "reason_zh", descending=[True, False, False])
    total = info.get("rows_read")
    for place, (rule_id, column, reason, cnt) in enumerate(groups.iter_rows(), start=1):
        header = known.columns[column].header if column in known.columns else "（整行）"
        share = f"{cnt / total:.1%}" if total else ""
        cells = (header, reason, cnt, share, known.level_zh(rule_id), known.mend(rule_id, reason))
        for col, cell in enumerate(cells):
            book.write(sheet, place, col, cell, text_wrap=True, valign="top")


def _list_problems(
    book: Book, contract: Contract, known: _Known, faults: pl.DataFrame, problems: pl.DataFrame
) -> None:
    """One line per refused row, in the file's order, the faulty cells marked."""
    sheet = book.workbook.add_worksheet("问题行")
    shown = [column for column in contract.columns if column.name in problems.columns]
    headings = ("原文件行号", "问题", "修改办法", *(column.header for column in shown))
    _header(book, sheet, headings, (11, 48, 40, *(22 for _ in shown)))
    notes = _notes(known, faults, problems)
    rows = problems.select("row_no", *(column.name for column in shown)).iter_rows()
    for place, (row_no, *cells) in enumerate(rows, start=1):
        reasons, mends, marked = notes.get(row_no, ([], [], set()))
        book.write(sheet, place, 0, row_no)
        book.write(sheet, place, 1, reasons, text_wrap=True, valign="top")
        book.write(sheet, place, 2, mends, text_wrap=True, valign="top")
        for col, (column, cell) in enumerate(zip(shown, cells, strict=True), start=3):
            mark = {"bg_color": "#FFE699"} if column.name in marked else {}
            # The text format keeps an ID number from turning into a number when the cell is edited.
            book.write(sheet, place, col, cell, num_format="@", valign="top", **mark)


def _notes(
    known: _Known, faults: pl.DataFrame, problems: pl.DataFrame
) -> dict[int, tuple[list[str], list[str], set[str]]]:
    """Per refused row: its reasons, how to mend them, and the columns at fault."""
    listed = faults.join(problems.select("row_no"), on="row_no", how="semi").sort(
        "row_no", "rule_id", "reason_zh"
    )
    notes: dict[int, tuple[list[str], list[str], set[str]]] = {}
    for row_no, rule_id, column, reason in listed.select(
        "row_no", "rule_id", "column_name", "reason_zh"
    ).iter_rows():
        reasons, mends, marked = notes.setdefault(row_no, ([], [], set()))
        mend = known.mend(rule_id, reason)
        reasons.append(reason)
        mends += [mend] if mend not in mends else []
        marked |= {column} if column else set()
    return notes


def _header(book: Book, sheet: Worksheet, headings: tuple[str, ...], widths: tuple[int, ...]) -> None:
    for col, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        sheet.set_column(col, col, width)
        book.write(sheet, 0, col, heading, bold=True, text_wrap=True, bg_color="#D9E1F2", border=1)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, 0, len(headings) - 1)
