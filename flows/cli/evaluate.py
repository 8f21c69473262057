"""The command evaluate: rankings, linkage or benefits found, against the truth of a made-up province.

With --frame it judges on any labelled frame instead (flows/cli/evaluate_frame.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import evaluate_frame as door
from flows.cli.evaluation.curves import show_curves
from flows.cli.evaluation.missed import show_missed
from flows.cli.terminal.console import explained_errors, out, print_json, progress_bar, table
from flows.cli.terminal.options import AsOfOption, HomeOption, JsonOption, optional_date
from flows.context.home import Home, existing_home

if TYPE_CHECKING:
    import polars as pl

# What the linkage is to reach, shown beside what it reached.
GOALS = {"precision": 0.999, "recall": 0.98}
UNNUMBERED_GOALS = {"precision": 0.99, "recall": 0.85}
INDEX_GOAL = 0.97
# Of the benefits we say a family is missing, so many must truly be missing.
PRECISION_GOAL = 0.95


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(evaluate)


def evaluate(
    *,
    home: HomeOption = None,
    truth: Annotated[
        Path | None, typer.Option(help="truth/ of a made-up province; default the demo's.")
    ] = None,
    linkage: Annotated[
        bool,
        typer.Option("--linkage", help="Measure identity resolution instead: persons, households."),
    ] = False,
    entitlements: Annotated[
        bool, typer.Option("--entitlements", help="Measure the missing benefits found instead.")
    ] = False,
    missed: Annotated[
        bool,
        typer.Option("--missed", help="Estimate what the lists miss instead, from lines drawn at random."),
    ] = False,
    curves: Annotated[
        bool,
        typer.Option("--curves", help="Rankings on the delivered list's ground, and at 12 to 96 lines."),
    ] = False,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    frame: door.FrameOption = None,
    label: door.LabelOption = "",
    entity: door.EntityOption = "",
    positive: door.PositiveOption = "",
    time: door.TimeOption = "",
    group: door.GroupOption = None,
    use_groups: door.UseGroupsOption = False,
    weight: door.WeightOption = "",
    household: door.HouseholdOption = "",
    multiclass: door.MulticlassOption = False,
    category: door.CategoryOption = None,
    without: door.WithoutOption = None,
    capacity: door.CapacityOption = door.CAPACITIES,
    test: door.TestOption = None,
    score: door.ScoreOption = "",
    flag_from: door.FlagFromOption = None,
    splits: door.SplitsOption = None,
    gap: door.GapOption = None,
    seed: door.SeedOption = 0,
    out: door.OutOption = None,
) -> None:
    """Compare the rankings at the stations' capacity with the truth of a made-up province.

    With --frame, learn and judge on any labelled table instead: docs/outside-data.md.
    """
    roles = door.RolesAsked(
        label=label,
        entity=entity,
        positive=positive,
        time=time,
        groups=group,
        use_groups=use_groups,
        weight=weight,
        household=household,
        multiclass=multiclass,
        categories=category,
        without=without,
        score=score,
    )
    asked = door.FrameAsked(
        roles=roles,
        frame=frame,
        capacity=capacity,
        test=test,
        flag_from=flag_from,
        splits=splits,
        gap=gap,
        seed=seed,
        out=out,
    )
    if asked != door.FrameAsked():
        door.show_frame(asked, as_json)
        return
    ways = {show_missed: missed, show_curves: curves, show_linkage: linkage, show_entitlements: entitlements}
    show = next((way for way, is_asked in ways.items() if is_asked), show_rankings)
    with explained_errors(as_json):
        place = existing_home(home)
        optional_date(as_of)  # a mistyped date is told also where every date is measured
    show(place, truth or place.root / "province" / "truth", as_of, as_json)


def show_rankings(home: Home, truth: Path, as_of: str | None, as_json: bool) -> None:
    """Measure every ranking of every date against the truth and print them; `as_of` chooses nothing here."""
    from flows.context.site import open_site
    from flows.evaluation.evaluate import evaluate_home
    from flows.evaluation.truth import read_truth

    with explained_errors(as_json, home), progress_bar(quiet=as_json) as progress:
        known = read_truth(truth)
        with open_site(home, progress) as site:
            found = evaluate_home(site, known)
    if as_json:
        print_json(found.to_dicts())
        return
    columns = [
        "ranking",
        "as_of",
        "listed_cnt",
        "hit_cnt",
        "share_in_hardship",
        "share_low",
        "share_high",
        "lift",
        "recall",
    ]
    rows = [tuple(_short(v) for v in row) for row in found.select(columns).rows()]
    table("Share of listed households in true hardship, at the stations' capacity", columns, rows)


def _short(value: object) -> object:
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def show_linkage(home: Home, truth: Path, as_of: str | None, as_json: bool) -> None:
    """Measure the home's linkage against the truth and print it, goals beside figures."""
    from flows.context.site import open_site
    from flows.evaluation.evaluate_linkage import evaluate_linkage
    from flows.evaluation.truth import read_identity_truth

    with explained_errors(as_json, home), progress_bar(quiet=as_json) as progress:
        known = read_identity_truth(truth)
        with open_site(home, progress) as site:
            found = evaluate_linkage(site, known, optional_date(as_of))
    if as_json:
        print_json(_plain(found.__dict__))
        return
    out.print(f"As of {found.as_of}: {found.row_cnt:,} rows", highlight=False)
    rows = [(name, _share(found.pairs[name]), GOALS[name]) for name in GOALS]
    table("pairs of rows that are one person", ["", "figure", "goal"], rows)
    columns = ["group", "of", "row_cnt", "joined_cnt", "right_cnt", "precision", "recall"]
    heads = ["by", "of", "rows", "joined", "right", "precision", "recall"]  # short: eighty columns must do
    table("rows joined to a person with a number", heads, _lines(found.rows, columns))
    goals = ", ".join(f"{name} {goal}" for name, goal in UNNUMBERED_GOALS.items())
    table(f"rows without a usable number (goals: {goals})", heads, _lines(found.unnumbered, columns))
    kinds = [(kind, people, _share(index), INDEX_GOAL) for kind, people, index in found.households.rows()]
    table("households", ["kind", "persons", "adjusted Rand index", "goal"], kinds)


