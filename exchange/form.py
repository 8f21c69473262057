"""What the visit list and the checking list share: their columns, header sentences and lines as text.

A station's workbook: the sheet of lines (走访名单), then SIDE_SHEETS, in the order of ADR 22, then the hidden
page. The first cell of each sheet is its title; a side sheet's begins with its name. The headings
stand in one row below it (exchange/lists/side_sheets.py; SIDE_FILL_INS: those to fill in).

The hidden page has one column under each heading; the n-th cells of one group of headings belong together.
key, value               format, queue, as_of, place_code, version, listed_cnt
seq, alert_id, case_no   of each printed line. 个案编号 shows case_no (alert_id where a case has no number)
code, zh, code_zh        results; benefit_id, benefit_zh: benefits
heading                  all headings of the list, in order
digested, digest         headings that are digested; per line (as `alert_id`) their digests, parted by spaces
<group>_code, <group>_zh each drop-down of policies.casework.choices that the workbook offers: part_of_day,
                         way, contact_result, follow_up, owner, step_kind_new (事项 of a new matter), subject
                         (对象 of a new matter: benefits and receivers), after_<kind>_<event> (新进展 of a
                         printed matter that is so far), event_any, found_by, excuse, service, service_form
key_no, key_digest       of each printed key person; key_digested: the headings of the digests
step_id, step_case_no, step_kind, step_subject, step_digest   of each printed matter; step_digested likewise.
                         Of two with case number, 事项 and 对象 alike the second's 对象 ends in （2）.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from zhaoren.chinese import date_zh
from zhaoren.errors import ZhaorenError

HIDDEN_SHEET = "校验信息"
CASE, CODE, FOUND, BENEFIT, NOTE, WORKER = (
    "个案编号", "结果代码", "走访日期", "协助申请的政策", "说明", "走访人",
)  # fmt: skip
VERDICT = "结论"  # what the identity review asks for in the place of a code
IDENTITY = "identity"  # the queue that the identity review's hidden page names
DUE, NEXT, OWNER, MATERIALS = "约定日期", "下一步", "由谁办", "材料"
CHANGES, KEY_PERSONS, HELP, CONTACTS, MATTERS, DISCOVERED, SERVICES = (
    "本期变化", "重点人员", "填写说明", "联系记录", "后续办理", "主动发现", "服务记录",
)  # fmt: skip
SIDE_SHEETS = (CHANGES, KEY_PERSONS, HELP, CONTACTS, MATTERS, DISCOVERED, SERVICES)
KEY_NO, STEP_KIND, SUBJECT = "重点编号", "事项", "对象"
SIDE_FILL_INS = {
    KEY_PERSONS: ("走访日期", "未走访原因", "走访人"),
    CONTACTS: (CASE, "联系日期", "时段", "方式", "联系结果", "联系人"),
    MATTERS: ("新进展", "日期", "下次日期", OWNER, NOTE, "填写人"),
    DISCOVERED: (
        "姓名",
        "身份证号",
        "村（社区）",
        "发现途径",
        CODE,
        "走访日期",
        NEXT,
        OWNER,
        DUE,
        NOTE,
        WORKER,
    ),
    SERVICES: ("日期", "服务项目", "形式", "服务人次", "志愿者", "链接资源（元）", "填写人"),
}
LEVELS = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}
KINDS = {"hukou": "户籍户", "assistance": "共同生活家庭", "dwelling": "同住户"}
_WEEKDAYS = {day: f"周{zh}" for day, zh in enumerate("一二三四五六日", start=1)}

GREY, FILL = "#F5F5F3", "#FFFBE6"
CELL: dict[str, Any] = {"text_wrap": True, "border": 1, "border_color": "#8A8F96", "valign": "top"}


@dataclass(frozen=True)
class SourceDate:
    """How fresh one extract is: its Chinese title, the date its data reach (None: never came), and whether
    that is later than the contract allows."""

    title_zh: str
    data_date: date | None
    is_stale: bool = False


@dataclass(frozen=True)
class Column:
    """One column of the list: its heading, width in half characters, and the rows' column it shows.

    `lower`: the rows' column shown on the second row of each line, where the form compares two things;
    with `is_compared`, what differs between the two is marked. `is_flexible`: the width is shared with the
    other flexible columns by what a list's lines have to say (exchange.lists.widths). `choices`: the group of
    the drop-down's choices; `choices_by`: the rows' column that names each line's own group.
    """

    heading: str
    width: float
    source: str | None = None
    align: str = "left"
    font_size: float = 12
    lower: str | None = None
    is_compared: bool = False
    is_flexible: bool = False
    choices: str = ""
    choices_by: str = ""

    @property
    def is_fill_in(self) -> bool:
        return self.source is None

    @property
    def look(self) -> dict[str, Any]:
        """How the column's cells look; those to fill in are coloured and unlocked."""
        look = {**CELL, "align": self.align, "font_size": self.font_size}
        if self.is_fill_in:
            is_date = self.heading.endswith("日期")
            look |= {"bg_color": FILL, "locked": False, "num_format": "yyyy-mm-dd" if is_date else "@"}
        return look


