"""The county's checking list: payments that may be wrong, to be checked; nothing on it stops anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange import form as lf
from exchange.form import Column, Form, SourceDate
from exchange.lists.pages import write_form
from exchange.masks import cover, refuse_leaks
from exchange.words import words
from zhaoren.chinese import date_zh, month_zh

SHEET_NAME = "待核实清单"
_REQUIRED = [
    "alert_id", "list_rank", "level", "due_date", "head_name_masked", "village_name", "phone_masked",
    "reason_zh", "receiving_zh", "questions_zh",
]  # fmt: skip
_OPTIONAL = ["case_no", "town_name", "last_visit_zh", "household_kind"]
_OURS = ["reason_zh", "receiving_zh", "questions_zh"]

COLUMNS = (
    Column("序号", 4.5, "seq", "center"),
    Column(lf.CASE, 12, "case_no"),
    Column("户主", 8, "head_name_masked"),
    Column("镇街", 11, "town_name"),
    Column("村（社区）", 12, "village_name"),
    Column("核实期限", 10, "due_zh", "center"),
    Column("比对发现的情况", 36, "reason_zh"),
    Column("正在享受", 16, "receiving_zh"),
    Column("请先核实", 34, "questions_zh"),
    Column("联系方式", 13, "phone_masked", "left", 11),
    Column(lf.CODE, 14),
    Column("核实日期", 11.5, None, "center", 10),
    Column(lf.NOTE, 20),
    Column("核实人", 9),
)


@dataclass(frozen=True)
class ComplianceHeader:
    """The head of one county's checking list; `office_name` is who checks, apart from the stations."""

    county_code: str
    county_name: str
    as_of: date
    office_name: str = ""
    sources: tuple[SourceDate, ...] = ()
    period_zh: str = ""
    version: str = "1"
    local_zh: str = ""


def compliance_lines(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The lines of all counties' lists as they read on the page, each beside its county_code.

    `rows`, one per case to check: county_code, alert_id, list_rank, level, due_date, head_name_masked,
    village_name, phone_masked, reason_zh, receiving_zh, questions_zh; optional case_no, town_name,
    last_visit_zh, household_kind. Raises ZhaorenError like worklist_lines.
    """
    lines = lf.as_lines(rows, as_of, "county_code", _REQUIRED, _OPTIONAL)
    refuse_leaks(lines, _OURS)
    return lines.with_columns(_shown())


def write_compliance(path: Path, header: ComplianceHeader, lines: pl.DataFrame) -> None:
    """Write one county's checking list as XLSX; the same input gives the same bytes.

    `lines`: the county's of compliance_lines. The result codes (templates/compliance.yaml) hold none that
    stops a payment.
    """
    text = words("compliance")
    named = replace(header, office_name=header.office_name or f"{header.county_name}民政局")
    form = Form(
        queue="compliance",
        sheet_name=SHEET_NAME,
        place_code=named.county_code,
        place_zh=named.office_name,
        as_of=named.as_of,
        version=named.version,
        title=text["title"].format(office=named.office_name),
        header_lines=_header_lines(named, lines, text),
        columns=COLUMNS,
        codes=lf.codes_frame(text),
        benefits=(),
        words=text,
    )
    write_form(path, form, lines)


def _shown() -> list[pl.Expr]:
    return [
        lf.case_number(),
        pl.col("questions_zh").pipe(lf.numbered),
        pl.col("receiving_zh").replace("", "没有查到"),
        pl.col("phone_masked").replace("", "没有电话"),
        lf.head_and_kind(),
        pl.col("last_visit_zh").pipe(cover),
    ]


def _header_lines(
    header: ComplianceHeader, lines: pl.DataFrame, text: dict[str, Any]
) -> tuple[tuple[str, dict[str, Any]], ...]:
    period = header.period_zh or month_zh(header.as_of)
    made = date_zh(header.as_of)
    counts = f"{header.county_name}　期间：{period}　清单日期：{made}　待核实 {lines.height} 件"
    texts: list[tuple[str, dict[str, Any]]] = [
        (text["title"].format(office=header.office_name), {"bold": True, "font_size": 18}),
        (counts, {"font_size": 12}),
        (lf.sources_line(header.sources), {"font_color": "#444444"}),
        (header.local_zh, {"font_color": "#444444"}),
        (lf.stale_line(header.sources), {"bold": True, "font_color": "#A61B12"}),
        (text["notice"].strip(), {"bg_color": lf.GREY, "bold": True}),
    ]
    return tuple((line, look) for line, look in texts if line)
