"""A station's list for tests: its heading, its lines, and where its columns are."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from exchange.form import SourceDate
from exchange.lists.compliance import ComplianceHeader, compliance_lines, write_compliance
from exchange.lists.worklist import WorklistHeader, worklist_lines, write_worklist

AS_OF = date(2025, 9, 5)
CODES = pl.DataFrame(
    {
        "code": ["10", "20", "40", "90"],
        "zh": ["已享受待遇且相符", "符合条件，已协助申请", "情况不属实", "超时未核"],
    }
)
SOURCES = (
    SourceDate("户籍人口", date(2025, 9, 5)),
    SourceDate("救助名册", date(2025, 9, 5)),
    SourceDate("残疾人证", date(2025, 6, 5), is_stale=True),
    SourceDate("困难职工", None),
)
HEADER = WorklistHeader(
    "石湾社会工作服务站", "440604005", "石湾镇街道", AS_OF, 12, SOURCES, waiting_cnt=7, version="v1",
    benefits=(("dibao", "低保"), ("temporary_relief", "临时救助")),
)  # fmt: skip


def lines(**changes: list[Any]) -> pl.DataFrame:
    """Three lines, with some columns given otherwise."""
    base: dict[str, list[Any]] = {
        "alert_id": ["20250905-aa-N", "20250905-bb-N", "20250905-cc-N"],
        "list_rank": [2, 1, 3],
        "level": ["orange", "red", "blue"],
        "due_date": [date(2025, 9, 16), date(2025, 9, 9), date(2026, 1, 5)],
        "head_name_masked": ["李*", "张*", None],
        "village_name": ["永安村", "永安村", "东升社区"],
        "phone_masked": ["138****1234", None, "****4321"],
        "papers_zh": ["请家里准备：银行卡", None, None],
        "reason_zh": [
            "近3个月医疗费用个人负担38460元（截至8月31日）。",
            "主要劳动力8月12日去世。",
            "医保未缴费。",
        ],
        "receiving_zh": ["低保边缘", None, None],
        "missing_benefits_zh": ["可能符合：低保（约1980元/月）；临时救助（约4260元，一次性）", None, ""],
        "questions_zh": ["看病的钱从哪里来？\n欠了多少？", "谁在挣钱？", ""],
        "last_visit_zh": ["2025年6月18日：转介其他部门", None, None],
        "status_zh": ["已升级", "新增", ""],
        "arm": ["rule", "audit", "model"],
        "score": [0.123, 0.456, 0.789],
    }
    return pl.DataFrame({**base, **changes})


def header_row(sheet: Sheet) -> int:
    """The row of the column headings."""
    return next(row for row in range(1, 20) if sheet.cell(row, 2).value == "个案编号")


def columns_of(sheet: Sheet) -> dict[str, int]:
    """Heading -> column."""
    return {str(cell.value): cell.column for cell in sheet[header_row(sheet)] if cell.value}


def write_visits(path: Path, header: WorklistHeader, rows: pl.DataFrame, codes: pl.DataFrame) -> None:
    """One station's list of these rows, as the delivery of a date writes it."""
    placed = rows.with_columns(town_code=pl.lit(header.town_code))
    write_worklist(path, header, worklist_lines(placed, header.as_of), codes)


def write_checks(path: Path, header: ComplianceHeader, rows: pl.DataFrame) -> None:
    """One county's checking list of these rows, likewise."""
    placed = rows.with_columns(county_code=pl.lit(header.county_code))
    write_compliance(path, header, compliance_lines(placed, header.as_of))
