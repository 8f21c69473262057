"""The month's report of a place: sections of tables and charts, and every number's query in the appendix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from exchange.reports.charts import bars
from exchange.reports.extra_parts import (
    AppraisalLine,
    SecondLooks,
    appraisal_part,
    half_year_part,
    second_looks_part,
)
from exchange.reports.missed_part import Missed, missed_part
from exchange.reports.page import Cell, Page, Part, Table
from exchange.words import TEMPLATES, words
from policies.casework.reports import Published
from zhaoren.chinese import date_zh, month_zh

# metric, part, area -> the row of that number.
Key = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Monthly:
    """What a month's report shows of one place.

    figures: metric, part, area, month, year, month_hidden, year_hidden (null: nothing of the kind). places:
    code -> name, the place itself first, then those in it. metrics: metric, zh, unit, kind, query, is_stock,
    stays, has_parts, none_is_unknown. labels: part, or metric.part, -> its words. kind: `station`, `inside`
    (a county's own) or `outside` (small counts are hidden, and what never leaves the county is left out).
    k: counts below it are small. span: `month`, or `quarter` for the pack of a meeting. further: parts that
    follow all others.
    """

    places: Mapping[str, str]
    month: date
    day: date
    kind: str
    k: int
    figures: pl.DataFrame
    metrics: pl.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    span: str = "month"
    version: str = ""
    is_made_up: bool = False
    second_looks: SecondLooks | None = None
    missed: Missed | None = None
    published: tuple[Published, ...] = ()
    appraisal: tuple[AppraisalLine, ...] = ()
    further: tuple[Part, ...] = ()


def monthly_page(report: Monthly, charts: bool = True) -> Page:
    """The report laid out. charts: whether they are drawn (a tenth of a second each)."""
    return _Layout(report, charts).page()


def write_monthly(path: Path, page: Page) -> None:
    """The report as one HTML page without scripts; the same numbers give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html_of(page), encoding="utf-8", newline="\n")


def html_of(page: Page) -> str:
    """The page as HTML text."""
    return _template().render(page=page, text=words("monthly"))


