"""Whom a ranking serves and what it misses: yield by group, and calibration."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from models.evaluation.listing import is_listed, with_truth
from models.features.frame_checks import need_columns
from models.features.groups import GROUPS


def group_audit(
    candidates: pl.DataFrame,
    truth: pl.DataFrame,
    capacity: int | pl.DataFrame,
    ranking: str,
    *,
    groups: Sequence[str] = (*GROUPS, "town_code"),
    score: str | None = None,
    seed: int = 0,
) -> pl.DataFrame:
    """How one ranking's lines are distributed over each group, compared with where the hardship is.

    Inputs as for `evaluate_rankings`, with one text column per group. `score` names a column holding a chance
    between 0 and 1, for calibration. One row per group and value: ranking, group, value, candidate_cnt,
    hardship_cnt, listed_cnt, hit_cnt, yield_share (hits of listed), recall (hits of hardship), line_share and
    hardship_share (the group's part of all lines, of all hardship), line_ratio (the first over the second:
    below 1 the group gets fewer lines than its hardship would), mean_score and score_excess (mean score minus
    the share in hardship: above 0 the score overstates the group). Only candidates of known truth count.
    """
    need_columns(candidates, [*groups, ranking], "candidates")
    frame = with_truth(candidates, truth, capacity, seed)
    frame = frame.with_columns(_listed=is_listed(frame, ranking)).filter(pl.col("in_hardship").is_not_null())
    chance = pl.lit(None, pl.Float64) if score is None else pl.col(score).cast(pl.Float64)
    frame = frame.with_columns(_score=chance)
    parts = [_one_group(frame, group) for group in groups]
    return pl.concat(parts).select(pl.lit(ranking).alias("ranking"), pl.all())


def calibration(candidates: pl.DataFrame, truth: pl.DataFrame, score: str, bins: int = 10) -> pl.DataFrame:
    """What a score predicts against what was true: one row per tenth of the candidates, lowest scores first.

    Columns: bin (1 is lowest), candidate_cnt, mean_score, share_in_hardship.
    """
    need_columns(candidates, [score], "candidates")
    frame = with_truth(candidates, truth, 0, 0).filter(
        pl.col("in_hardship").is_not_null() & pl.col(score).is_not_null()
    )
    frame = frame.sort(score, "_tie").with_columns(bin=pl.int_range(pl.len()) * bins // pl.len() + 1)
    means = {"mean_score": _mean(pl.col(score)), "share_in_hardship": pl.col("in_hardship").mean().round(6)}
    return frame.group_by("bin").agg(candidate_cnt=pl.len(), **means).sort("bin")


def _mean(value: pl.Expr) -> pl.Expr:
    # summed as whole millionths, so that the order of rows cannot move the mean
    return ((value * 1_000_000).round().cast(pl.Int64).sum() / value.count() / 1_000_000).round(6)


def _one_group(frame: pl.DataFrame, group: str) -> pl.DataFrame:
    need, listed = pl.col("in_hardship"), pl.col("_listed")
    counts = frame.group_by(pl.col(group).cast(pl.String).fill_null("unknown").alias("value")).agg(
        candidate_cnt=pl.len().cast(pl.Int64),
        hardship_cnt=need.sum().cast(pl.Int64),
        listed_cnt=listed.sum().cast(pl.Int64),
        hit_cnt=(listed & need).sum().cast(pl.Int64),
        mean_score=pl.when(pl.col("_score").is_not_null().any()).then(_mean(pl.col("_score"))),
    )
    line, hard = (
        _ratio("listed_cnt", pl.col("listed_cnt").sum()),
        _ratio("hardship_cnt", pl.col("hardship_cnt").sum()),
    )
    return (
        counts.with_columns(
            yield_share=_ratio("hit_cnt", pl.col("listed_cnt")),
            recall=_ratio("hit_cnt", pl.col("hardship_cnt")),
            line_share=line,
            hardship_share=hard,
            score_excess=(pl.col("mean_score") - _ratio("hardship_cnt", pl.col("candidate_cnt"))).round(6),
        )
        .with_columns(line_ratio=_ratio("line_share", pl.col("hardship_share")))
        .sort("value")
        .select(
            pl.lit(group).alias("group"), "value", "candidate_cnt", "hardship_cnt", "listed_cnt", "hit_cnt",
            "yield_share", "recall", "line_share", "hardship_share", "line_ratio", "mean_score",
            "score_excess",
        )
    )  # fmt: skip


def _ratio(part: str, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(pl.col(part) / whole).round(6)
