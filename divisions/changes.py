"""Towns and villages renamed, moved, merged and split: a short table that people edit.

No public compilation dates the changes below the county, so the table shipped has a header only. A home adds
its own as divisions/changes.csv.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

SHIPPED = room("divisions") / "changes.csv"
COLUMNS = ("old_code", "new_code", "kind", "date", "source")
KINDS = ("renamed", "moved", "merged", "split")
_CODE = "^([0-9]{9}|[0-9]{12})$"
_FORMS = "9 digits for a town, 12 for a village, the same on both sides"


def load_changes(path: Path = SHIPPED) -> pl.DataFrame:
    """One row per old and new code: old_code, new_code, kind, date, source; sorted by date and codes.

    A town split in two has two rows. Raises ZhaorenError, naming the line, for other columns, a code that
    is not of 9 or 12 digits, an unknown kind, no date, no source, an old code that is its own new one, a
    row told twice, and several new codes that are not called a split.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ZhaorenError("The table of changes cannot be read", str(path), str(error)) from error
    _refuse_other_columns(frame, path)
    frame = frame.with_row_index("line", offset=2).with_columns(pl.col(*COLUMNS).str.strip_chars())
    frame = frame.with_columns(day=pl.col("date").str.to_date("%Y-%m-%d", strict=False))
    for holds, why, todo in _demands():
        _refuse(frame.filter(holds.fill_null(True)), path, why, todo)
    return frame.select("old_code", "new_code", "kind", pl.col("day").alias("date"), "source").sort(
        "date", "old_code", "new_code"
    )


def _refuse_other_columns(frame: pl.DataFrame, path: Path) -> None:
    if tuple(frame.columns) != COLUMNS:
        why = f"its columns are {', '.join(frame.columns)}"
        raise ZhaorenError("The table of changes has other columns", f"{path} line 1", why,
                           f"write the header {','.join(COLUMNS)}")  # fmt: skip


def _demands() -> tuple[tuple[pl.Expr, str, str], ...]:
    """For each demand: what breaks it, why that is wrong, what to do."""
    old, new, kind = pl.col("old_code"), pl.col("new_code"), pl.col("kind")
    one_length = old.str.len_bytes() == new.str.len_bytes()
    fits = old.str.contains(_CODE) & new.str.contains(_CODE) & one_length
    several = (new.n_unique().over("old_code", "date") > 1) & (kind != "split")
    return (
        (~fits, "a code has another form", f"give {_FORMS}"),
        (~kind.is_in(KINDS), "the kind is not known", f"use one of {', '.join(KINDS)}"),
        (pl.col("day").is_null(), "the date cannot be read", "write it as 2024-01-31"),
        (pl.col("source").fill_null("") == "", "no source is named", "name the notice or page that says so"),
        (old == new, "a code cannot follow itself", "leave the line out: a new name alone changes no code"),
        (
            pl.struct("old_code", "new_code", "date").is_duplicated(),
            "it is told twice",
            "keep one of the lines",
        ),
        (several, "one code has several new ones", "call each of the lines split"),
    )


def _refuse(broken: pl.DataFrame, path: Path, why: str, todo: str) -> None:
    if broken.height:
        where = f"{path} line {', '.join(map(str, broken['line'].head(5)))}"
        raise ZhaorenError("The table of changes has a wrong line", where, why, todo)
