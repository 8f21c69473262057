"""The door for outside data: read a labelled frame, learn and judge on it, write the tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from exchange.guards import write_guarded_csv
from flows.context.parameters import group_rules
from flows.context.progress import Progress
from models.outside.compare import SplitPlan
from models.outside.measures import Capacity
from models.outside.prepare import prepare
from models.outside.report import FrameReport, judge_score, learn_and_judge
from models.outside.roles import Roles, frame_error
from policies.loading import load_catalogue

_PARQUET, _CSV = (".parquet", ".pq"), (".csv", ".tsv", ".txt", ".gz", ".zst")
_MOST_FEW = 0  # nothing fits into a list of no lines


@dataclass(frozen=True)
class FrameWish:
    """What a user asked of a frame: files, roles of the columns, splits, lists."""

    frame: Path
    roles: Roles
    plan: SplitPlan
    capacities: tuple[Capacity, ...]
    test: Path | None = None
    flag_from: float | None = None


def evaluate_outside(wish: FrameWish, progress: Progress) -> FrameReport:
    """Read, learn and judge. Raises ZhaorenError (codes frame_* and those of the learners)."""
    progress("reading")
    frame = read_frame(wish.frame)
    test = None if wish.test is None else read_frame(wish.test)
    ready = prepare(frame, wish.roles, test)
    owed = group_rules(load_catalogue(), datetime.now(tz=UTC).date())
    if wish.roles.score:
        return judge_score(ready, list(wish.capacities), wish.flag_from, owed)
    return learn_and_judge(ready, wish.plan, list(wish.capacities), owed, progress)


def read_frame(path: Path) -> pl.DataFrame:
    """A parquet file, or a CSV file (also .tsv and .gz) whose cells all stay what they are written as.

    Raises ZhaorenError for a file that is not there, of another kind, or that cannot be read.
    """
    if not path.is_file():
        raise frame_error("frame_no_file", "there is no such file", "", "check the path", str(path))
    if path.suffix.lower() not in (*_PARQUET, *_CSV):
        raise frame_error(
            "frame_kind",
            f"a {path.suffix or 'nameless'} file is no frame",
            "",
            "give .parquet or .csv",
            str(path),
        )
    try:
        return pl.read_parquet(path) if path.suffix.lower() in _PARQUET else _csv(path)
    except (pl.exceptions.PolarsError, UnicodeDecodeError, ValueError) as error:
        # the engine's own words may quote cells
        raise frame_error(
            "frame_not_readable",
            "the file cannot be read as a table",
            f"{type(error).__name__}: rows of different lengths, not in UTF-8, or a damaged file",
            "open and save it again as parquet or as CSV in UTF-8 with one header row",
            str(path),
        ) from None


def _csv(path: Path) -> pl.DataFrame:
    tabs = path.name.lower().removesuffix(".gz").endswith((".tsv", ".txt"))
    return pl.read_csv(
        path,
        separator="\t" if tabs else ",",
        infer_schema_length=None,
        null_values=["", "NA", "NaN", "nan", "null", "NULL"],
        try_parse_dates=True,
    )


def capacities(text: str) -> tuple[Capacity, ...]:
    """`1%,5%,48`: shares of the frame, or numbers of lines. Raises ZhaorenError for what is neither."""
    return tuple(_capacity(part.strip()) for part in text.split(","))


def _capacity(text: str) -> Capacity:
    try:
        if text.endswith("%"):
            share = float(text.removesuffix("%")) / 100
            if 0 < share <= 1:
                return Capacity(text, share=share)
        elif int(text) > _MOST_FEW:
            return Capacity(text, rows=int(text))
    except ValueError:
        pass
    raise frame_error(
        "frame_capacity",
        f"“{text[:40]}” is no capacity",
        "a list has more than 0 % and at most 100 % of the rows, or a number of lines from 1 on",
        "write --capacity 1%,5%,10% or --capacity 48",
        "--capacity",
    )


def write_tables(found: FrameReport, folder: Path) -> list[Path]:
    """Every table that has rows, as parquet, and as CSV but for the long predictions. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in ("rankings", "capacities", "groups", "macro", "left_out", "predictions"):
        table: pl.DataFrame = getattr(found, name)
        if table.is_empty():
            continue
        written.append(folder / f"{name}.parquet")
        table.write_parquet(written[-1])
        if name != "predictions":
            written.append(folder / f"{name}.csv")
            write_guarded_csv(table, written[-1])
    return written


def wish_of(roles: Mapping[str, Any], asked: Mapping[str, Any]) -> FrameWish:
    """What was typed, by the options' names. Raises ZhaorenError for what does not fit together."""
    lists = {name: _once(value) for name, value in roles.items() if isinstance(value, list) or value is None}
    known = Roles(**{**roles, **lists})
    _refuse_options(known, asked)
    folds = 3 if known.time else 5
    count = folds if asked["splits"] is None else asked["splits"]
    return FrameWish(
        frame=asked["frame"],
        roles=known,
        plan=SplitPlan(count, asked["gap"], asked["seed"]),
        capacities=capacities(asked["capacity"]),
        test=asked["test"],
        flag_from=asked["flag_from"],
    )


def _refuse_options(roles: Roles, asked: Mapping[str, Any]) -> None:
    wrong = {
        "--frame names the file: the other options of the frame need it": asked["frame"] is None,
        "--label names the column with the answer": not roles.label,
        "--splits is a number from 2 to 50, or from 1 with --time": not _splits_fit(roles, asked["splits"]),
        "--gap is a number from 0 on, and needs --time": not _gap_fits(roles, asked["gap"]),
        "--seed is a number from 0 to 2,147,483,647": not 0 <= asked["seed"] < 2**31,
        "--flag-from is a number, and needs --score": not _flag_fits(roles, asked["flag_from"]),
        "--score learns nothing: it takes neither --multiclass, --household nor --test": bool(roles.score)
        and bool(roles.multiclass or roles.household or asked["test"]),
    }
    said = [rule for rule, broken in wrong.items() if broken]
    if said:
        raise frame_error(
            "frame_options", "the options do not fit together", "; ".join(said), "correct them", "--frame"
        )


def _splits_fit(roles: Roles, count: int | None) -> bool:
    return count is None or (1 if roles.time else 2) <= count <= 50


def _gap_fits(roles: Roles, gap: float | None) -> bool:
    return gap is None or (bool(roles.time) and math.isfinite(gap) and gap >= 0)


def _flag_fits(roles: Roles, flag_from: float | None) -> bool:
    return flag_from is None or (bool(roles.score) and math.isfinite(flag_from))


def _once(values: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values or ()))