@dataclass(frozen=True, kw_only=True)
class SideSheet:
    """A sheet behind the list: what stands under its title, its lines (every shown column as text), and rows
    that are left empty to be filled in.

    `prefix`: begins the hidden page's headings about its lines; `hidden`: (heading there, lines' column);
    `key`: the heading that names a line. A line whose `is_late` is true is shown in red.
    """

    name: str
    intro: str
    columns: tuple[Column, ...]
    lines: pl.DataFrame
    empty_rows: int = 0
    blank: str = ""
    prefix: str = ""
    key: str = ""
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Form:
    """Everything about one file but its lines. `codes` holds code, zh, when, after (all text)."""

    queue: str
    sheet_name: str
    place_code: str
    place_zh: str
    as_of: date
    version: str
    title: str
    header_lines: tuple[tuple[str, dict[str, Any]], ...]
    columns: tuple[Column, ...]
    codes: pl.DataFrame
    benefits: tuple[tuple[str, str], ...]
    words: dict[str, Any]
    choices: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    sides: tuple[SideSheet, ...] = ()

    @property
    def depth(self) -> int:
        """Rows of the sheet that one line takes."""
        return 2 if any(column.lower for column in self.columns) else 1


def as_lines(
    rows: pl.DataFrame, as_of: date, place: str, required: list[str], optional: list[str]
) -> pl.DataFrame:
    """Rows of many lists in printing order as text: level and due date in words, absent optionals empty.

    `place`: the column that tells whose list a row is on, kept as it is; `seq` numbers each list's rows.
    """
    require(rows, [place, *required], "worklist_lines or compliance_lines")
    absent = [pl.lit(None, pl.String).alias(name) for name in optional if name not in rows.columns]
    ordered = rows.with_columns(absent).sort(place, "list_rank", "alert_id")
    texts = [_as_text(ordered, name).alias(name) for name in (*required, *optional) if name not in _NOT_TEXT]
    return ordered.select(
        place,
        pl.int_range(1, pl.len() + 1).over(place).cast(pl.String).alias("seq"),
        pl.col("level").replace(LEVELS).alias("level"),
        due_zh(as_of).alias("due_zh"),
        *texts,
    )


def require(rows: pl.DataFrame, columns: Iterable[str], writer: str) -> None:
    """Raise ZhaorenError unless the rows have all the columns that the writer's docstring names."""
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        raise ZhaorenError(
            "A list cannot be written without all its columns",
            where=", ".join(missing),
            why="the frame of lines lacks them",
            todo=f"pass the columns that {writer} documents",
        )


_NOT_TEXT = ("list_rank", "level", "due_date")


def _as_text(rows: pl.DataFrame, name: str) -> pl.Expr:
    if isinstance(rows.schema[name], pl.List):
        return pl.col(name).list.drop_nulls().list.join("\n").fill_null("")
    return pl.col(name).cast(pl.String).fill_null("")


