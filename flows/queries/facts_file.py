"""A file of facts, one row per person or household, that rules are asked about; and how they answered."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from exchange.guards import write_guarded_csv
from zhaoren.errors import ZhaorenError

ANSWERS = ("yes", "likely", "unknown_amount", "no", "unknown")
ENDINGS = (".parquet", ".csv")


def refuse_paths(facts: Path, answers: Path) -> None:
    """ZhaorenError for a file of another kind, or answers that would be written over the facts.

    Asked before anything is read: whoever waited for the answers wants to keep them.
    """
    for path, what in ((facts, "the facts"), (answers, "the answers")):
        if path.suffix.lower() not in ENDINGS:
            why = f"The name ends in “{path.suffix}”." if path.suffix else "The name has no ending."
            raise ZhaorenError(
                f"The ending says no format that {what} can have.",
                str(path),
                why,
                "Name a .parquet or a .csv file.",
            )
    if answers.exists() and answers.samefile(facts):
        why = "It is the file of the facts, by this or another name: the facts would be lost."
        raise ZhaorenError(
            "The answers would be written over the facts.", str(answers), why, "Name another file."
        )


def read_facts(path: Path, texts: Iterable[str]) -> pl.DataFrame:
    """The frame in the file; of a CSV the columns `texts` as they are written, so that 001 stays 001.

    ZhaorenError when it is neither Parquet nor CSV, or has no row.
    """
    if path.is_file() and path.stat().st_size == 0:
        raise ZhaorenError("There are no facts.", str(path), "The file is empty.", "Give at least one row.")
    is_csv = path.suffix.lower() == ".csv"
    try:
        frame = _read_csv(path, texts) if is_csv else pl.read_parquet(path)
    except FileNotFoundError as error:
        raise ZhaorenError("There is no such file.", str(path), "", "Check the path.") from error
    except (pl.exceptions.PolarsError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, is_csv) from error
    if frame.is_empty():
        raise ZhaorenError("There are no facts.", str(path), "It has no row.", "Give at least one row.")
    return frame


def _unreadable(path: Path, is_csv: bool) -> ZhaorenError:
    what = "The facts cannot be read."
    if not is_csv:
        why, todo = (
            "What it holds is no Parquet.",
            "Write it again as .parquet, or give a .csv with a header.",
        )
        return ZhaorenError(what, str(path), why, todo)
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        why, todo = (
            "It is not written in UTF-8.",
            "Save it as CSV UTF-8; in a spreadsheet that is a choice of its own.",
        )
        return ZhaorenError(what, str(path), why, todo)
    why = "A row has more cells than the header, or a quotation mark is not closed."
    return ZhaorenError(what, str(path), why, "Write one header, and as many cells in each row.")


def _read_csv(path: Path, texts: Iterable[str]) -> pl.DataFrame:
    _refuse_doubled(path)
    written = dict.fromkeys(texts, pl.String())
    # Of a whole column, not of its first rows: a fraction far down must not make the reader fail.
    return pl.read_csv(path, try_parse_dates=True, schema_overrides=written, infer_schema_length=None)


def _refuse_doubled(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file), [])
    for name, count in Counter(names).items():
        if count > 1:
            why = "Which of the two holds, nobody can tell."
            raise ZhaorenError(
                f"The column “{name}” stands {count} times.", str(path), why, "Keep one of them."
            )


def write_rows(rows: pl.DataFrame, path: Path) -> None:
    """Write a frame as its file's ending says: a CSV that no spreadsheet takes for formulas, else Parquet."""
    write_guarded_csv(rows, path) if path.suffix.lower() == ".csv" else rows.write_parquet(path)


def answer_counts(answers: pl.DataFrame) -> list[tuple[str, int]]:
    """rule_id and the number of each of ANSWERS, in their order; by rule."""
    rules = answers.group_by("rule_id").agg((pl.col("answer") == a).sum().alias(a) for a in ANSWERS)
    return rules.sort("rule_id").rows()
