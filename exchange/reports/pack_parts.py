"""Parts that only the pack of a county's quarterly meeting has: contradictions to decide, and policy gaps."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange.reports.page import Cell, Part, Table
from exchange.words import words
from zhaoren.chinese import date_zh

GAP_CODE = "30"  # hardship that no policy fits: result_codes.yaml


def differences_part(found: pl.DataFrame, results: Mapping[str, str]) -> Part:
    """Pairs of visits that contradict each other and wait for a ruling.

    found: one row per pair: list_id, result_code, found_date, other_result_code, other_found_date,
    since_date. results: code -> its words.
    """
    text = words("monthly")["differences"]
    rows = [
        [
            Cell(str(row["list_id"])),
            *(Cell(_said(row, which, results)) for which in ("result_code",)),
            Cell(_day(row["found_date"])),
            Cell(_said(row, "other_result_code", results)),
            Cell(_day(row["other_found_date"])),
            Cell(_day(row["since_date"])),
        ]
        for row in found.iter_rows(named=True)
    ]
    lead = text["lead"] if rows else text["none"]
    return Part(text["title"], lead, "", [Table(text["headings"], rows, 6)] if rows else [])


def _said(row: Mapping[str, object], column: str, results: Mapping[str, str]) -> str:
    return results.get(str(row[column]), str(row[column]))


def _day(day: object) -> str:
    return date_zh(day) if hasattr(day, "year") else ""  # type: ignore[arg-type]


def policy_gaps_part(figures: pl.DataFrame, places: Mapping[str, str]) -> Part:
    """Visits of the quarter that found hardship no policy fits, by place. figures: as Monthly.figures."""
    text = words("monthly")["policy_gaps"]
    found = figures.filter(metric="result", part=GAP_CODE).select("area", "quarter")
    counts = dict(found.rows())
    shown = [code for code in places if counts.get(code)]
    rows = [
        [Cell(places[code]), Cell(f"{counts[code]:,.0f}", "result", float(counts[code]))] for code in shown
    ]
    lead = text["lead"] if rows else words("monthly")["no_rows"]
    return Part(text["title"], lead, "", [Table(text["headings"], rows, 1)] if rows else [])
