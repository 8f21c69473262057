"""What each signal finds: of the lines that were visited for it, how many were in need, and does that fade.

    judged(lines, told, facts, rules) -> SignalYields

A line has several signals as a rule, and need that is found there may be another's; so a signal is judged
where it stood alone. It *finds nothing* when even the upper limit there lies below the bar, and it is not
clearly above lines drawn at random. The bar is a stated share of the yield of all lines, or the lower limit
of random lines where that is more. A blind signal finds what random lines find, not clearly less: to ask for
less than random would name none, and to ask for little alone would name the sign of a rare need. With too
few random lines the share alone decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from models.evaluation.intervals import effective_size, wilson
from models.features.frame_checks import need_columns
from models.ranking.signal_decay import half_life

FINDS, FINDS_NOTHING = "finds", "finds_nothing"
UNDECIDED, NOT_ESTIMABLE = "undecided", "not_estimable"
# Lines on which a verdict rests: where the signal stood alone, or, too few of these, all of its lines.
ALONE, ALL = "alone", "all"
HALF_LIFE, NO_DECAY, NO_DATE = "half_life", "no_decay_seen", "no_date"
# Bands of mart.alert in which a line was drawn; `kept` lines were drawn in one of them on a list before.
_DRAWN = ("edge", "sign", "likely", "quiet")

YIELDS = pl.Schema(
    {
        "signal_id": pl.String,
        "verdict": pl.String,
        "judged_on": pl.String,
        "visited_cnt": pl.Int64,
        "verified_cnt": pl.Int64,
        "yield_share": pl.Float64,
        "yield_low": pl.Float64,
        "yield_high": pl.Float64,
        "alone_cnt": pl.Int64,
        "alone_verified_cnt": pl.Int64,
        "alone_share": pl.Float64,
        "alone_low": pl.Float64,
        "alone_high": pl.Float64,
        "decay": pl.String,
        "decay_cnt": pl.Int64,
        "half_life_days": pl.Float64,
        "half_life_low": pl.Float64,
        "half_life_high": pl.Float64,
    }
)


@dataclass(frozen=True)
class SignalRules:
    """How many visits must be behind a word about a signal, and which part of the lists' yield is little."""

    signal_least_cnt: int
    decay_least_cnt: int
    signal_base_share: float


@dataclass(frozen=True)
class Seen:
    """Of visited lines: how many, how many found need, the share (weighted where drawn) and its interval."""

    cnt: int
    verified_cnt: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class SignalYields:
    """all_lines; random_lines: what a household finds that the order would not list; signals: YIELDS."""

    all_lines: Seen
    random_lines: Seen
    signals: pl.DataFrame


def judged(lines: pl.DataFrame, told: pl.DataFrame, facts: pl.DataFrame, rules: SignalRules) -> SignalYields:
    """Every signal that stood on a visited line.

    lines   listed lines of need: as_of, alert_id, household_id, signal_ids (joined by commas), draw_band,
            draw_chance, visited or not
    told    what visits found, one row per line (labels.known_labels): alert_id, found_date, label
    facts   as_of, household_id, signal_id, fact_date: the newest day that a dated signal speaks of

    Several visits of one household are worth one answer in the intervals.
    """
    need_columns(
        lines, ("as_of", "alert_id", "household_id", "signal_ids", "draw_band", "draw_chance"), "lines"
    )
    need_columns(told, ("alert_id", "found_date", "label"), "told")
    need_columns(facts, ("as_of", "household_id", "signal_id", "fact_date"), "facts")
    visited = _with_chance(lines).join(told.select("alert_id", "found_date", "label"), on="alert_id")
    visited = visited.with_columns(signal_id=pl.col("signal_ids").str.split(",")).sort("alert_id")
    whole, drawn = _seen(visited), _seen(visited.drop_nulls("_chance"), weighted=True)
    single = pl.col("signal_id").list.len() == 1
    each = visited.with_columns(is_alone=single).explode("signal_id").filter(pl.col("signal_id") != "")
    dated = _first_after(each.join(facts, on=["as_of", "household_id", "signal_id"]))
    rows = [
        {"signal_id": signal, **_yield(of_signal, whole, drawn, rules), **decay}
        for signal, of_signal, decay in _by_signal(each, dated, rules.decay_least_cnt)
    ]
    return SignalYields(whole, drawn, pl.DataFrame(rows, schema=YIELDS).sort("signal_id"))


def _with_chance(lines: pl.DataFrame) -> pl.DataFrame:
    """_chance: with which the line was drawn, a kept one on the list on which it was; none where by order."""
    chance = pl.when(pl.col("draw_band").is_in(_DRAWN) & (pl.col("draw_chance") > 0)).then("draw_chance")
    last = chance.forward_fill().over("household_id", order_by="as_of")
    is_random = pl.col("draw_band").is_in([*_DRAWN, "kept"])
    return lines.with_columns(_chance=pl.when(is_random).then(last))


