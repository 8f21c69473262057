"""A report laid out: parts of charts and tables, as HTML, PDF and workbook show them alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, the metric it comes from, and its number where it has one."""

    text: str
    metric: str = ""
    number: float | None = None


@dataclass(frozen=True)
class Table:
    """Headings and rows of cells; the first `words` columns are words, the others numbers."""

    headings: list[str]
    rows: list[list[Cell]]
    words: int


@dataclass(frozen=True)
class Part:
    """A section of the report; without tables there was nothing of the kind."""

    title: str
    lead: str
    chart: str
    tables: list[Table]


@dataclass(frozen=True)
class Page:
    """The whole report as both HTML and workbook show it."""

    title: str
    subtitle: str
    notice: str
    parts: list[Part]
    queries: list[dict[str, Any]]
    is_made_up: bool
