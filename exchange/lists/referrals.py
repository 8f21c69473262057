"""Lists that somebody outside answers: a receiver's of families referred to it, a department's of objections.

write_referrals(path, header, lines)     one county's open referrals to one receiver
write_objections(path, header, lines)    what families say of one department's facts
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from exchange import form as lf
from exchange.form import Column, Form, SideSheet
from exchange.lists.pages import write_sides
from exchange.lists.side_sheets import STEP_HIDDEN, matter_texts, texts_of
from exchange.masks import cover, refuse_leaks
from exchange.words import words
from policies.casework.choices import AFTER, choices
from zhaoren.chinese import dates_zh

SHEET = "转介清单"
QUEUE = "referral"
_COLUMNS = (
    Column(lf.CASE, 13, "case_no"),
    Column("户主", 11, "head_name_masked"),
    Column("镇街", 16, "town_name"),
    Column("事由", 50, "reason_zh"),
    Column("转出日期", 16, "sent_zh", "center"),
    Column("期限", 19, "due_zh", "center"),
    Column("答复", 14, choices_by="event_group"),
    Column("日期", 14, None, "center"),
    Column(lf.NOTE, 26),
    Column("填写人", 11),
)


@dataclass(frozen=True)
class ReferralHeader:
    """Whose list it is: the county that sends, the receiver's code and name, the date, the version."""

    county_code: str
    county_name: str
    receiver_code: str
    receiver_zh: str
    as_of: date
    version: str


def write_referrals(path: Path, header: ReferralHeader, lines: pl.DataFrame) -> None:
    """Write one receiver's list as XLSX; the same input gives the same bytes.

    `lines`, one per open referral: step_id, case_no, head_name_masked, town_name, reason_zh, begun_date,
    kind_code, subject, subject_zh, event_code, due_date. Raises ZhaorenError for a number of a person, an
    unmasked name, a diagnosis or a crime in the reason.
    """
    text = words("referrals")
    side = SideSheet(
        name=SHEET,
        intro=text["intro"].format(county=header.county_name),
        columns=_COLUMNS,
        lines=_shown(lines, header.as_of),
        prefix="step",
        key=lf.CASE,
        hidden=STEP_HIDDEN,
    )
    write_sides(path, _form(header, text, side))


def _shown(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    told = matter_texts(lines, as_of).with_columns(
        sent_zh=dates_zh(pl.col("begun_date")), seq=pl.int_range(1, pl.len() + 1).cast(pl.String)
    )
    names = tuple(str(column.source) for column in _COLUMNS if column.source)
    shown = texts_of(told, (*names, "seq", "step_id", "kind_code", "subject", "event_group"))
    refuse_leaks(shown, ["reason_zh"])
    return shown.with_columns(told["is_late"])


def _form(header: ReferralHeader, text: dict, side: SideSheet) -> Form:
    every = choices(header.as_of)
    return Form(
        queue=QUEUE,
        sheet_name=SHEET,
        place_code=header.county_code,
        place_zh=f"{header.county_name}　{header.receiver_zh}",
        as_of=header.as_of,
        version=header.version,
        title=text["title"].format(receiver=header.receiver_zh),
        header_lines=(),
        columns=(),
        codes=pl.DataFrame(schema=dict.fromkeys(("code", "zh", "when", "after"), pl.String)),
        benefits=(),
        words=text,
        choices={group: every[group] for group in every if group.startswith(f"{AFTER}referral_")},
        sides=(side,),
    )


OBJECTION_SHEET, OBJECTION_QUEUE = "入户核实反馈", "objection"
_OBJECTED = (
    Column("编号", 13, "case_no"),
    Column("户主", 11, "head_name_masked"),
    Column("镇街", 16, "town_name"),
    Column("数据项目", 34, "subject_zh"),
    Column("入户了解", 34, "note_zh"),
    Column("提出日期", 16, "sent_zh", "center"),
    Column("期限", 19, "due_zh", "center"),
    Column("核实结果", 16, choices_by="event_group"),
    Column("核实日期", 14, None, "center"),
    Column(lf.NOTE, 26),
    Column("填写人", 11),
)


@dataclass(frozen=True)
class ObjectionHeader:
    """Whose list it is: the department, its Chinese name, the date, the version."""

    department: str
    department_zh: str
    as_of: date
    version: str


def write_objections(path: Path, header: ObjectionHeader, lines: pl.DataFrame) -> None:
    """Write one department's list as XLSX; the same input gives the same bytes.

    `lines`, one per open objection: step_id, case_no, head_name_masked, town_name, note_zh, begun_date,
    kind_code, subject, subject_zh, event_code, due_date. What a worker wrote is covered where it must be.
    """
    text = words("objections")
    told = matter_texts(lines, header.as_of).with_columns(
        cover(pl.col("note_zh")), sent_zh=dates_zh(pl.col("begun_date")),
        seq=pl.int_range(1, pl.len() + 1).cast(pl.String),
    )  # fmt: skip
    names = tuple(str(column.source) for column in _OBJECTED if column.source)
    shown = texts_of(told, (*names, "seq", "step_id", "kind_code", "subject", "event_group"))
    side = SideSheet(
        name=OBJECTION_SHEET,
        intro=text["intro"].format(department=header.department_zh),
        columns=_OBJECTED,
        lines=shown.with_columns(told["is_late"]),
        prefix="step",
        key="编号",
        hidden=STEP_HIDDEN,
    )
    every = choices(header.as_of)
    form = Form(
        queue=OBJECTION_QUEUE,
        sheet_name=OBJECTION_SHEET,
        place_code=header.department,
        place_zh=header.department_zh,
        as_of=header.as_of,
        version=header.version,
        title=text["title"].format(department=header.department_zh),
        header_lines=(),
        columns=(),
        codes=pl.DataFrame(schema=dict.fromkeys(("code", "zh", "when", "after"), pl.String)),
        benefits=(),
        words=text,
        choices={group: every[group] for group in every if group.startswith(f"{AFTER}objection_")},
        sides=(side,),
    )
    write_sides(path, form)
