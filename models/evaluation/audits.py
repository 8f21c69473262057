"""Whom a ranking serves and what it misses: yield by group, calibration, recall from the audit arm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from models.evaluation.listing import is_listed, with_truth
from models.features.frame_checks import need_columns, one_row_each
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


def audit_recall(
    alerts: pl.DataFrame, labelled: pl.DataFrame, seed: int = 0, draws: int = 1000
) -> pl.DataFrame:
    """An honest estimate of how much verified need the lists find, from the random audit lines.

    Labels exist only for listed households, so hits alone say nothing of what was missed. The audit arm is
    drawn at random among the households of a station that nothing else listed; its verified share is the
    estimate for all `audit_pool_cnt` of them.

    alerts      of mart.alert: as_of, household_id, town_code, arm, queue, is_listed, audit_pool_cnt
    labelled    one row per visited household and date: as_of, household_id, label (`known_labels`)

    One row per as_of, and "all": town_cnt (stations with an audit arm; only they count), listed_cnt (rule and
    model lines), visited_cnt, verified_cnt, audited_cnt (audit lines with an answer), audit_verified_cnt,
    unlisted_cnt, need_listed, need_unlisted (estimated households in need), recall, recall_low, recall_high
    (95 %). Lines without an answer are taken to be like the answered ones of their arm. The estimates are
    null where no audit line was answered.
    """
    towns = _audit_towns(alerts, labelled)
    rng = np.random.default_rng(seed)
    dates = towns["as_of"].unique().sort().to_list()
    rows = [{"as_of": "all", **_recall(towns, rng, draws)}]
    rows += [
        {"as_of": d.isoformat(), **_recall(towns.filter(pl.col("as_of") == d), rng, draws)} for d in dates
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


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


def _audit_towns(alerts: pl.DataFrame, labelled: pl.DataFrame) -> pl.DataFrame:
    """Counts per date and town with an audit arm: chosen lines and audit lines, and what visits found."""
    keys = ["as_of", "household_id"]
    need_columns(alerts, [*keys, "town_code", "arm", "queue", "is_listed", "audit_pool_cnt"], "alerts")
    listed = alerts.filter((pl.col("queue") == "need") & pl.col("is_listed"))
    one_row_each(listed, keys, "listed alerts")
    audit, label = pl.col("arm") == "audit", pl.col("label")
    counts = {
        "listed": ~audit,
        "visited": ~audit & label.is_not_null(),
        "verified": ~audit & label,
        "audited": audit & label.is_not_null(),
        "audit_verified": audit & label,
    }
    return (
        listed.join(labelled.select(*keys, "label"), on=keys, how="left")
        .group_by("as_of", "town_code")
        .agg(
            *(condition.sum().cast(pl.Int64).alias(name) for name, condition in counts.items()),
            unlisted=pl.col("audit_pool_cnt").max(),
        )
        # no audit arm, no pool: such a station says nothing about what was missed
        .drop_nulls("unlisted")
        .sort("as_of", "town_code")
    )


def _recall(towns: pl.DataFrame, rng: np.random.Generator, draws: int) -> dict[str, float | int | None]:
    names = ("listed", "visited", "verified", "audited", "audit_verified", "unlisted")
    n = {name: int(towns[name].sum()) for name in names}
    # an audit line represents its own station's unlisted households, so large stations weigh more
    answered = towns.filter(pl.col("audited") > 0)
    represented = int(answered["unlisted"].sum())
    in_need = (
        answered.select(pl.col("unlisted") * pl.col("audit_verified") / pl.col("audited")).to_numpy().sum()
    )
    share = float(in_need) / represented if represented else None
    counts = {
        "town_cnt": towns["town_code"].n_unique(),
        **{f"{name}_cnt": count for name, count in n.items()},
    }
    if share is None or not n["visited"]:
        return counts | dict.fromkeys(("need_listed", "need_unlisted", "recall", "recall_low", "recall_high"))
    found, missed = n["listed"] * n["verified"] / n["visited"], n["unlisted"] * share
    # with few audit lines zero hits must not read as "nothing missed": Jeffreys' interval, not a bootstrap
    found_drawn = n["listed"] * _jeffreys(rng, n["verified"] / n["visited"], n["visited"], draws)
    missed_drawn = n["unlisted"] * _jeffreys(rng, share, n["audited"], draws)
    low, high = np.quantile(found_drawn / (found_drawn + missed_drawn), [0.025, 0.975])
    recall = found / (found + missed) if found + missed else None
    if recall is not None:
        # an estimate at the very edge (no audit hit at all) is not outside its own interval
        low, high = min(low, recall), max(high, recall)
    estimate = {
        "need_listed": found,
        "need_unlisted": missed,
        "recall": recall,
        "recall_low": low,
        "recall_high": high,
    }
    return counts | {
        name: None if value is None else round(float(value), 6) for name, value in estimate.items()
    }


def _jeffreys(rng: np.random.Generator, share: float, count: int, draws: int) -> np.ndarray:
    """Draws of a share seen in `count` answers, under Jeffreys' prior (half a hit and half a miss)."""
    return rng.beta(share * count + 0.5, (1 - share) * count + 0.5, size=draws)
