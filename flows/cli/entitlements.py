"""What `zhaoren evaluate --entitlements` shows."""

from __future__ import annotations

from pathlib import Path

from flows.cli.console import explained_errors, out, print_json, progress_bar, table
from flows.cli.options import as_date
from flows.context.home import Home

# Of the benefits we say a family is missing, so many must truly be missing.
PRECISION_GOAL = 0.95


def show_entitlements(home: Home, truth: Path, as_of: str | None, as_json: bool) -> None:
    """Measure the benefits found against the truth and print them, the goal beside the figure."""
    from flows.context.site import open_site
    from flows.evaluation.evaluate_entitlements import evaluate_entitlements
    from flows.evaluation.truth import read_truth

    with explained_errors(as_json), progress_bar(quiet=as_json) as progress:
        known = read_truth(truth)
        with open_site(home, progress) as site:
            found = evaluate_entitlements(site, known, as_date(as_of) if as_of else None)
    if as_json:
        print_json({"as_of": found.as_of, "benefits": found.benefits.to_dicts()})
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


def _cell(value: object) -> object:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else value
