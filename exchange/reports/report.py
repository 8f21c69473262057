"""The run report: one HTML page, offline, readable on paper, that says what a run did and what it lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from exchange.words import TEMPLATES, count_zh, counts_explained, value_zh, words
from zhaoren.chinese import date_zh


@dataclass(frozen=True)
class Link:
    """A paper beside the report: label, address relative to the report, and what it is."""

    label: str
    href: str
    note: str = ""


@dataclass(frozen=True)
class RunSummary:
    """What one run did. A frame left None shows as a plain statement that there is no such data.

    Grains and columns (others are ignored, absent optional ones left out):
    - deliveries: one per file: department_zh, extract_zh, file_name, known_date, status
      (accepted|held|rejected|superseded|withdrawn), rows_read, rows_loaded, rows_quarantined, rows_duplicate;
      optional receipt_href (its receipt, relative to the report)
    - held: one per delivery that waits for a person: department_zh, extract_zh, file_name, known_date,
      reason_zh, command
    - missing: one per promised month that is late or not there: department_zh, extract_zh, period_month,
      expected_by_date, timeliness (late|missing), late_days
    - left_out: one per folder or file of the inbox that no run takes: entry_name, code
    - corrections: one per file that corrects another: department_zh, extract_zh, period_month, file_name,
      kind (full|mended), rows_loaded, added_cnt, removed_cnt, changed_cnt
    - checks: one per failed check: department_zh, extract_zh, rule_id, level, failing_cnt
    - sources: one per extract: department_zh, extract_zh, data_date, days_old, is_stale
    - places: one per extract and delivered place code that is no present one: extract_zh, code, present_code,
      town_name, state (changed|town_only|ambiguous|dropped|unlisted), person_cnt, household_cnt
    - quarantine: one per rule: department_zh, extract_zh, rule_id, reason_zh, row_cnt
    - repairs: one per kind and extract: extract_zh, kind, row_cnt
    - reading: one per file and thing left out or doubted: department_zh, extract_zh, file_name, note_zh
    - dirt: one per planted kind (made-up province only): kind, planted_cnt, caught_cnt, missed_cnt;
      optional quarantined_cnt, repaired_cnt
    - lists: one per town: town_code, town_name, capacity, listed_cnt, new_cnt, returned_cnt, repeated_cnt,
      escalated_cnt, waiting_cnt, red_cnt, red_beyond_cnt, suppressed_cnt
    - signals: one per signal: signal_id, signal_zh, queue, yes_cnt, unknown_cnt, awaits_zh
    - policy_gaps: one per county: code, name, household_cnt, visit_cnt, may_fit_cnt
    - evaluation: one per method: method_zh, listed_cnt, hit_cnt, precision_share, low_share, high_share
    `figures`: (label, value) pairs for the first box; `remarks`: sentences below it; `is_made_up` puts a
    banner over everything.
    """

    as_of: date
    run_id: str
    version: str = ""
    is_made_up: bool = False
    figures: tuple[tuple[str, object], ...] = ()
    remarks: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    deliveries: pl.DataFrame | None = None
    held: pl.DataFrame | None = None
    missing: pl.DataFrame | None = None
    left_out: pl.DataFrame | None = None
    corrections: pl.DataFrame | None = None
    checks: pl.DataFrame | None = None
    sources: pl.DataFrame | None = None
    places: pl.DataFrame | None = None
    quarantine: pl.DataFrame | None = None
    repairs: pl.DataFrame | None = None
    reading: pl.DataFrame | None = None
    dirt: pl.DataFrame | None = None
    lists: pl.DataFrame | None = None
    signals: pl.DataFrame | None = None
    policy_gaps: pl.DataFrame | None = None
    evaluation: pl.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as the page shows it: cells as text, which columns are numbers, marks and links of rows.

    A row's link hangs on its cell in `link_column`.
    """

    headings: list[str]
    rows: list[list[str]]
    is_number: list[bool]
    marks: list[str]
    total: list[str] | None = None
    links: list[str | None] | None = None
    link_column: int = -1


@dataclass(frozen=True)
class Section:
    """A part of the page: title, one sentence of what it says, and a table or the plain lack of one."""

    title: str
    lead: str
    table: Table | None
    alarm: bool = False


