"""Lists that somebody beside the station answers: a receiver, a department, the county's own reviewers.

write_referrals(path, header, lines)     one county's open referrals to one receiver
write_objections(path, header, lines)    what families say of one department's facts
write_spot_checks(path, header, lines)   visits of a county that were drawn for a second look
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
    told = matter_texts(lines, header.as_of).with_columns(sent_zh=dates_zh(pl.col("begun_date")))
    place = (header.county_code, f"{header.county_name}　{header.receiver_zh}")
    named = {"county": header.county_name, "receiver": header.receiver_zh}
    side = _sheet(text, SHEET, _COLUMNS, told, named)
    refuse_leaks(side.lines, ["reason_zh"])
    write_sides(path, _form(place, (header.as_of, header.version), text, side, named))


def _sheet(
    text: dict, name: str, columns: tuple[Column, ...], told: pl.DataFrame, named: dict[str, str]
) -> SideSheet:
    """The sheet that is answered: lines as `told` (matter_texts) has them; the first column is the key."""
    told = told.with_columns(seq=pl.int_range(1, pl.len() + 1).cast(pl.String))
    sources = tuple(column.source for column in columns if column.source)
    shown = texts_of(told, (*sources, "seq", "step_id", "kind_code", "subject", "event_group"))
    return SideSheet(
        name=name,
        intro=text["intro"].format(**named),
        columns=columns,
        lines=shown.with_columns(told["is_late"]),
        prefix="step",
        key=columns[0].heading,
        hidden=STEP_HIDDEN,
    )


def _form(
    place: tuple[str, str], dated: tuple[date, str], text: dict, side: SideSheet, named: dict[str, str]
) -> Form:
    """The workbook of one sheet that somebody answers. place: code and name; dated: the date, the version."""
    every, queue = choices(dated[0]), text["queue"]
    return Form(
        queue=queue,
        sheet_name=side.name,
        place_code=place[0],
        place_zh=place[1],
        as_of=dated[0],
        version=dated[1],
        title=text["title"].format(**named),
        header_lines=(),
        columns=(),
        codes=pl.DataFrame(schema=dict.fromkeys(("code", "zh", "when", "after"), pl.String)),
        benefits=(),
        words=text,
        choices={group: every[group] for group in every if group.startswith(f"{AFTER}{queue}_")},
        sides=(side,),
    )


OBJECTION_SHEET = "入户核实反馈"
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
        cover(pl.col("note_zh")), sent_zh=dates_zh(pl.col("begun_date"))
    )
    named = {"department": header.department_zh}
    side = _sheet(text, OBJECTION_SHEET, _OBJECTED, told, named)
    place = (header.department, header.department_zh)
    write_sides(path, _form(place, (header.as_of, header.version), text, side, named))


SPOT_CHECK_SHEET = "抽查复核"
_DRAWN = (
    Column(lf.CASE, 13, "case_no"),
    Column("户主", 11, "head_name_masked"),
    Column("镇街", 16, "town_name"),
    Column("村（社区）", 18, "village_name"),
    Column("走访日期", 16, "found_zh", "center"),
    Column("走访结果", 34, "result_zh"),
    Column("期限", 19, "due_zh", "center"),
    Column("复核结果", 20, choices_by="event_group"),
    Column("复核日期", 14, None, "center"),
    Column(lf.NOTE, 26),
    Column("复核人", 11),
)


@dataclass(frozen=True)
class SpotCheckHeader:
    """Whose list it is: the county, its name, the date, the version."""

    county_code: str
    county_name: str
    as_of: date
    version: str


def write_spot_checks(path: Path, header: SpotCheckHeader, lines: pl.DataFrame) -> None:
    """Write one county's visits to be looked at again as XLSX; the same input gives the same bytes.

    `lines`, one per open second look: step_id, case_no, head_name_masked, town_name, village_name,
    found_date, result_zh, kind_code, subject, subject_zh, event_code, due_date.
    """
    text = words("spot_checks")
    told = matter_texts(lines, header.as_of).with_columns(found_zh=dates_zh(pl.col("found_date")))
    named = {"county": header.county_name}
    side = _sheet(text, SPOT_CHECK_SHEET, _DRAWN, told, named)
    place = (header.county_code, header.county_name)
    write_sides(path, _form(place, (header.as_of, header.version), text, side, named))
