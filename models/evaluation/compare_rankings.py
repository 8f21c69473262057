"""Every ranking in one table: at the same capacity, how many of the listed households were in hardship?

Random lists and the published threshold rule (Tongling) are rows of the same table as the model: a share in
hardship says nothing without what chance alone, and the plainest rule, would have reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from models.evaluation.listing import expected, listed_share, whole_fen, with_truth
from models.features.frame_checks import need_columns

RANKINGS = ("tongling", "rule_points", "nominated", "model", "as_delivered")
_COUNTS = ("listed", "known_listed", "hit", "silent_hit", "gap_fen")
_BASES = ("candidate", "known", "hardship", "silent", "base_gap_fen")


@dataclass(frozen=True)
class _Towns:
    """Counts per date and town (rows) for one ranking; towns are what the bootstrap draws."""

    frame: pl.DataFrame
    ranking: str

    def at(self, dates: list[date]) -> _Towns:
        return _Towns(self.frame.filter(pl.col("as_of").is_in(dates)), self.ranking)


def evaluate_rankings(
    candidates: pl.DataFrame,
    truth: pl.DataFrame,
    capacity: int | pl.DataFrame,
    rankings: Sequence[str] | None = None,
    *,
    seed: int = 0,
    draws: int = 1000,
) -> pl.DataFrame:
    """Compare rankings on what was true. One row per ranking and as_of, and one for "all" dates together.

    candidates  as_of, household_id, town_code, one column per ranking (a number: higher first, null never
                listed; Boolean: the list as it was), optionally gap_yuan_month; one row per household, date
    truth       household_id, as_of, in_hardship, is_silent, optionally gap_yuan_month (then it is used)
    capacity    lines per station and date: a number, or a frame town_code, line_cnt (with as_of if it varies)
    rankings    default: those of RANKINGS that candidates holds; `random` is always added

    Columns: ranking, as_of (text), town_cnt, candidate_cnt, listed_cnt, unknown_cnt (listed, truth unknown),
    hit_cnt, share_in_hardship (of listed with known truth), share_low, share_high (95 %), lift (share over
    random's), recall (of all in hardship), silent_hit_cnt, silent_recall, gap_found_yuan_month (gap of hits).
    A ranking has rows for the dates it knew of (a model has none before it was trained), and its "all" and
    the lift there are over just these dates, as its candidate_cnt shows.
    The interval comes from redrawing towns with a fixed seed (null with fewer than two towns); for `random`,
    whose counts are exact expectations, from `draws` random lists. A share of nothing is null.
    """
    names = [r for r in RANKINGS if r in candidates.columns] if rankings is None else list(rankings)
    need_columns(candidates, names, "candidates")
    frame = with_truth(candidates, truth, capacity, seed)
    tables = [_random_towns(frame), *(_ranked_towns(frame, name) for name in names)]
    rows = []
    for towns in tables:
        dates = _dates_known(frame, towns.ranking)
        for label, chosen in [("all", dates), *((d.isoformat(), [d]) for d in dates)]:
            # chance over just the dates of this ranking: later lists may be easier or harder
            blind = _share_of(tables[0].at(chosen))
            row = _measure(towns.at(chosen), seed, draws)
            rows.append({"ranking": towns.ranking, "as_of": label, "_blind": blind, **row})
    return _finish(pl.DataFrame(rows, infer_schema_length=None), names)


def _dates_known(frame: pl.DataFrame, ranking: str) -> list[date]:
    """The dates on which a ranking has any value; every date for `random`, or when it never has one."""
    dates = frame["as_of"].unique().sort().to_list()
    if ranking == "random":
        return dates
    return frame.filter(pl.col(ranking).is_not_null())["as_of"].unique().sort().to_list() or dates


def _share_of(towns: _Towns) -> float | None:
    return _share(float(towns.frame["hit"].sum()), float(towns.frame["known_listed"].sum()))


def _per_town(frame: pl.DataFrame) -> pl.DataFrame:
    hardship = pl.col("in_hardship")
    silent = hardship & pl.col("is_silent")
    return frame.group_by("as_of", "town_code").agg(
        candidate=pl.len().cast(pl.Int64),
        known=hardship.is_not_null().sum().cast(pl.Int64),
        hardship=hardship.sum().cast(pl.Int64),
        silent=silent.sum().cast(pl.Int64),
        base_gap_fen=_fen(hardship),
        lines=pl.col("line_cnt").first(),
    )


def _fen(where: pl.Expr) -> pl.Expr:
    gap = whole_fen("gap_yuan_month").filter(where)
    return pl.when(gap.is_not_null().any()).then(gap.sum())


def _ranked_towns(frame: pl.DataFrame, ranking: str) -> _Towns:
    listed = frame.with_columns(_chance=listed_share(frame, ranking)).filter(pl.col("_chance") > 0)
    hit = pl.col("in_hardship")
    counts = listed.group_by("as_of", "town_code").agg(
        # the places are whole, whoever of the equals gets them
        listed=expected(pl.lit(1)).round().cast(pl.Int64),
        known_listed=expected(hit.is_not_null()),
        hit=expected(hit),
        silent_hit=expected(hit & pl.col("is_silent")),
        gap_fen=expected(pl.when(hit).then(whole_fen("gap_yuan_month"))),
    )
    towns = _per_town(frame).join(counts, on=["as_of", "town_code"], how="left", nulls_equal=True)
    zero = pl.col(_COUNTS[:4]).fill_null(0)
    no_gap = pl.when(pl.col("base_gap_fen").is_not_null()).then(pl.col("gap_fen").fill_null(0))
    return _Towns(towns.with_columns(zero, gap_fen=no_gap).sort("as_of", "town_code"), ranking)


def _random_towns(frame: pl.DataFrame) -> _Towns:
    """What a list drawn blindly among each town's candidates holds on average: exact, not simulated."""
    towns = _per_town(frame).sort("as_of", "town_code")
    lines = pl.when(pl.col("town_code").is_null()).then(0).otherwise(pl.min_horizontal("lines", "candidate"))
    towns = towns.with_columns(listed=lines)
    share = pl.col("listed") / pl.col("candidate")
    expected = {
        "known_listed": share * pl.col("known"),
        "hit": share * pl.col("hardship"),
        "silent_hit": share * pl.col("silent"),
        "gap_fen": share * pl.col("base_gap_fen"),
    }
    return _Towns(towns.with_columns(**expected), "random")


def _measure(towns: _Towns, seed: int, draws: int) -> dict[str, float | int | None]:
    totals = towns.frame.select(pl.col(*_COUNTS, *_BASES).sum()).row(0, named=True)
    has_gap = towns.frame["base_gap_fen"].is_not_null().any()
    low, high = _interval(towns, seed, draws)
    return {
        "town_cnt": towns.frame["town_code"].n_unique(),
        "candidate_cnt": totals["candidate"],
        "listed_cnt": totals["listed"],
        "unknown_cnt": float(totals["listed"] - totals["known_listed"]),
        "hit_cnt": float(totals["hit"]),
        "share_in_hardship": _share(totals["hit"], totals["known_listed"]),
        "share_low": low,
        "share_high": high,
        "recall": _share(totals["hit"], totals["hardship"]),
        "silent_hit_cnt": float(totals["silent_hit"]),
        "silent_recall": _share(totals["silent_hit"], totals["silent"]),
        "gap_fen": round(totals["gap_fen"]) if has_gap else None,
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _interval(towns: _Towns, seed: int, draws: int) -> tuple[float | None, float | None]:
    rng = np.random.default_rng(seed)
    hits, known = (_lists_drawn if towns.ranking == "random" else _towns_redrawn)(towns.frame, rng, draws)
    shares = hits[known > 0] / known[known > 0]
    if not shares.size:
        return None, None
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)


def _towns_redrawn(
    frame: pl.DataFrame, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hits and known lines when as many towns are drawn with replacement; a town keeps all its dates."""
    town = frame.group_by("town_code").agg(pl.col("hit", "known_listed").sum()).sort("town_code")
    # one town redrawn is itself: its interval would be a point, and look like certainty
    if town.height < 2:
        return np.empty(0), np.empty(0)
    weights = rng.multinomial(town.height, np.full(town.height, 1 / town.height), size=draws)
    return weights @ town["hit"].to_numpy(), weights @ town["known_listed"].to_numpy()


def _lists_drawn(frame: pl.DataFrame, rng: np.random.Generator, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Hits of truly random lists: the number found in a blind draw is hypergeometric, town by town."""
    hardship, candidate, lines = (frame[c].to_numpy() for c in ("hardship", "candidate", "listed"))
    hits = rng.hypergeometric(hardship, candidate - hardship, lines, size=(draws, frame.height)).sum(axis=1)
    return hits, np.full(draws, float(frame["known_listed"].sum()))


def _finish(table: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Add the lift, turn fen into yuan, round shares, and order: rankings as given, "all" first."""
    order = {name: i for i, name in enumerate(["random", *names])}
    lift = pl.when(pl.col("_blind") > 0).then(pl.col("share_in_hardship") / pl.col("_blind"))
    yuan = (pl.col("gap_fen").cast(pl.Int64).cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2))
    shares = [c for c in table.columns if "share" in c or "recall" in c]
    return (
        table.with_columns(pl.col(*shares, "_blind").cast(pl.Float64))
        .with_columns(lift=lift, gap_found_yuan_month=yuan)
        .with_columns(pl.col(pl.Float64).round(6), _order=pl.col("ranking").replace_strict(order))
        .with_columns(_first=pl.col("as_of") != "all")
        .sort("_first", "as_of", "_order")
        .select(
            "ranking", "as_of", "town_cnt", "candidate_cnt", "listed_cnt", "unknown_cnt", "hit_cnt",
            "share_in_hardship", "share_low", "share_high", "lift", "recall", "silent_hit_cnt",
            "silent_recall", "gap_found_yuan_month",
        )
    )  # fmt: skip
