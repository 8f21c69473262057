"""The station's worklist: which households to visit this period, why, and room for what the visit found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange import form as lf
from exchange.form import Column, Form, SideSheet, SourceDate
from exchange.lists.pages import write_form
from exchange.lists.side_sheets import offered
from exchange.lists.widths import fitted
from exchange.masks import cover, refuse_leaks
from exchange.words import count_zh, words
from zhaoren.chinese import date_zh, month_zh

SHEET_NAME = "走访名单"
_REQUIRED = [
    "alert_id", "list_rank", "level", "due_date", "head_name_masked", "village_name",
    "reason_zh", "receiving_zh", "missing_benefits_zh", "questions_zh",
]  # fmt: skip
_OPTIONAL = ["case_no", "last_visit_zh", "status_zh", "household_kind", "open_benefits_zh", "papers_zh"]
_OURS = [
    "reason_zh", "receiving_zh", "missing_benefits_zh", "questions_zh", "status_zh", "open_benefits_zh",
    "papers_zh",
]  # fmt: skip
_NO_BENEFIT = "按现有资料没有对得上的待遇，请上门了解"

COLUMNS = (
    Column("序号", 4.5, "seq", "center", 11),
    Column(lf.CASE, 10, "case_no", "left", 12),
    Column("户主", 7.5, "head_name_masked", font_size=12),
    Column("村（社区）", 9, "village_name", font_size=12),
    Column("级别", 6.5, "level_zh", "center"),
    Column("办理期限", 9, "due_zh", "center", 12),
    Column("为什么", 28, "reason_zh", font_size=12, is_flexible=True),
    Column("已享受", 13, "receiving_zh", font_size=11, is_flexible=True),
    Column("可能还可以享受", 18, "missing_benefits_zh", font_size=11, is_flexible=True),
    Column("上门核实问题", 28, "questions_zh", font_size=11.5, is_flexible=True),
    Column(lf.MATERIALS, 16, "papers_zh", font_size=11, is_flexible=True),
    Column("上次走访与结果", 11, "last_visit_zh", font_size=11, is_flexible=True),
    Column(lf.CODE, 8.5),
    Column(lf.FOUND, 10.5, None, "center", 10),
    Column(lf.BENEFIT, 8),
    Column(lf.NEXT, 8, choices="follow_up"),
    Column(lf.OWNER, 7.5, choices="owner"),
    Column(lf.DUE, 10.5, None, "center", 10),
    Column(lf.NOTE, 13),
    Column(lf.WORKER, 7.5),
)


@dataclass(frozen=True)
class WorklistHeader:
    """The head of one station's list.

    `capacity`: lines the station can visit in a period; `waiting_cnt`: households beyond it that
    are not listed, `red_beyond_cnt`: red ones that are, all the same (transforms.alerts.counts);
    `county_name`: who hears of those.
    `benefits`: (benefit_id, Chinese name) offered in the drop-down. `version`: names rules and code.
    `local_zh`: the values that the installation set itself, for the place. `hands_zh`: what the station's
    hands can do (exchange.stations.hands_line).
    """

    station_name: str
    town_code: str
    town_name: str
    as_of: date
    capacity: int
    sources: tuple[SourceDate, ...] = ()
    waiting_cnt: int = 0
    red_beyond_cnt: int = 0
    county_name: str = ""
    period_zh: str = ""
    version: str = "1"
    local_zh: str = ""
    hands_zh: str = ""
    benefits: tuple[tuple[str, str], ...] = ()


def worklist_lines(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The lines of all stations' lists as they read on the page, in printing order, beside their town_code.

    `rows`, one per household to visit: town_code, alert_id, list_rank, level (red|orange|yellow|blue),
    due_date, head_name_masked, village_name, reason_zh, receiving_zh, missing_benefits_zh and questions_zh
    (text or List[str]); optional case_no (else alert_id is printed), last_visit_zh, status_zh,
    household_kind, papers_zh, open_benefits_zh (said where no benefit is found missing); others (arm, score)
    are not shown. Raises ZhaorenError for a missing column, or for a number of a person, an unmasked name, a
    diagnosis or a crime in a text we made; what workers once wrote (last_visit_zh) is covered instead.
    """
    lines = lf.as_lines(rows, as_of, "town_code", _REQUIRED, _OPTIONAL)
    refuse_leaks(lines, _OURS)
    return lines.with_columns(_shown())