def _seen(visited: pl.DataFrame, weighted: bool = False) -> Seen:
    """weighted: each line stands for as many as its chance says, one over it."""
    label = visited["label"].cast(pl.Float64).to_numpy()
    weight = 1 / visited["_chance"].to_numpy() if weighted else np.ones(label.size)
    if not label.size:
        return Seen(0, 0, None, None, None)
    share = float((weight * label).sum() / weight.sum())
    entity = visited["household_id"].rank("dense").to_numpy() - 1
    low, high = wilson(share, effective_size(weight, entity))
    return Seen(label.size, int(label.sum()), share, low, high)


def _by_signal(
    each: pl.DataFrame, dated: pl.DataFrame, least: int
) -> Iterator[tuple[str, pl.DataFrame, dict[str, Any]]]:
    ages = dated.partition_by("signal_id", as_dict=True)
    for (signal,), of_signal in each.partition_by("signal_id", as_dict=True).items():
        yield signal, of_signal, _decay(ages.get((signal,)), least)


def _yield(of_signal: pl.DataFrame, whole: Seen, drawn: Seen, rules: SignalRules) -> dict[str, Any]:
    seen, alone = _seen(of_signal), _seen(of_signal.filter("is_alone"))
    verdict, judged_on = _verdict(seen, alone, whole, drawn, rules=rules)
    return {
        "verdict": verdict,
        "judged_on": judged_on,
        "visited_cnt": seen.cnt,
        "verified_cnt": seen.verified_cnt,
        "yield_share": seen.share,
        "yield_low": seen.low,
        "yield_high": seen.high,
        "alone_cnt": alone.cnt,
        "alone_verified_cnt": alone.verified_cnt,
        "alone_share": alone.share,
        "alone_low": alone.low,
        "alone_high": alone.high,
    }


def _verdict(
    seen: Seen, alone: Seen, whole: Seen, drawn: Seen, *, rules: SignalRules
) -> tuple[str, str | None]:
    """The verdict, and on which lines it rests."""
    least = rules.signal_least_cnt
    by_itself = alone.cnt >= least
    # Lines on which others stand beside it find more, not less: if even they find nothing, neither does it.
    shown = alone if by_itself else seen
    if shown.cnt < least or shown.low is None or shown.high is None or whole.share is None:
        return NOT_ESTIMABLE, None
    bar, is_above = rules.signal_base_share * whole.share, False
    if drawn.cnt >= least and drawn.low is not None:
        bar, is_above = max(bar, drawn.low), _clearly_above(shown, drawn)
    if shown.high < bar and not is_above:
        return FINDS_NOTHING, ALONE if by_itself else ALL
    if not by_itself:
        return NOT_ESTIMABLE, None
    return FINDS if is_above or shown.low >= bar else UNDECIDED, ALONE


def _clearly_above(one: Seen, other: Seen) -> bool:
    """Newcombe's 95 % interval of a difference of two shares (Stat. Med. 17, 1998, method 10) is above 0."""
    if one.share is None or one.low is None or other.share is None or other.high is None:
        return False
    gap = one.share - other.share
    return gap > float(np.hypot(one.share - one.low, other.high - other.share))


def _first_after(dated: pl.DataFrame) -> pl.DataFrame:
    """With `days` since the fact, of the first visit of a household after it only.

    Who was helped then is in need no more: a second visit would show the help's worth as the sign's decay.
    """
    days = (pl.col("found_date") - pl.col("fact_date")).dt.total_days()
    return (
        dated.with_columns(days=days)
        .filter(pl.col("days") >= 0)
        .sort("signal_id", "household_id", "fact_date", "found_date", "alert_id")
        .unique(["signal_id", "household_id", "fact_date"], keep="first", maintain_order=True)
    )


def _decay(dated: pl.DataFrame | None, least: int) -> dict[str, Any]:
    if dated is None:
        return {"decay": NO_DATE, "decay_cnt": 0}
    fitted = None
    if dated.height >= least:
        fitted = half_life(dated["days"].to_numpy(), dated["label"].to_numpy())
    if fitted is None:
        return {"decay": NOT_ESTIMABLE, "decay_cnt": dated.height}
    return {
        "decay": NO_DECAY if fitted.half_life_days is None else HALF_LIFE,
        "decay_cnt": dated.height,
        "half_life_days": fitted.half_life_days,
        "half_life_low": fitted.low,
        "half_life_high": fitted.high,
    }