def numbered(lines: pl.Expr) -> pl.Expr:
    """Lines of a text as 1. 2. 3.; numbers they came with give way."""
    bare = pl.element().str.strip_chars().str.replace(r"^\d{1,2}[.、．]\s*", "")
    counted = pl.format("{}. {}", pl.int_range(1, pl.len() + 1), bare)
    texts = lines.str.split("\n").list.eval(counted).list.join("\n")
    return pl.when(lines != "").then(texts).otherwise(lines)


def case_number() -> pl.Expr:
    """The number that is printed: the case's, or the alert's where the case has none."""
    return pl.when(pl.col("case_no") != "").then("case_no").otherwise("alert_id").alias("case_no")


def head_and_kind() -> pl.Expr:
    """The head's masked name, and below it which kind of household the line is about."""
    kind = pl.col("household_kind").replace_strict(KINDS, default=None, return_dtype=pl.String)
    below = pl.when(kind.is_not_null()).then(pl.format("\n{}", kind)).otherwise(pl.lit(""))
    return pl.concat_str(pl.col("head_name_masked").replace("", "姓名未登记"), below)


def due_zh(as_of: date, separator: str = "\n", before_late: str | None = None) -> pl.Expr:
    """The due date with its weekday, and by how many days it is past on the list's date.

    `separator` stands before the weekday and, unless `before_late` does, before what is said of a day past.
    """
    due = pl.col("due_date")
    year = pl.when(due.dt.year() != as_of.year).then(due.dt.strftime("%Y年")).otherwise(pl.lit(""))
    weekday = due.dt.weekday().replace_strict(_WEEKDAYS, return_dtype=pl.String)
    days = (pl.lit(as_of) - due).dt.total_days()
    apart = separator if before_late is None else before_late
    late = pl.when(days > 0).then(pl.format("{}已逾期{}天", pl.lit(apart), days)).otherwise(pl.lit(""))
    return pl.format(
        "{}{}{}{}{}", year, due.dt.strftime("%-m月%-d日"), pl.lit(separator), weekday, late
    ).fill_null("")


def sources_line(sources: tuple[SourceDate, ...]) -> str:
    """Fresh sources grouped by the date they reach, newest first."""
    dates = sorted({s.data_date for s in sources if s.data_date and not s.is_stale}, reverse=True)
    groups = (
        f"{date_zh(day)}：" + "、".join(s.title_zh for s in sources if s.data_date == day and not s.is_stale)
        for day in dates
    )
    return "各部门数据截至　" + "；".join(groups) if dates else "各部门数据截至　没有按期到达的数据"


def stale_line(sources: tuple[SourceDate, ...]) -> str:
    """The 「数据已过期」 sentence, or nothing when all sources are fresh."""
    late = [s for s in sources if s.is_stale or s.data_date is None]
    named = (f"{s.title_zh}（{_stood_still(s)}）" for s in late)
    return f"▲「数据已过期」　{'、'.join(named)}：这些方面请以上门了解的为准。" if late else ""


def _stood_still(source: SourceDate) -> str:
    return f"停在{date_zh(source.data_date)}" if source.data_date else "从未收到"


def codes_frame(words: dict[str, Any], codes: pl.DataFrame | None = None) -> pl.DataFrame:
    """Code, zh, when, after: the codes a person may choose, of `codes` or of the words file."""
    given = (
        dict(zip(codes["code"].cast(pl.String).to_list(), codes["zh"].to_list(), strict=True))
        if codes is not None
        else {code: entry["zh"] for code, entry in words["codes"].items()}
    )
    told = {code: words["codes"].get(code, {}) for code in given}
    chosen = [code for code in given if told[code].get("worker", True)]
    columns = {
        "code": chosen,
        "zh": [given[code] for code in chosen],
        "when": [told[code].get("when", "") for code in chosen],
        "after": [told[code].get("after", "") for code in chosen],
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