def write_worklist(
    path: Path,
    header: WorklistHeader,
    lines: pl.DataFrame,
    codes: pl.DataFrame,
    sides: tuple[SideSheet, ...] = (),
) -> None:
    """Write one town's worklist as XLSX; the same input gives the same bytes.

    `lines`: the town's of worklist_lines; none: the file says so. `codes`: code, zh. `sides`: the sheets
    behind (exchange.lists.side_sheets). Reads and touches nothing else, so that lists may be written by
    several processes.
    """
    text = worklist_words()
    form = Form(
        queue="need",
        sheet_name=SHEET_NAME,
        place_code=header.town_code,
        place_zh=header.station_name,
        as_of=header.as_of,
        version=header.version,
        title=text["title"].format(station=header.station_name),
        header_lines=_header_lines(header, lines, text),
        columns=fitted(COLUMNS, lines),
        codes=lf.codes_frame(text, codes),
        benefits=header.benefits,
        words=text,
        choices=offered(header.benefits),
        sides=sides,
    )
    write_form(path, form, lines)


def worklist_words() -> dict[str, Any]:
    """The words around a station's lines, with those of the first call."""
    text = words("worklist")
    return {**text, "boxes": [*text["boxes"], *words("call_script")["boxes"]]}


def _shown() -> list[pl.Expr]:
    """How the lines' columns read on the page."""
    status = pl.when(pl.col("status_zh") != "").then(pl.format("\n{}", "status_zh")).otherwise(pl.lit(""))
    return [
        pl.concat_str("level", status).alias("level_zh"),
        pl.col("questions_zh").pipe(lf.numbered),
        pl.when(pl.col("missing_benefits_zh") != "")
        .then(pl.col("missing_benefits_zh").str.strip_prefix("可能符合：").str.replace_all("；", "\n"))
        .otherwise(pl.col("open_benefits_zh").replace("", _NO_BENEFIT))
        .alias("missing_benefits_zh"),
        pl.col("last_visit_zh").pipe(cover).replace("", "没有走访记录"),
        pl.col("receiving_zh").replace("", "没有查到"),
        lf.case_number(),
        pl.col("papers_zh").replace("", words("worklist")["papers"]["none"]),
        lf.head_and_kind(),
    ]


def _header_lines(
    header: WorklistHeader, lines: pl.DataFrame, text: dict[str, Any]
) -> tuple[tuple[str, dict[str, Any]], ...]:
    title = text["title"].format(station=header.station_name)
    stale = lf.stale_line(header.sources)
    texts: list[tuple[str, dict[str, Any]]] = [
        (title, {"bold": True, "font_size": 18}),
        (text["receiver"].format(station=header.station_name), {"font_size": 12}),
        (_counts_line(header, lines), {"font_size": 12}),
        (_beyond_line(header, text), {"bold": True, "font_size": 12, "font_color": "#A61B12"}),
        (header.hands_zh, {"font_size": 11}),
        (lf.sources_line(header.sources), {"font_color": "#444444"}),
        (header.local_zh, {"font_color": "#444444"}),
        (stale, {"bold": True, "font_color": "#A61B12"}),
        (text["notice"].strip(), {"bg_color": lf.GREY}),
    ]
    return tuple((line, look) for line, look in texts if line)


def head_texts(header: WorklistHeader, lines: pl.DataFrame) -> list[tuple[str, str]]:
    """What a print says above the lines: each paragraph and its look (small, red, box or none)."""
    texts = (
        (_counts_line(header, lines), ""),
        (_beyond_line(header, words("worklist")), "red"),
        (header.hands_zh, ""),
        (lf.sources_line(header.sources), "small"),
        (header.local_zh, "small"),
        (lf.stale_line(header.sources), "red"),
        (words("printed")["notice"].strip(), "box"),
    )
    return [(text, look) for text, look in texts if text]


def _counts_line(header: WorklistHeader, lines: pl.DataFrame) -> str:
    period = header.period_zh or month_zh(header.as_of)
    levels_of = lines["level"].to_list()
    counts = {zh: levels_of.count(zh) for zh in lf.LEVELS.values()}
    named = "、".join(f"{zh}{count}" for zh, count in counts.items() if count)
    levels = f"（{named}）" if named else ""
    waiting = f"；另有 {header.waiting_cnt} 户{count_zh('waiting')}" if header.waiting_cnt else ""
    return (
        f"{header.town_name}　期间：{period}　名单日期：{date_zh(header.as_of)}　"
        f"本期列出 {lines.height} 户{levels}／本站每期能走访 {header.capacity} 户{waiting}"
    )


def _beyond_line(header: WorklistHeader, text: dict[str, Any]) -> str:
    """More red than hands: said on the list itself, so that nobody takes the list for all there is."""
    if not header.red_beyond_cnt:
        return ""
    county = header.county_name or text["county"]
    return str(text["red_beyond"].format(count=header.red_beyond_cnt, county=county))
