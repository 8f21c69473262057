"""Whether a learned order may stand in for the rules: it must have won on every list it is judged by.

A challenger is promotable if on each of the last lists it found more than rule points at the same lines, if
over all of them it found more by at least the spread that chance gives such a difference, and if no group is
clearly served worse by it. Of several the best on the newest list is taken. Else the rules stay, and why is
kept in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from models.evaluation.group_gates import Breach

RULES = "rule_points"


@dataclass(frozen=True)
class Verdict:
    """The kind that ranks from now on, and for each challenger why it may not (empty: it may)."""

    kind: str
    reasons: Mapping[str, tuple[str, ...]]

    @property
    def promotable(self) -> bool:
        """Whether a learned order has won."""
        return self.kind != RULES


def judge(
    comparison: pl.DataFrame,
    challengers: Sequence[str],
    breaches: Mapping[str, Sequence[Breach]],
    *,
    least_lists: int,
    refused: Mapping[str, str],
) -> Verdict:
    """Choose among `challengers` (plainest first) and the rules.

    comparison: ranking, as_of (text; "all"), listed_cnt, hit_cnt of every judged list. breaches: per
    challenger the group gates it breaks. refused: challengers that were not fitted, and why.
    """
    dates = sorted(set(comparison["as_of"].to_list()) - {"all"})
    reasons: dict[str, tuple[str, ...]] = {kind: (why,) for kind, why in refused.items()}
    for kind in challengers:
        reasons[kind] = tuple(_against(comparison, kind, dates, least_lists)) + tuple(
            f"group gate: {breach}" for breach in breaches.get(kind, ())
        )
    winners = [kind for kind in challengers if not reasons[kind]]
    newest = _hits(comparison, dates[-1]) if dates else {}
    kind = max(winners, key=lambda k: (newest[k], -challengers.index(k)), default=RULES)
    return Verdict(kind, reasons)


def _against(comparison: pl.DataFrame, kind: str, dates: list[str], least_lists: int) -> list[str]:
    """Why a challenger has not beaten the rules; nothing where it has."""
    if len(dates) < least_lists:
        return [f"judged on {len(dates)} list(s), {least_lists} are needed"]
    lost = [day for day in dates if _hits(comparison, day)[kind] <= _hits(comparison, day)[RULES]]
    if lost:
        return [f"did not find more than rule points on the list(s) of {', '.join(lost)}"]
    whole = _hits(comparison, "all")
    gain, lines = whole[kind] - whole[RULES], _lines(comparison, kind)
    # Both orders choose from the same visited lines, so that at most so many lines differ; each that does
    # finds need or not. The square root of their number is the spread of the difference by luck alone.
    spread = (2 * lines * _share(whole, lines)) ** 0.5
    if gain < spread:
        return [f"found {gain:.0f} more than rule points over all lists; luck alone gives {spread:.0f}"]
    return []


def _share(hits: Mapping[str, float], lines: float) -> float:
    """p (1 - p) of the rules' yield."""
    share = hits[RULES] / lines if lines else 0.0
    return share * (1 - share)


def _hits(comparison: pl.DataFrame, as_of: str) -> dict[str, float]:
    rows = comparison.filter(pl.col("as_of") == as_of)
    return dict(rows.select("ranking", "hit_cnt").iter_rows())


def _lines(comparison: pl.DataFrame, kind: str) -> float:
    rows = comparison.filter((pl.col("as_of") == "all") & (pl.col("ranking") == kind))
    return float(rows["listed_cnt"].sum())