def _lines(frame: pl.DataFrame, columns: list[str]) -> list[tuple[Any, ...]]:
    return [(*row[:-2], _share(row[-2]), _share(row[-1])) for row in frame.select(columns).rows()]


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4f}"


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    import polars as pl

    return {k: v.to_dicts() if isinstance(v, pl.DataFrame) else v for k, v in found.items()}


def show_entitlements(home: Home, truth: Path, as_of: str | None, as_json: bool) -> None:
    """Measure the benefits found against the truth and print them, the goal beside the figure."""
    from flows.context.site import open_site
    from flows.evaluation.evaluate_entitlements import evaluate_entitlements
    from flows.evaluation.truth import read_truth

    with explained_errors(as_json, home), progress_bar(quiet=as_json) as progress:
        known = read_truth(truth)
        with open_site(home, progress) as site:
            found = evaluate_entitlements(site, known, optional_date(as_of))
    if as_json:
        asked = found.asked.to_dicts()
        print_json({"as_of": found.as_of, "benefits": found.benefits.to_dicts(), "asked": asked})
        return
    columns = [
        "benefit_id",
        "claimed_cnt",
        "right_cnt",
        "precision",
        "gap_cnt",
        "unknown_cnt",
        "no_cnt",
        "recall",
    ]
    heads = ["benefit", "claimed", "right", "precision", "truly missing", "unknown", "no", "recall"]
    rows = [tuple(_cell(row[c]) for c in columns) for row in found.benefits.to_dicts()]
    table(f"benefits missing on {found.as_of} (precision goal {PRECISION_GOAL})", heads, rows)
    out.print(
        "claimed: yes or likely where all facts are known, and not received. unknown: a fact is missing, "
        "and it is named; no: answered no, or thought to be received.",
        highlight=False,
    )
    _show_asked(found.asked)


def _show_asked(asked: pl.DataFrame) -> None:
    heads = ["list", "missing", "random", "listed", "right", "asked", "right", "recall"]
    columns = (
        *("as_of", "gap_cnt", "at_random", "listed_cnt", "precision"),
        *("asked_cnt", "asked_precision", "recall"),
    )
    rows = [tuple(_cell(row[c]) for c in columns) for row in asked.to_dicts()]
    table("families whose income is unknown, and 低保", heads, rows)
    out.print(
        "missing: truly entitled to 低保 and without it; random: their share of all. listed: for whatever "
        "reason; asked: with the question about the income (E02); right: the share that truly misses it. "
        "all: different families over all lists.",
        highlight=False,
    )


def _cell(value: object) -> object:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else value
