"""The sheets behind a station's list: what changed, key persons, contacts, matters, families found, services.

Headings and order are those of ADR 22; exchange/form.py names them for the reader.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from exchange import form as lf
from exchange.form import Column, SideSheet
from exchange.lists.hidden_page import CODE_GROUP
from exchange.words import words
from policies.casework.choices import AFTER, choices, stages
from zhaoren.chinese import date_zh

CONTACT_ROWS, NEW_MATTER_ROWS, FOUND_ROWS, SERVICE_ROWS = 40, 12, 10, 20
_ANY = "event_any"
_OFFERED = (
    *("part_of_day", "way", "contact_result", "follow_up", "owner", "step_kind_new", "found_by", "excuse"),
    *("service", "service_form"),
)
CHANGE_TEXTS = ("case_no", "head_name_masked", "village_name", "change_zh", "why_zh")
_KEY = ("key_no", "name_masked", "village_name", "kind_zh", "last_visit_zh", "due_zh")
_MATTERS = ("case_no", "head_name_masked", "kind_zh", "subject_zh", "stage_zh", "due_zh")


def offered(benefits: tuple[tuple[str, str], ...]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Every drop-down of a station's workbook: group -> (code, Chinese). `benefits`: those to apply for."""
    every = choices()
    after = {group: pairs for group, pairs in every.items() if group.startswith(AFTER)}
    subjects = (*benefits, *every["receiver"])
    return {group: every[group] for group in (*_OFFERED, _ANY)} | {"subject": subjects} | after


def side_sheets(
    as_of: date,
    changes: pl.DataFrame,
    key_persons: pl.DataFrame,
    matters: pl.DataFrame,
    previous: date | None,
) -> tuple[SideSheet, ...]:
    """One station's sheets behind its list, in their order.

    changes: case_no, head_name_masked, village_name, change_zh, why_zh. key_persons: key_no, name_masked,
    village_name, kind_zh, last_visit_zh, due_date. matters, one per open one: step_id, case_no,
    head_name_masked, kind_code, subject, subject_zh, event_code, due_date. previous: the list before, if any.
    """
    text = words("worklist")["sheets"]
    return (
        _changes(text[lf.CHANGES], changes, previous),
        _key_persons(text[lf.KEY_PERSONS], key_persons, as_of),
        _contacts(text[lf.CONTACTS]),
        _matters(text[lf.MATTERS], matters, as_of),
        _discovered(text[lf.DISCOVERED]),
        _services(text[lf.SERVICES]),
    )


def _changes(text: dict[str, str], lines: pl.DataFrame, previous: date | None) -> SideSheet:
    columns = (
        Column(lf.CASE, 14, "case_no"),
        Column("户主", 14, "head_name_masked"),
        Column("村（社区）", 20, "village_name"),
        Column("变化", 18, "change_zh", "center"),
        Column("为什么", 80, "why_zh"),
    )
    intro = text["intro"].format(previous=date_zh(previous)) if previous else text["first"]
    shown = texts_of(lines, CHANGE_TEXTS)
    return SideSheet(
        name=lf.CHANGES, intro=intro, columns=columns, lines=shown, blank=text["blank"] if previous else ""
    )


def _key_persons(text: dict[str, str], lines: pl.DataFrame, as_of: date) -> SideSheet:
    columns = (
        Column(lf.KEY_NO, 11, "key_no", "center"),
        Column("姓名", 12, "name_masked"),
        Column("村（社区）", 20, "village_name"),
        Column("类别", 24, "kind_zh"),
        Column("上次走访", 18, "last_visit_zh"),
        Column("走访期限", 18, "due_zh", "center"),
        Column("走访日期", 15, None, "center"),
        Column("未走访原因", 20, choices="excuse"),
        Column(lf.WORKER, 14),
    )
    shown = texts_of(lines.with_columns(due_zh=lf.due_zh(as_of, "　")), _KEY)
    return SideSheet(
        name=lf.KEY_PERSONS, intro=text["intro"], columns=columns, lines=shown, blank=text["blank"],
        prefix="key", key=lf.KEY_NO, hidden=(("key_no", "key_no"),),
    )  # fmt: skip


