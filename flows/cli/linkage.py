"""What `zhaoren evaluate --linkage` shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from flows.cli.console import explained_errors, out, print_json, progress_bar, table
from flows.cli.options import as_date
from flows.context.home import Home

# What the linkage was asked to reach; shown beside what was reached.
GOALS = {"precision": 0.999, "recall": 0.98}
UNNUMBERED_GOALS = {"precision": 0.99, "recall": 0.85}
INDEX_GOAL = 0.97


def show_linkage(home: Home, truth: Path, as_of: str | None, as_json: bool) -> None:
    """Measure the home's linkage against the truth and print it, goals beside figures."""
    from flows.context.site import open_site
    from flows.evaluation.evaluate_linkage import evaluate_linkage
    from flows.evaluation.truth import read_identity_truth

    with explained_errors(as_json), progress_bar(quiet=as_json) as progress:
        known = read_identity_truth(truth)
        with open_site(home, progress) as site:
            found = evaluate_linkage(site, known, as_date(as_of) if as_of else None)
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
    return {k: v.to_dicts() if isinstance(v, pl.DataFrame) else v for k, v in found.items()}