def write_report(path: Path, summary: RunSummary) -> None:
    """Write the report; the same summary gives the same bytes.

    Counts only: no case number, name or identifier is expected or shown. Raises nothing for missing parts.
    """
    page = _template().render(
        summary=summary,
        date_zh=date_zh(summary.as_of),
        sections=[_section(summary, name, text) for name, text in words("report")["sections"].items()],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8", newline="\n")


def _section(summary: RunSummary, name: str, text: dict[str, Any]) -> Section:
    frame: pl.DataFrame | None = getattr(summary, name)
    if frame is None or not frame.width:
        return Section(text["title"], text["absent"], None)
    if frame.is_empty():
        return Section(text["title"], text["empty"], None)
    if text["sort"] and set(text["sort"]) <= set(frame.columns):
        frame = frame.sort(text["sort"], descending=text.get("descending", False))
    broken = 0
    if name == "deliveries":
        frame, broken = _with_balance(frame)
    lead = text["broken"].format(broken=broken) if broken else text["lead"].format_map(_facts(frame))
    lead += "".join(counts_explained(*text.get("terms", ())))
    return Section(text["title"], lead, _table(frame, text), alarm=bool(broken))


def _with_balance(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Deliveries with ✓ or ✗: rows read = loaded + quarantined + duplicate; and how many do not add up."""
    parts = pl.sum_horizontal("rows_loaded", "rows_quarantined", "rows_duplicate", ignore_nulls=False)
    fits = (pl.col("rows_read") == parts).fill_null(False)
    marked = frame.with_columns(
        pl.when(fits).then(pl.lit("✓")).otherwise(pl.lit("✗ 对不上")).alias("balance")
    )
    return marked, marked.filter(pl.col("balance") != "✓").height


def _facts(frame: pl.DataFrame) -> dict[str, object]:
    """The numbers that a section's sentence may mention."""
    facts: dict[str, object] = {"rows": f"{frame.height:,}"}
    counts = [c for c, kind in frame.schema.items() if kind.is_integer() and c.endswith(("_cnt", "capacity"))]
    facts |= {column: f"{frame[column].sum() or 0:,}" for column in counts}
    facts |= {c: f"{frame[c].sum() or 0:,}" for c in frame.columns if c.startswith("rows_")}
    if "is_stale" in frame.columns:
        facts["stale"] = frame["is_stale"].sum()
    return _Facts(facts)


class _Facts(dict):
    """A number that the frame does not bring reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def _table(frame: pl.DataFrame, text: dict[str, Any]) -> Table:
    named = text["columns"] | {f"{name}_cnt": count_zh(name) for name in text.get("terms", ())}
    shown = {column: zh for column, zh in named.items() if column in frame.columns}
    unknown = text.get("unknown", {})
    cells = [[_cell(value, c, unknown.get(c, "不知道")) for value in frame[c].to_list()] for c in shown]
    is_number = [frame.schema[column].is_numeric() for column in shown]
    marks = [_mark(row) for row in frame.rows(named=True)]
    total = _total(frame, list(shown)) if text.get("total") else None
    rows = [list(row) for row in zip(*cells, strict=True)]
    links = frame.get_column("receipt_href").to_list() if "receipt_href" in frame.columns else None
    place = list(shown).index("file_name") if links else -1
    return Table(
        headings=list(shown.values()),
        rows=rows,
        is_number=is_number,
        marks=marks,
        total=total,
        links=links,
        link_column=place,
    )


def _total(frame: pl.DataFrame, columns: list[str]) -> list[str]:
    sums = [_cell(frame[c].sum(), c) if frame.schema[c].is_integer() else "" for c in columns]
    return ["合计", *sums[1:]]


_BAD = {"rejected", "missing", "ambiguous", "dropped"}
_LATE = {"held", "late", "unlisted"}


def _mark(row: dict[str, Any]) -> str:
    """Rows that need a look: `bad` or `late`."""
    states = {row.get("status"), row.get("timeliness"), row.get("state")}
    if row.get("balance", "✓") != "✓" or row.get("missed_cnt") or states & _BAD:
        return "bad"
    return "late" if row.get("is_stale") or states & _LATE else ""


def _cell(value: object, column: str, unknown: str = "") -> str:
    if value is None:
        return unknown
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.endswith("_month") and isinstance(value, date):
        return f"{value:%Y-%m}"
    if column.endswith("_share") and isinstance(value, (int, float, Decimal)):
        return f"{value:.1%}"
    if isinstance(value, (int, Decimal)):
        return f"{value:,}"
    return value_zh(value)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("report.html.j2")
