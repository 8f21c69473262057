"""A file of facts, one row per person or household, that rules are asked about; and how they answered."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from exchange.guards import write_guarded_csv
from zhaoren.errors import ZhaorenError

ANSWERS = ("yes", "likely", "unknown_amount", "no", "unknown")


def read_facts(path: Path, texts: Iterable[str]) -> pl.DataFrame:
    """The frame in the file; of a CSV the columns `texts` as they are written, so that 001 stays 001.

    ZhaorenError when it is neither Parquet nor CSV, or has no row.
    """
    try:
        frame = _read_csv(path, texts) if path.suffix == ".csv" else pl.read_parquet(path)
    except FileNotFoundError as error:
        raise ZhaorenError("There is no such file.", str(path), "", "Check the path.") from error
    except pl.exceptions.PolarsError as error:
        why, todo = (
            f"It is none that can be read ({type(error).__name__}).",
            "Give a .parquet file, or a .csv with a header.",
        )
        raise ZhaorenError("The facts cannot be read.", str(path), why, todo) from error
    if frame.is_empty():
        raise ZhaorenError("There are no facts.", str(path), "It has no row.", "Give at least one row.")
    return frame


def _read_csv(path: Path, texts: Iterable[str]) -> pl.DataFrame:
    written = dict.fromkeys(texts, pl.String())
    # Of a whole column, not of its first rows: a fraction far down must not make the reader fail.
    return pl.read_csv(path, try_parse_dates=True, schema_overrides=written, infer_schema_length=None)


def write_rows(rows: pl.DataFrame, path: Path) -> None:
    """Write a frame as its file's ending says: a CSV that no spreadsheet takes for formulas, else Parquet."""
    write_guarded_csv(rows, path) if path.suffix == ".csv" else rows.write_parquet(path)


def answer_counts(answers: pl.DataFrame) -> list[tuple[str, int]]:
    """rule_id and the number of each of ANSWERS, in their order; by rule."""
    rules = answers.group_by("rule_id").agg((pl.col("answer") == a).sum().alias(a) for a in ANSWERS)
    return rules.sort("rule_id").rows()