def _contacts(text: dict[str, str]) -> SideSheet:
    columns = (
        Column(lf.CASE, 18),
        Column("联系日期", 18, None, "center"),
        Column("时段", 14, choices="part_of_day"),
        Column("方式", 22, choices="way"),
        Column("联系结果", 30, choices="contact_result"),
        Column("联系人", 24),
    )
    return _to_fill(lf.CONTACTS, text, columns, CONTACT_ROWS)


def _matters(text: dict[str, str], lines: pl.DataFrame, as_of: date) -> SideSheet:
    columns = (
        Column(lf.CASE, 12, "case_no"),
        Column("户主", 9, "head_name_masked"),
        Column(lf.STEP_KIND, 15, "kind_zh", choices="step_kind_new"),
        Column(lf.SUBJECT, 20, "subject_zh", choices="subject"),
        Column("已到哪一步", 16, "stage_zh"),
        Column("期限", 17, "due_zh", "center"),
        Column("新进展", 16, choices=_ANY, choices_by="event_group"),
        Column("日期", 13, None, "center"),
        Column("下次日期", 13, None, "center"),
        Column(lf.OWNER, 13, choices="owner"),
        Column(lf.NOTE, 24),
        Column("填写人", 10),
    )
    told = matter_texts(lines, as_of)
    shown = texts_of(told, (*_MATTERS, "step_id", "kind_code", "subject", "event_group")).with_columns(
        told["is_late"]
    )
    return SideSheet(
        name=lf.MATTERS, intro=text["intro"], columns=columns, lines=shown, empty_rows=NEW_MATTER_ROWS,
        blank=text["blank"], prefix="step", key=lf.CASE, hidden=STEP_HIDDEN,
    )  # fmt: skip


STEP_HIDDEN = (
    *(("step_id", "step_id"), ("step_case_no", "case_no")),
    *(("step_kind", "kind_code"), ("step_subject", "subject")),
)


def matter_texts(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The matters in words, the most overdue first; twins of one case are told apart by a number."""

    key = ["case_no", "kind_code", "subject_zh"]
    rows = lines.with_columns(pl.col("subject_zh").fill_null("")).sort(
        "due_date", "case_no", "kind_code", "step_id", nulls_last=True
    )
    twin = pl.int_range(1, pl.len() + 1).over(key)
    subject = pl.when(twin > 1).then(pl.format("{}（{}）", "subject_zh", twin)).otherwise("subject_zh")
    return rows.with_columns(
        subject_zh=subject,
        kind_zh=pl.col("kind_code").replace_strict(dict(choices()["step_kind"]), default=""),
        stage_zh=pl.concat_str("kind_code", "event_code", separator=" ").replace_strict(
            stages(as_of), default=""
        ),
        event_group=pl.format("{}{}_{}", pl.lit(AFTER), "kind_code", "event_code"),
        due_zh=lf.due_zh(as_of, "　", "\n"),
        is_late=(pl.col("due_date") < as_of).fill_null(False),
    )


def _discovered(text: dict[str, str]) -> SideSheet:
    columns = (
        Column("姓名", 11),
        Column("身份证号", 22),
        Column("村（社区）", 16),
        Column("发现途径", 13, choices="found_by"),
        Column(lf.CODE, 18, choices=CODE_GROUP),
        Column(lf.FOUND, 13, None, "center"),
        Column(lf.NEXT, 16, choices="follow_up"),
        Column(lf.OWNER, 13, choices="owner"),
        Column(lf.DUE, 13, None, "center"),
        Column(lf.NOTE, 26),
        Column(lf.WORKER, 10),
    )
    return _to_fill(lf.DISCOVERED, text, columns, FOUND_ROWS)


def _services(text: dict[str, str]) -> SideSheet:
    columns = (
        Column("日期", 16, None, "center"),
        Column("服务项目", 40, choices="service"),
        Column("形式", 16, choices="service_form"),
        Column("服务人次", 14),
        Column("志愿者", 14),
        Column("链接资源（元）", 20),
        Column("填写人", 16),
    )
    return _to_fill(lf.SERVICES, text, columns, SERVICE_ROWS)


def _to_fill(name: str, text: dict[str, str], columns: tuple[Column, ...], rows: int) -> SideSheet:
    return SideSheet(name=name, intro=text["intro"], columns=columns, lines=pl.DataFrame(), empty_rows=rows)


def texts_of(lines: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """These columns as text, nothing for null."""
    return lines.select(pl.col(name).cast(pl.String).fill_null("") for name in names)
