"""`zhaoren evaluate --frame`: the options of the door for outside data, and how its tables are printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.terminal.console import (
    columns,
    explained_errors,
    heading,
    line,
    paragraph,
    print_json,
    progress_bar,
)

if TYPE_CHECKING:
    from models.outside.report import FrameReport

# Lengths of a short list, unless others are asked for.
CAPACITIES = "1%,5%,10%"

FrameOption = Annotated[
    Path | None, typer.Option("--frame", help="Judge on this labelled parquet or CSV file instead of a home.")
]
LabelOption = Annotated[str, typer.Option("--label", help="Its column with the answer.")]
EntityOption = Annotated[str, typer.Option("--entity", help="Its column that says whose row it is.")]
TimeOption = Annotated[
    str, typer.Option("--time", help="Date or wave: learn from earlier, test on later rows.")
]
GroupOption = Annotated[
    list[str] | None, typer.Option("--group", help="Compare by this column (repeatable); it is no feature.")
]
UseGroupsOption = Annotated[bool, typer.Option("--use-groups", help="Let the groups be features as well.")]
WeightOption = Annotated[str, typer.Option("--weight", help="How many each row stands for.")]
HouseholdOption = Annotated[
    str, typer.Option("--household", help="Roll persons up to one row for each value of this column.")
]
MulticlassOption = Annotated[
    bool, typer.Option("--multiclass", help="The label has several classes: one against the rest.")
]
PositiveOption = Annotated[str, typer.Option("--positive", help="The label's value that is to be found.")]
CategoryOption = Annotated[
    list[str] | None, typer.Option("--category", help="A number column that holds codes (repeatable).")
]
WithoutOption = Annotated[
    list[str] | None, typer.Option("--without", help="A column not to be used (repeatable).")
]
CapacityOption = Annotated[str, typer.Option("--capacity", help="Lengths of the list: shares or lines.")]
TestOption = Annotated[Path | None, typer.Option("--test", help="Test on this file instead of on splits.")]
ScoreOption = Annotated[
    str, typer.Option("--score", help="Judge this column, somebody's score; nothing is learned.")
]
FlagFromOption = Annotated[
    float | None, typer.Option("--flag-from", help="With --score: listed is who has at least this.")
]
SplitsOption = Annotated[
    int | None, typer.Option("--splits", help="Folds (default 5), or times tested (default 3).")
]
GapOption = Annotated[
    float | None,
    typer.Option("--gap", help="Days (or waves) left out before a tested time; default one step."),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Of every draw.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Write the tables into this folder.")]

_RANKED = (
    "class",
    "ranking",
    "row_cnt",
    "found_cnt",
    "auc",
    "average_precision",
    "brier",
    "slope",
    "intercept",
)
_LISTED = (
    *("class", "ranking", "capacity", "listed_rows", "precision", "precision_low", "precision_high"),
    *("recall", "recall_low", "recall_high", "lift"),
)
_GROUPED = (
    *("class", "capacity", "group", "value", "row_cnt", "selection_rate", "recall", "false_positive_rate"),
    *("false_negative_rate", "precision", "score_excess", "withheld"),
)


@dataclass(frozen=True)
class RolesAsked:
    """The roles of the columns as typed (see `models.outside.roles.Roles`)."""

    label: str = ""
    entity: str = ""
    positive: str = ""
    time: str = ""
    groups: list[str] | None = None
    use_groups: bool = False
    weight: str = ""
    household: str = ""
    multiclass: bool = False
    categories: list[str] | None = None
    without: list[str] | None = None
    score: str = ""


@dataclass(frozen=True)
class FrameAsked:
    """The frame and everything else as typed."""

    frame: Path | None = None
    roles: RolesAsked = field(default_factory=RolesAsked)
    capacity: str = CAPACITIES
    test: Path | None = None
    flag_from: float | None = None
    splits: int | None = None
    gap: float | None = None
    seed: int = 0
    out: Path | None = None


def show_frame(asked: FrameAsked, as_json: bool) -> None:
    """Learn and judge on the frame, write the tables where wished, and print them."""
    # polars, scikit-learn: seconds that no other command waits for
    from flows.evaluation.outside_frames import evaluate_outside, wish_of, write_tables

    with explained_errors(as_json):
        wish = wish_of(asked.roles.__dict__, asked.__dict__)
        with progress_bar(quiet=as_json) as progress:
            found = evaluate_outside(wish, progress)
        written = [] if asked.out is None else write_tables(found, asked.out)
    if as_json:
        print_json(_plain(found) | {"written": [str(path) for path in written]})
        return
    _say(found)
    for path in written:
        line(f"written: {path}")


def _say(found: FrameReport) -> None:
    facts = found.facts
    named = zip(facts["classes"], facts["class_cnts"], strict=True)
    answers = ", ".join(f"{name} {count:,}" for name, count in named)
    answers += " (to be found)" if len(facts["classes"]) == 2 else ""
    line(
        f"{facts['row_cnt']:,} rows of {facts['entity_cnt']:,} entities, {facts['feature_cnt']} features "
        f"({facts['category_cnt']} of them categories); answers: {answers}"
    )
    for column, why in found.left_out.rows():
        paragraph(f"not a feature: {column} {why}", indent=2)
    for note in facts["notes"]:
        paragraph(f"note: {note}", indent=2)
    several = len(facts["classes"]) > 2
    _table("How well the answers are told apart, over all splits", found.rankings, _RANKED, several)
    if several:
        _table("Means of the classes", found.macro, tuple(found.macro.columns), True)
    _table("What a short list finds (95 % intervals)", found.capacities, _LISTED, several)
    if not found.groups.is_empty():
        _table(
            f"Groups, {'the score' if 'splits' not in facts else 'boosting'}", found.groups, _GROUPED, several
        )

    for breach in facts["breaches"]:
        paragraph(f"clearly worse served: {breach}", indent=2)


def _table(title: str, frame: Any, names: tuple[str, ...], several: bool) -> None:
    import polars as pl

    shown = frame.filter(pl.col("split") == "all") if "split" in frame.columns else frame
    kept = [c for c in names if several or c != "class"]
    heading(title)
    heads = [c.removesuffix("_cnt").replace("_", " ") for c in kept]
    columns(heads, [tuple(_cell(v) for v in row) for row in shown.select(kept).rows()])


def _cell(value: object) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) > 1 else f"{value:.4f}"
    return value


def _plain(found: FrameReport) -> dict[str, Any]:
    tables = ("rankings", "capacities", "groups", "macro", "left_out")
    return found.facts | {name: getattr(found, name).to_dicts() for name in tables}
