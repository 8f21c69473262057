"""Towns and villages renamed, moved, merged and split: a short table that people edit.

No public compilation dates the changes below the county, so the table shipped has a header only. An
installation adds its own as <home>/divisions/changes.csv.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

SHIPPED = room("divisions") / "changes.csv"
COLUMNS = ("old_code", "new_code", "kind", "date", "source")
KINDS = ("renamed", "moved", "merged", "split")
LONGEST_CHAIN = 30  # steps; the longest real chain has fewer than ten
_CODE = "^([0-9]{9}|[0-9]{12})$"
_FORMS = "9 digits for a town, 12 for a village, the same on both sides"
_NO_CHANGES = pl.DataFrame(schema={"old_code": pl.String, "new_code": pl.String})


def load_changes(path: Path = SHIPPED, besides: pl.DataFrame = _NO_CHANGES) -> pl.DataFrame:
    """One row per old and new code: old_code, new_code, kind, date, source; sorted by date and codes.

    A town split in two has two rows. `besides`: changes already known, which the file may not speak of again;
    they are not returned. Raises ZhaorenError, naming the line, for text that is not UTF-8, other columns, a
    code that is not of 9 or 12 digits, an unknown kind, no date, no source, an old code that is its own new
    one, a row given twice, several new codes that are not called a split, and codes that lead in a circle.
    """
    frame = _read(path)
    for breaks, why, todo in _demands(besides):
        _refuse(frame.filter(breaks.fill_null(True)), path, why, todo)
    circle = pl.col("old_code").is_in(_in_circles(besides, frame))
    _refuse(
        frame.filter(circle), path, "its code leads back to itself in a circle", "take the wrong line out"
    )
    return frame.select("old_code", "new_code", "kind", pl.col("day").alias("date"), "source").sort(
        "date", "old_code", "new_code"
    )


def _read(path: Path) -> pl.DataFrame:
    """The lines as text, with their number in the file and the day that the date means."""
    rows = csv.reader(io.StringIO(_text(path), newline=""))
    header = tuple(cell.strip() for cell in next(rows, []))
    if header != COLUMNS:
        why = f"its columns are {', '.join(header)}"
        raise ZhaorenError("The table of changes has other columns", f"{path} line 1", why,
                           f"write the header {','.join(COLUMNS)}")  # fmt: skip
    lines = [(rows.line_num, [cell.strip() for cell in row]) for row in rows if any(row)]
    for line, cells in lines:
        if len(cells) != len(COLUMNS):
            why = f"it has {len(cells)} cells, not {len(COLUMNS)}"
            raise _wrong(f"{path} line {line}", why, "a comma within a cell needs quotation marks around it")
    frame = pl.DataFrame(
        [cells for _, cells in lines], schema=dict.fromkeys(COLUMNS, pl.String), orient="row"
    )
    return frame.with_columns(
        line=pl.Series([line for line, _ in lines], dtype=pl.Int64),
        day=pl.col("date").str.to_date("%Y-%m-%d", strict=False),
    )


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ZhaorenError("The table of changes cannot be read", str(path), str(error)) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Excel's plain “CSV” is GBK on a Chinese Windows; its “CSV UTF-8” is the one to choose.
        line = raw[: error.start].count(b"\n") + 1
        raise _wrong(f"{path} line {line}", "it is not UTF-8 text", "save the file as “CSV UTF-8”") from error


def _demands(besides: pl.DataFrame) -> tuple[tuple[pl.Expr, str, str], ...]:
    """For each demand: what breaks it, why that is wrong, what to do."""
    old, new, kind = pl.col("old_code"), pl.col("new_code"), pl.col("kind")
    one_length = old.str.len_bytes() == new.str.len_bytes()
    fits = old.str.contains(_CODE) & new.str.contains(_CODE) & one_length
    again = pl.struct("old_code", "new_code", "date").is_duplicated()
    several = (new.n_unique().over("old_code", "date") > 1) & (kind != "split")
    return (
        (~fits, "a code has another form", f"give {_FORMS}"),
        (~kind.is_in(KINDS), "the kind is not known", f"use one of {', '.join(KINDS)}"),
        (pl.col("day").is_null(), "the date cannot be read", "write it as 2024-01-31"),
        (pl.col("source") == "", "no source is named", "name the notice or page that says so"),
        (old == new, "a code cannot follow itself", "leave the line out: a new name alone changes no code"),
        (again, "it is given twice", "keep one of the lines"),
        (several, "one code has several new ones", "call each of the lines split"),
        (old.is_in(besides["old_code"].implode()), "the shipped table says already what became of the code",
         "take the line out, or go on from the code it became"),
    )  # fmt: skip


def _in_circles(*changes: pl.DataFrame) -> list[str]:
    """Old codes from which the changes never come to an end."""
    edges = pl.concat(part.select(at="old_code", following="new_code") for part in changes)
    here = edges.select(code="at", at="following")
    for _ in range(LONGEST_CHAIN):
        here = here.join(edges, on="at").select("code", at="following").unique()
    return here["code"].unique().sort().to_list()


def _refuse(broken: pl.DataFrame, path: Path, why: str, todo: str) -> None:
    if broken.height:
        raise _wrong(f"{path} line {', '.join(map(str, broken['line'].head(5)))}", why, todo)


def _wrong(where: str, why: str, todo: str) -> ZhaorenError:
    return ZhaorenError("The table of changes has a wrong line", where, why, todo)
