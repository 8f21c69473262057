"""A station's list as A4 PDF: a box per household, large enough to be read on a table, room to write."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from exchange.form import SideSheet
from exchange.prints.engine import chinese_font, write_pdf
from exchange.words import TEMPLATES, words

# What a box shows -> the lines' column (exchange.lists.worklist.worklist_lines).
_SHOWN = {
    "seq": "seq", "case_no": "case_no", "why": "reason_zh", "receiving": "receiving_zh",
    "missing": "missing_benefits_zh", "questions": "questions_zh", "papers": "papers_zh",
    "last": "last_visit_zh", "village": "village_name",
}  # fmt: skip


def write_worklist_pdf(
    path: Path,
    title: str,
    head: list[tuple[str, str]],
    lines: pl.DataFrame,
    *,
    place_zh: str,
    footer: str,
    sheets: tuple[SideSheet, ...] = (),
) -> None:
    """Write one station's list; the same input gives the same bytes.

    `head`: the paragraphs above the list, each with its look (small, red, box or none). `lines`: the town's
    of worklist_lines; none: the page says so. `sheets`: the workbook's others; those with lines follow, each
    on a page of its own. Raises ZhaorenError where this machine writes no PDF.
    """
    write_pdf(path, page(title, head, lines, place_zh=place_zh, footer=footer, sheets=sheets))


def page(
    title: str,
    head: list[tuple[str, str]],
    lines: pl.DataFrame,
    *,
    place_zh: str,
    footer: str,
    sheets: tuple[SideSheet, ...] = (),
) -> str:
    """The page as HTML."""
    return _template().render(
        title=title,
        head=[{"text": text, "look": look} for text, look in head],
        lines=_boxes(lines),
        sheets=[_table(sheet) for sheet in sheets if not sheet.lines.is_empty()],
        blank=words("worklist")["blank"],
        words=words("printed"),
        place=place_zh,
        footer=footer,
        font=chinese_font() or "Noto Sans CJK SC",
    )


def _boxes(lines: pl.DataFrame) -> list[dict[str, Any]]:
    level = pl.col("level_zh").str.split("\n")
    shown = lines.select(
        *(pl.col(column).alias(name) for name, column in _SHOWN.items()),
        level=level.list.first(),
        status=level.list.slice(1).list.join("\n"),
        head=pl.col("head_name_masked").str.replace_all("\n", "　"),
        due=pl.col("due_zh").str.replace_all("\n", "　"),
    )
    return list(shown.iter_rows(named=True))


def _table(sheet: SideSheet) -> dict[str, Any]:
    """A sheet as a table: its printed lines beside empty cells for what is written by hand."""
    whole = sum(column.width for column in sheet.columns)
    texts = [
        sheet.lines[c.source].to_list() if c.source else [""] * sheet.lines.height for c in sheet.columns
    ]
    return {
        "name": sheet.name,
        "intro": sheet.intro,
        "columns": [(c.heading, round(100 * c.width / whole, 1), c.is_fill_in) for c in sheet.columns],
        "rows": list(zip(*texts, strict=True)),
    }


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters["css"] = _css_text
    return environment.get_template("printed.html.j2")


def _css_text(text: str) -> str:
    """A text as a string of the style sheet, whatever it holds."""
    plain = "".join(char for char in text if char.isalnum() or char in " 　-（）、·")
    return f'"{plain}"'
