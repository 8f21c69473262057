"""Ordering households: the learned score, and the other rankings it is measured against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from models.features.feature_list import LEVELS, SIGNAL
from models.features.frame_checks import need_columns
from models.features.groups import household_groups
from models.features.household_features import household_features, rule_points
from models.ranking.fitting import Model, predict


def score(model: Model, features: pl.DataFrame) -> pl.DataFrame:
    """One row per household: household_id, score (higher first), sorted by household_id.

    Only for ordering: it decides nothing and is never shown to a social worker.
    """
    scored = features.select("household_id", pl.Series("score", predict(model, features)))
    return scored.sort("household_id")


def score_households(
    model: Model, households: pl.DataFrame, persons: pl.DataFrame, signals: pl.DataFrame
) -> pl.DataFrame:
    """Score every household of one date: household_id, score.

    It does not see signals written after it was trained; to it, one retired since then never fires.
    """
    return scored_features(model, households, persons, signals).select("household_id", "score")


def scored_features(
    model: Model, households: pl.DataFrame, persons: pl.DataFrame, signals: pl.DataFrame
) -> pl.DataFrame:
    """The same with the features it was scored by: one row per household, sorted by household_id."""
    ids = [f.removeprefix(SIGNAL) for f in model.features if f.startswith(SIGNAL)]
    features = household_features(households, persons, signals, ids)
    return features.join(score(model, features), on="household_id", how="left", maintain_order="left")


def tongling_order(households: pl.DataFrame, thresholds: Mapping[str, float]) -> pl.DataFrame:
    """The published threshold rule as a ranking: self-paid medical cost of 12 months over the threshold.

    `thresholds` maps tier_code to yuan (policy data, so the caller reads them from the parameters). One row
    per household: household_id, tongling (how many times the threshold; null when not above it, or when
    either is unknown).
    """
    need_columns(households, ["household_id", "tier_code", "burden_12m_yuan"], "households")
    limits = {tier: float(yuan) for tier, yuan in thresholds.items()}
    limit = pl.col("tier_code").cast(pl.String).replace_strict(limits, default=None, return_dtype=pl.Float64)
    times = pl.col("burden_12m_yuan").cast(pl.Float64) / limit
    # the published rule alerts above the threshold only: who is below it is on no list, not at its end
    return households.select("household_id", tongling=pl.when(times > 1).then(times))


def tongling_of_features(rows: pl.DataFrame, thresholds: Mapping[str, float]) -> pl.Series:
    """The same of rows of features, where a tier is its level; null where either is unknown."""
    tiers = {level: tier for tier, level in LEVELS["tier_code"].items()}
    named = rows.select(
        household_id=pl.int_range(pl.len()),
        tier_code=pl.col("tier_level").cast(pl.Int64).replace_strict(tiers, default=None),
        burden_12m_yuan="burden_12m_yuan",
    )
    return tongling_order(named, thresholds)["tongling"]


def ranking_candidates(
    as_of: date,
    households: pl.DataFrame,
    persons: pl.DataFrame,
    signals: pl.DataFrame,
    *,
    thresholds: Mapping[str, float],
    alerts: pl.DataFrame | None = None,
    scores: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Everything `evaluate_rankings` needs of one date; concatenate the dates.

    One row per household: as_of, household_id, town_code, tongling, rule_points, the audit groups; with
    `scores` also model; with `alerts` (mart.alert) also as_delivered (on the need list that went out). Add
    gap_yuan_month if it is known.
    """
    frame = (
        households.select(pl.lit(as_of).alias("as_of"), "household_id", "town_code")
        .join(tongling_order(households, thresholds), on="household_id", how="left")
        .join(rule_points(signals), on="household_id", how="left")
        .join(household_groups(households, persons), on="household_id", how="left")
    )
    if scores is not None:
        frame = frame.join(scores.select("household_id", model="score"), on="household_id", how="left")
    if alerts is not None:
        sent = alerts.filter((pl.col("as_of") == as_of) & (pl.col("queue") == "need") & pl.col("is_listed"))
        frame = frame.with_columns(
            as_delivered=pl.col("household_id").is_in(sent["household_id"].unique().implode())
        )
    return frame.sort("household_id")
