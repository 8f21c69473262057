"""The sheet 问题行 of a receipt: refused rows as they came, marked where they are wrong, ready to be mended.

One line per refused row, in the file's order, under the department's own headers in its own order. What does
not fit on the sheet goes into a text file beside it: nothing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.model import Column, Contract, Rule
from data_contracts.rules.messages import ERRORS, correction_text, reason_text
from exchange.guards import guarded_columns
from exchange.receipts.returned import PROBLEMS, row_heading
from exchange.sheets import Book, Look, header_row
from exchange.words import words

EXTRA = "_extra"
EXTRA_ZH = "（表头之外的内容）"
MARKED = "#FFE699"


@dataclass(frozen=True)
class Known:
    """How to speak of each rule of the contract. headers: column -> header as in the department's file."""

    rules: Mapping[str, Rule]
    columns: Mapping[str, Column]
    errors: Mapping[str, str]  # sentence -> reader's error, where the sentence names one
    labels: Mapping[str, list[str]]  # column -> its agreed values
    headers: Mapping[str, str]

    def header(self, column: str | None) -> str:
        """The department's own header of a column."""
        agreed = self.columns[column].header if column and column in self.columns else "（整行）"
        return self.headers.get(column or "", agreed)

    def mend(self, rule_id: str, reason: str) -> str:
        """What to do about it, in Chinese."""
        if rule_id not in self.rules:
            return words("receipt")["whole"].get(rule_id.rsplit(".", 1)[-1], ("", "请核对后重报"))[1]
        rule = self.rules[rule_id]
        column = rule.column or ""
        return correction_text(
            rule, self.columns.get(column), self.errors.get(reason), self.labels.get(column, ())
        )

    def level_zh(self, rule_id: str) -> str:
        """What breaking the rule led to."""
        levels = words("receipt")["levels"]
        if rule_id not in self.rules:
            name = rule_id.rsplit(".", 1)[-1]
            return levels["reject_delivery" if name == "delivery_rejected" else "hold_delivery"]
        rule = self.rules[rule_id]
        unused = words("receipt")["warned_cell"] if rule.level == "warn" and rule.column else ""
        return levels.get(rule.level, rule.level) + unused


def known_of(
    contract: Contract, headers: Mapping[str, str], codes: Mapping[str, CodeTable] | None = None
) -> Known:
    """The words of a contract, and the headers as the file has them (empty: as agreed, in agreed order)."""
    columns = {column.name: column for column in contract.columns}
    errors: dict[str, str] = {}
    for rule in contract.rules_in("row"):
        if rule.column:
            errors |= {reason_text(rule, columns[rule.column], error): error for error in ERRORS}
    tables = codes if codes is not None else load_codes()
    coded = {c.name: tables[c.codes] for c in contract.columns if c.codes and c.codes in tables}
    labels = {name: [value.zh for value in table.values] for name, table in coded.items()}
    return Known({rule.id: rule for rule in contract.rules}, columns, errors, labels, headers)


def problem_rows(known: Known, faults: pl.DataFrame, originals: pl.DataFrame) -> pl.DataFrame:
    """row_no, reasons and mends (lines of text), marked (faulty columns), then the original cells."""
    shown = [name for name in (*(known.headers or known.columns), EXTRA) if name in originals.columns]
    rows = originals.select("row_no", *shown).sort("row_no")
    notes = _notes(known, faults.join(rows, on="row_no", how="semi"))
    return rows.join(notes, on="row_no", how="left", maintain_order="left").select(
        "row_no", "reasons", "mends", "marked", *shown
    )


def _notes(known: Known, faults: pl.DataFrame) -> pl.DataFrame:
    kinds = faults.select("rule_id", "reason_zh").unique().sort("rule_id", "reason_zh")
    mends = [known.mend(*kind) for kind in kinds.rows()]
    named = faults.join(kinds.with_columns(mend=pl.Series(mends, dtype=pl.String)), on=kinds.columns)
    return (
        named.sort("row_no", "rule_id", "reason_zh")
        .group_by("row_no", maintain_order=True)
        .agg(
            reasons=pl.col("reason_zh").unique(maintain_order=True).str.join("\n"),
            mends=pl.col("mend").unique(maintain_order=True).str.join("\n"),
            marked=pl.col("column_name").drop_nulls(),
        )
    )


def write_problem_sheet(book: Book, known: Known, delivery_id: str, problems: pl.DataFrame) -> None:
    """The rows of `problem_rows` as the sheet 问题行."""
    sheet = book.add_sheet(PROBLEMS)
    shown = problems.columns[4:]
    headings = _headings(known, delivery_id, shown)
    header_row(sheet, headings, (15, 44, 36, *(22 for _ in shown)))
    sheet.raw.freeze_panes(1, 1)
    # The text format keeps an ID number from turning into a number when the cell is edited.
    cell = {"num_format": "@", "valign": "top"}
    number, note = book.look(valign="top"), book.look(text_wrap=True, valign="top")
    plain, marked = book.look(**cell), book.look(**cell, bg_color=MARKED)
    faulty = problems.get_column("marked").to_list()
    unmarked = [number, note, note, *(plain for _ in shown)]

    def looks(place: int) -> list[Look]:
        wrong = faulty[place]
        return [*unmarked[:3], *(marked if n in wrong else plain for n in shown)] if wrong else unmarked

    sheet.rows(1, problems.drop("marked"), looks)


def write_problem_text(path: Path, known: Known, delivery_id: str, problems: pl.DataFrame) -> None:
    """The same rows as CSV, for those beyond what a workbook should hold; it can be sent back likewise."""
    shown = problems.columns[4:]
    names = dict(
        zip(("row_no", "reasons", "mends", *shown), _headings(known, delivery_id, shown), strict=True)
    )
    text = problems.drop("marked").with_columns(pl.all().cast(pl.String)).rename(names)
    guarded_columns(text).write_csv(path, include_bom=True, line_terminator="\r\n")


def _headings(known: Known, delivery_id: str, shown: Sequence[str]) -> tuple[str, ...]:
    own = (EXTRA_ZH if name == EXTRA else known.header(name) for name in shown)
    return (row_heading(delivery_id), "问题", "修改办法", *own)