class _Layout:
    def __init__(self, report: Monthly, charts: bool) -> None:
        self.report, self.charts, self.text = report, charts, words("monthly")
        self.span = report.span
        self.own = next(iter(report.places))
        self.metrics = {row["metric"]: row for row in report.metrics.iter_rows(named=True)}
        self.cells: dict[Key, dict[str, Any]] = {
            (row["metric"], row["part"], row["area"]): row for row in report.figures.iter_rows(named=True)
        }

    def page(self) -> Page:
        report = self.report
        hidden, name = self.text["hidden"], report.places[self.own]
        notice = self.text[report.kind].format(area=name, k=report.k, most=report.k - 1, hidden=hidden)
        sections = [one for one in self.text["sections"] if self.span == "month" or one.get("in_pack")]
        parts = [part for section in sections if (part := self._part(section))]
        parts += [*self._extra_parts(), *report.further]
        used = {cell.metric for part in parts for table in part.tables for row in table.rows for cell in row}
        return Page(
            title=self.text["title" if self.span == "month" else "pack_title"].format(area=name),
            subtitle=self.text["subtitle"].format(
                month=self._span_zh(),
                day=date_zh(report.day),
                version=report.version or self.text["nothing"],
            ),
            notice=notice,
            parts=parts,
            queries=[row for name, row in self.metrics.items() if name in used],
            is_made_up=report.is_made_up,
        )

    def _span_zh(self) -> str:
        month = self.report.month
        if self.span == "month":
            return month_zh(month)
        return str(self.text["quarter"].format(year=month.year, number=(month.month + 2) // 3))

    def _extra_parts(self) -> list[Part]:
        report = self.report
        looked = report.second_looks
        parts = [second_looks_part(looked, is_inside=report.kind != "outside")] if looked else []
        parts += [missed_part(report.missed)] if report.missed else []
        parts += [appraisal_part(report.appraisal, self.metrics)] if report.appraisal else []
        return parts + [
            half_year_part(
                one, lambda metric: self.cell(metric, "", self.own, "half"), self.metrics, report.month
            )
            for one in report.published
        ]

    def _shown(self, names: list[str]) -> list[str]:
        leaves = self.report.kind != "outside"
        return [name for name in names if leaves or not self.metrics[name]["stays"]]

    def _part(self, section: dict[str, Any]) -> Part | None:
        names = self._shown(section["metrics"])
        if not names:
            return None
        lines = self._lines(names)
        ratio = section.get("ratio")
        own = self._ratios(names, ratio) if ratio else self._own(lines)
        tables = [own] if own.rows else []
        if len(self.report.places) > 1 and "by_place" in section and own.rows:
            tables.append(self._by_place(self._lines(self._shown(section["by_place"]))))
        chart = self._chart(lines) if self.charts and section.get("chart") else ""
        if by_part := section.get("by_part"):
            tables.append(self._by_part(by_part))
        lead = section["lead"] if tables else self.text["no_rows"]
        return Part(section["title"], lead, chart, tables)

    def _lines(self, names: list[str]) -> list[tuple[str, str]]:
        """(metric, part) of every line: those with parts by their parts that occur anywhere shown."""
        lines: list[tuple[str, str]] = []
        for name in names:
            parts = sorted(
                {p for m, p, area in self.cells if m == name and area in self.report.places}, key=self._order
            )
            lines += [(name, part) for part in parts] or ([] if self._has_parts(name) else [(name, "")])
        return lines

    def _has_parts(self, name: str) -> bool:
        return bool(self.metrics[name]["has_parts"])

    def _order(self, part: str) -> tuple[int, str]:
        known = [label.split(".")[-1] for label in self.report.labels]
        return (known.index(part) if part in known else len(known), part)

    def _part_zh(self, name: str, part: str) -> str:
        labels = self.report.labels
        return labels.get(f"{name}.{part}") or labels.get(part, part)

    def _label(self, name: str, part: str) -> str:
        zh = str(self.metrics[name]["zh"])
        return f"{zh}：{self._part_zh(name, part)}" if self._has_parts(name) else zh

    def _own(self, lines: list[tuple[str, str]]) -> Table:
        text = self.text
        one_metric = len({name for name, part in lines if part}) == len({name for name, _ in lines}) == 1
        heads = [
            text["item_heading"],
            text["unit_heading"],
            text[f"{self.span}_heading"],
            text["year_heading"],
        ]
        rows = [
            [
                Cell(self._part_zh(*line) if one_metric and self._has_parts(line[0]) else self._label(*line)),
                Cell(self.metrics[line[0]]["unit"]),
                self.cell(*line, self.own, self.span),
                self.cell(*line, self.own, "year"),
            ]
            for line in lines
        ]
        return Table(heads, rows, 2)

    def _by_place(self, lines: list[tuple[str, str]]) -> Table:
        heads = [self.text["place_heading"], *(self._label(*line) for line in lines)]
        rows = [
            [
                Cell(self.text["whole"] if code == self.own else name),
                *(self.cell(*line, code, self.span) for line in lines),
            ]
            for code, name in self.report.places.items()
        ]
        apart = [row for row, code in zip(rows, self.report.places, strict=True) if not code.isdigit()]
        inside = [row for row in rows[1:] if row not in apart]
        return Table(heads, [*inside, rows[0], *apart], 1)

    def _by_part(self, names: list[str]) -> Table:
        """One line per part, the metrics beside each other: of the month."""
        parts = sorted({p for m, p, a in self.cells if m in names and a == self.own}, key=self._order)
        zh = [f"{self.metrics[n]['zh']}（{self.metrics[n]['unit']}）" for n in names]
        rows = [
            [
                Cell(self._part_zh(names[0], part)),
                *(self.cell(name, part, self.own, self.span) for name in names),
            ]
            for part in parts
        ]
        return Table([self.text["item_heading"], *zh], rows, 1)

    def _ratios(self, names: list[str], ratio: list[str]) -> Table:
        """One line per part: each metric's number of the year so far, and the share of one in another."""
        part_over, part_under, zh = ratio
        parts = sorted({p for m, p, a in self.cells if m in names and a == self.own}, key=self._order)
        year = self.text["year_heading"]
        heads = [self.text["item_heading"], *(f"{self.metrics[n]['zh']}（{year}）" for n in names), zh]
        rows = []
        for part in parts:
            shown = {name: self.cell(name, part, self.own, "year") for name in names}
            over, under = shown[part_over].number, shown[part_under].number
            share = f"{over / under:.0%}" if under and over is not None else self.text["nothing"]
            rows.append([Cell(self._part_zh(names[0], part)), *shown.values(), Cell(share, part_over)])
        return Table(heads, rows, 1)

    def cell(self, metric: str, part: str, area: str, span: str) -> Cell:
        """A number as it is shown: hidden, nothing of the kind, or itself."""
        meta, row = self.metrics[metric], self.cells.get((metric, part, area))
        span = "month" if meta["is_stock"] and span in ("half", "quarter") else span
        is_flow = meta["kind"] == "sum" and not (span == "year" and meta["is_stock"])
        is_flow = is_flow and not meta["none_is_unknown"]
        if self.report.kind == "outside" and row is not None and row[f"{span}_hidden"]:
            return Cell(self.text["hidden"], metric)
        value = row[span] if row is not None else None
        if value is None and is_flow:
            value = 0.0
        if value is None:
            return Cell(self.text["nothing"], metric)
        return Cell(f"{value:,.0f}" if value == int(value) else f"{value:,.1f}", metric, value)

    def _chart(self, lines: list[tuple[str, str]]) -> str:
        unit = self.metrics[lines[0][0]]["unit"] if lines else ""
        drawn = [line for line in lines if self.metrics[line[0]]["unit"] == unit]
        cells = [(self._label(*line), self.cell(*line, self.own, self.span).number) for line in drawn]
        known = [(label.split("：")[-1], number) for label, number in cells if number is not None]
        return bars(known, unit)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("monthly.html.j2")
