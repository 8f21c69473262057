"""The identity review: pairs of records that may be one person, for somebody to decide; a list like others.

It shows names and ID numbers in full, so it goes only to whoever decides, and never a score: how sure the
program was must not decide for the reviewer.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange import form as lf
from exchange.form import Column, Form
from exchange.lists.pages import write_form
from exchange.words import words
from zhaoren.chinese import date_zh

QUEUE = lf.IDENTITY
SHEET_NAME = "身份核对名单"
SIDE = ("source_zh", "name", "sex_zh", "birth_date", "number_text", "village_name", "household_zh")
OTHER = tuple(f"other_{name}" for name in SIDE)
_ORDER = ["question_kind", "village_name", "name", "case_id"]  # like questions of one village together

COLUMNS = (
    Column("序号", 4.5, "seq", "center", 11),
    Column(lf.CASE, 9, "alert_id", "left", 9),
    Column("为什么问", 25, "reason_zh"),
    Column("记录", 5, "side", "center", lower="other_side"),
    Column("来源", 12, "source_zh", font_size=10.5, lower="other_source_zh"),
    Column("姓名", 10, "name", lower="other_name", is_compared=True),
    Column("性别", 5, "sex_zh", "center", lower="other_sex_zh", is_compared=True),
    Column("出生日期", 12.5, "birth_date", "center", 11, lower="other_birth_date", is_compared=True),
    Column("证件号（原样）", 23, "number_text", font_size=11, lower="other_number_text", is_compared=True),
    Column("村（社区）", 12, "village_name", lower="other_village_name", is_compared=True),
    Column("户", 14, "household_zh", font_size=10.5, lower="other_household_zh"),
    Column(lf.VERDICT, 11),
    Column("依据", 18),
    Column("核对人", 8),
    Column("核对日期", 12, None, "center", 10),
)


def write_review(path: Path, pairs: pl.DataFrame, as_of: date, version: str = "1") -> None:
    """Write one date's doubtful pairs as XLSX; the same input gives the same bytes.

    `pairs`, one per pair: case_id, question_kind (orders the lines, not shown), reason_zh (why we ask), and
    for the one side source_zh, name, sex_zh, birth_date (Date), number_text (the ID number as written),
    village_name, household_zh (whose household), for the other the same names after `other_`; null is
    unknown.
    No pairs: the file says so. Raises ZhaorenError for a missing column.
    """
    lf.require(pairs, ("case_id", "question_kind", "reason_zh", *SIDE, *OTHER), "write_review")
    told = words("identity_review")
    form = Form(
        queue=QUEUE,
        sheet_name=SHEET_NAME,
        place_code="all",
        place_zh=told["place"],
        as_of=as_of,
        version=version,
        title=told["title"],
        header_lines=_header_lines(as_of, pairs.height, told),
        columns=COLUMNS,
        codes=lf.codes_frame(told),
        benefits=(),
        words=told,
    )
    write_form(path, form, _lines(pairs))
    path.chmod(0o600)  # names and numbers in full: for its owner's eyes, wherever it is copied to


def _lines(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs in printing order as text, numbered `seq`."""
    texts = ("reason_zh", *SIDE, *OTHER)
    return pairs.sort(_ORDER).select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("seq"),
        pl.col("case_id").alias("alert_id"),
        pl.lit("甲").alias("side"),
        pl.lit("乙").alias("other_side"),
        *(pl.col(name).cast(pl.String).fill_null("") for name in texts),
    )


def _header_lines(as_of: date, count: int, told: dict[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
    return (
        (told["title"], {"bold": True, "font_size": 18}),
        (f"名单日期：{date_zh(as_of)}　本期待核对 {count} 条", {"font_size": 12}),
        (told["secret"], {"bold": True, "font_color": "#A61B12"}),
        (told["notice"].strip(), {"bg_color": lf.GREY}),
    )
