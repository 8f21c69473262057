"""`zhaoren evaluate --curves`: every ranking on the delivered list's ground, and at 12 to 96 lines."""

from __future__ import annotations

from pathlib import Path

from flows.cli.terminal.console import explained_errors, out, print_json, progress_bar, table
from flows.context.home import Home

HEADS = ["lines", "ranking", "listed", "found", "precision", "recall", "yuan a month"]
TITLES = {
    "in_hardship": "Truly in hardship",
    "needs": "In hardship, or entitled to what it does not get: what a visit can confirm",
    "is_hidden": "In hardship, and no benefit reaches the household",
    "is_silent": "In hardship, never helped and never asked",
    "misses": "Entitled to what it does not get",
}
_COLUMNS = ["lines", "ranking", "listed_cnt", "hit_cnt", "precision", "recall", "yuan_month"]
EARLY_HEADS = ["ranking", "began", "listed in 90 days", "share", "days before asking"]


def show_curves(home: Home, truth: Path, as_of: str | None, as_json: bool) -> None:
    """Print the tables over all list dates; `as_of` chooses nothing here."""
    from flows.context.site import open_site
    from flows.evaluation.curves import curves_of_home
    from flows.evaluation.truth import read_ranking_truth

    with explained_errors(as_json, home), progress_bar(quiet=as_json) as progress:
        known = read_ranking_truth(truth)
        with open_site(home, progress) as site:
            found = curves_of_home(site, known)
    if as_json:
        print_json({"at_lines": found.at_lines.to_dicts(), "early": found.early.to_dicts()})
        return
    for target, title in TITLES.items():
        rows = found.at_lines.filter(target=target).select(_COLUMNS).rows()
        table(title, HEADS, [tuple(map(_short, row)) for row in rows])
    early = [tuple(map(_short, row)) for row in found.early.rows()]
    table("Hardships that began while lists were made", EARLY_HEADS, early)
    out.print(
        "All choose from the households that may be listed: none that rests after a visit. sent: as many "
        "lines as each station's delivered list; else so many a station. yuan a month: truly missing at the "
        "found.",
        highlight=False,
    )


def _short(value: object) -> object:
    if not isinstance(value, float):
        return value
    return f"{value:.0f}" if value > 1 else f"{value:.3f}".rstrip("0").rstrip(".")
