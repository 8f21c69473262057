"""Cells that a spreadsheet would run: an apostrophe is put before them, and taken off again exactly.

A workbook's own mark for text (the quote prefix) is lost when a department saves the sheet as CSV and opens
that again, as is every other property of a cell. Only what stands in the cell itself stays.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

GUARD = "'"
# Skipped by one spreadsheet or another before it looks for a sign: blanks, line breaks, and what nobody sees.
_UNSEEN = (
    r"\x00-\x20\x7f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)
# They begin a formula, in full-width and small forms too; | begins a call of another program.
_SIGNS = r"=+\-@|＝＋－＠｜﹦﹢﹣﹫−"
# What begins with a tab or a line break is moved or cut.
_RUNS = rf"^'*(?:[\t\r\n]|[{_UNSEEN}]*[{_SIGNS}])"
# A dash for “nothing”, and a plain sum below nought, which a spreadsheet reads as what it is.
_NO_FORMULA = r"^'*(?:[+\-−＋－]+|-[0-9][0-9,]*(?:\.[0-9]+)?)$"
_PATTERNS = re.compile(_RUNS), re.compile(_NO_FORMULA)


def guarded(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would run it."""
    return GUARD + text if _is_run(text) else text


def unguarded(text: str) -> str:
    """The text that was guarded: `unguarded(guarded(text)) == text`, apostrophes of its own included."""
    return text[1:] if text.startswith(GUARD) and _is_run(text) else text


def guarded_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every text guarded."""
    return frame.with_columns(
        pl.when(_runs(name)).then(GUARD + pl.col(name)).otherwise(name).alias(name) for name in _texts(frame)
    )


def unguarded_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every guard taken off."""
    return frame.with_columns(
        pl.when(_runs(name) & pl.col(name).str.starts_with(GUARD))
        .then(pl.col(name).str.slice(1))
        .otherwise(name)
        .alias(name)
        for name in _texts(frame)
    )


def write_guarded_csv(frame: pl.DataFrame, path: Path) -> None:
    """The frame as CSV, its texts guarded, so that a spreadsheet may open it."""
    guarded_columns(frame).write_csv(path)


def _is_run(text: str) -> bool:
    runs, no_formula = _PATTERNS
    return bool(runs.match(text)) and not no_formula.fullmatch(text)


def _runs(name: str) -> pl.Expr:
    return pl.col(name).str.contains(_RUNS) & ~pl.col(name).str.contains(_NO_FORMULA)


def _texts(frame: pl.DataFrame) -> list[str]:
    return [name for name, dtype in frame.schema.items() if dtype == pl.String]
