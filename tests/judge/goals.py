"""The goals of whom to visit first, each worked out from what `zhaoren evaluate` measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

DELIVERED, POINTS, TONGLING, MODEL = "as_delivered", "rule_points", "tongling", "model"
SENT = "sent"


@dataclass(frozen=True)
class Goal:
    """A goal, its figure as text, and whether it is met; None: it is a figure to report, or not estimable."""

    what: str
    figure: str
    goal: str = "-"
    met: bool | None = None


def goals(at_lines: pl.DataFrame, early: pl.DataFrame, asked: Mapping[str, Any]) -> Iterator[Goal]:
    """Every goal, in the order in which they are asked.

    at_lines, early: of flows.evaluation.curves.Curves. asked: the row "all" of asked_incomes.
    """
    for target in ("in_hardship", "needs"):
        yield from _precision(at_lines.filter(lines=SENT, target=target), target)
    for target in ("is_hidden", "is_silent"):
        for ranking in (DELIVERED, POINTS):
            yield Goal(f"recall of {target}, {ranking}", _recalls(at_lines, target, ranking))
    for row in early.filter(pl.col("ranking").is_in([DELIVERED, POINTS])).to_dicts():
        days = row["days_before_asking"]
        yield Goal(
            f"hardships first listed within 90 days, {row['ranking']}",
            f"{row['found_share']:.3f} of {row['spell_cnt']}, "
            + ("nobody asked before" if days is None else f"median {days:.0f} days before the family asks"),
        )
    yield from _yuan(at_lines.filter(lines=SENT, target="misses"))
    yield Goal(
        "低保 of families with an unknown income",
        f"{asked['listed_gap_cnt']} of {asked['gap_cnt']} listed ({_share(asked['recall'])}); of the asked "
        f"{_share(asked['asked_precision'])} truly miss it, at random {_share(asked['at_random'])}",
    )


def _precision(rows: pl.DataFrame, target: str) -> Iterator[Goal]:
    found = dict(rows.select("ranking", "precision").rows())
    for name, share in found.items():
        yield Goal(f"share {target}, {name}", f"{share:.3f}")
    best = max(share for name, share in found.items() if name != DELIVERED)
    for other, times in ((POINTS, 1.5), (TONGLING, 3.0)):
        for name in (DELIVERED, MODEL):
            if name in found and found[other]:
                ratio = found[name] / found[other]
                yield Goal(f"{target}: {name} / {other}", f"{ratio:.2f}", f">= {times}", ratio >= times)
    short = best - found[DELIVERED]
    yield Goal(f"{target}: best ranking - delivered list", f"{short:.3f}", "<= 0.02", short <= 0.02)


def _recalls(at_lines: pl.DataFrame, target: str, ranking: str) -> str:
    rows = at_lines.filter(target=target, ranking=ranking).select("lines", "recall").rows()
    return ", ".join(f"{lines}: {recall:.3f}" for lines, recall in rows)


def _yuan(rows: pl.DataFrame) -> Iterator[Goal]:
    found = dict(rows.select("ranking", pl.col("yuan_month").cast(pl.Float64)).rows())
    for name, yuan in found.items():
        yield Goal(f"yuan a month truly missing at the listed, {name}", f"{yuan:,.0f}")
    if found.get(POINTS):
        ratio = found[DELIVERED] / found[POINTS]
        yield Goal("yuan: delivered list / rule points", f"{ratio:.2f}", ">= 2", ratio >= 2)


def _share(value: float | None) -> str:
    return "not estimable" if value is None else f"{value:.3f}"


def page(seed: int, made: str, found: list[Goal]) -> str:
    """One province as a page of Markdown."""
    says = {True: "met", False: "missed", None: ""}
    lines = [f"## Seed {seed}: {made}", "", "| what | figure | goal | |", "|---|---|---|---|"]
    lines += [f"| {one.what} | {one.figure} | {one.goal} | {says[one.met]} |" for one in found]
    return "\n".join([*lines, ""])
