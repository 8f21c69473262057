"""`zhaoren evaluate --missed`: what the lists find and miss, from the lines drawn at random."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from flows.cli.terminal.console import explained_errors, out, print_json, progress_bar, table
from flows.cli.terminal.options import optional_date
from flows.context.home import Home

# Why no recall is told (models/evaluation/random_estimates.py), in words.
WHY = {
    "no_random": "没有随机户",
    "few_random": "随机户答复太少",
    "few_certain": "名单户答复太少",
    "few_need": "随机户中查到的太少",
    "few_answers": "多数户没有答复",
}
NOT_TOLD = "无法估计"
HEADS = ["list", "sure", "random", "found", "answered", "yield", "recall", "95 %", "naive"]


def show_missed(home: Home, truth: Path, as_of: str | None, as_json: bool) -> None:
    """Print the estimates as known by a date (today by default); `truth` is not asked."""
    from flows.context.site import open_site
    from flows.reports.missed import missed_by_lists

    with explained_errors(as_json, home), progress_bar(quiet=as_json) as progress:
        day = optional_date(as_of)
        with open_site(home, progress) as site:
            found = missed_by_lists(site, day or _known(site.now().date()))
    if as_json:
        print_json(found.to_dicts())
        return
    rows = found.to_dicts()
    table("Need that the lists hold, from lines drawn at random", HEADS, [_line(row) for row in rows])
    why = "；".join(f"{row['as_of']} {WHY[row['reason']]}" for row in rows if row["reason"])
    out.print(
        "sure: answered lines by their order; random: answered lines drawn at random; found: in need. "
        "recall: of all need, the part on the lists by their order. naive: every random line counted alike."
        + (f"\n{NOT_TOLD}：{why}" if why else ""),
        highlight=False,
    )


def _known(today: date) -> date:
    # a made-up province may lie ahead of the clock: everything that came back counts
    return max(today, date(today.year + 1, 1, 1))


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    reason = row["reason"]
    recall = NOT_TOLD if reason else _share(row["recall_share"])
    span = "" if row["recall_low"] is None else f"{_share(row['recall_low'])}–{_share(row['recall_high'])}"
    counts = (row["certain_answered_cnt"], row["random_answered_cnt"], row["random_need_cnt"])
    shares = (_share(row["answered_share"]), _share(row["yield_share"]))
    return (row["as_of"], *counts, *shares, recall, span, _share(row["recall_naive"]))


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
