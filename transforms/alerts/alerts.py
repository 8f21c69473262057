"""Alerts: one line per household and queue, with a reason, a status, and its place on a list.

    build_alerts(signals, entitlements, benefits, households, previous_alerts, previous_signals, outcomes,
        cooldowns, scores, stations, operations, due_dates, as_of) -> DataFrame with ALERT_SCHEMA,
        sorted by queue, town_code, is_listed, list_rank, alert_id

    signals           of this date: signal_id, queue, person_id, household_id, state, level, family, points,
                      is_event, value, fact_date, sentence_zh, questions_zh (policies.evaluate_signals)
    entitlements      of this date: person_id, household_id, benefit_id, eligible, is_receiving,
                      gap_yuan_month, missed_month_cnt, amount_once_yuan (policies.evaluate_benefits)
    benefits          benefit_id, benefit_zh, period_zh (when a sum comes that is not monthly)
    households        household_id, town_code, village_code, and member_cnt where known
    previous_alerts   alerts of earlier dates with ALERT_SCHEMA, or None
    previous_signals  signals of earlier dates with as_of, or None (then growth cannot be seen)
    outcomes          alert_id, result_code, found_date, known_date, or None
    cooldowns         result_code, cooldown_days (null: does not close the case); both queues' codes
    scores            household_id, score, or None: only then does a model order the list
    stations          town_code, and capacity (lines a period) where a station has its own
    operations        Operations; due_dates: level -> the day by which a new alert of it is due

Need and compliance never mix: a household may have one alert in each queue, told apart by -N and -C. The
level is that of the strongest signal; a household with nothing but missing benefits (E01) is blue. Points are
the strongest of each family, added up. Suppressed and waiting alerts keep their row with is_listed false.
household_id is the registered (hukou) household, whose file the case is; household_kind says which household
the leading sign speaks of. A signal on a person without a household keeps a null household_id, town and
place: it is not listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from data_contracts.registry.tables import schema
from transforms.alerts.budget import Operations, list_compliance, list_need, station_load
from transforms.alerts.status import CASE, GAP_SIGNAL, histories, with_status
from transforms.alerts.words import (
    GAP_QUESTIONS,
    LEVELS,
    full_reason,
    gap_rows,
    gap_words,
    level_rank,
    questions,
    reasons,
)
from transforms.expressions import fen, yuan

__all__ = ["ALERT_SCHEMA", "Operations", "build_alerts", "empty_alerts", "station_load"]

REGISTERED = "hukou"  # the household of a sign, or of missing benefits, that names no other kind
ALERT_SCHEMA = schema("mart.alert")


def empty_alerts() -> pl.DataFrame:
    """No alerts, with the right columns."""
    return pl.DataFrame(schema=ALERT_SCHEMA)


def build_alerts(
    signals: pl.DataFrame,
    entitlements: pl.DataFrame,
    benefits: pl.DataFrame,
    households: pl.DataFrame,
    previous_alerts: pl.DataFrame | None,
    previous_signals: pl.DataFrame | None,
    outcomes: pl.DataFrame | None,
    cooldowns: pl.DataFrame,
    scores: pl.DataFrame | None,
    stations: pl.DataFrame,
    operations: Operations,
    due_dates: Mapping[str, date],
    as_of: date,
) -> pl.DataFrame:
    """The alerts of one date; see the top of this file."""
    fired = signals.filter(pl.col("state") == "yes").with_columns(
        pl.coalesce("household_id", "person_id").alias("case_id")
    )
    gaps = gap_rows(entitlements, benefits)
    history = histories(previous_alerts, outcomes, cooldowns, as_of)
    queues = []
    for queue in ("need", "compliance"):
        rows = fired.filter(pl.col("queue") == queue)
        missing = gap_words(gaps) if queue == "need" else gap_words(gaps.clear())
        alerts = _assembled(rows, missing, households, scores if queue == "need" else None, queue, as_of)
        evidence = _evidence(rows, missing, queue)
        alerts = with_status(
            alerts,
            evidence,
            history.filter(pl.col("queue") == queue),
            previous_alerts,
            previous_signals,
            due_dates,
            operations.value_growth_share,
            as_of,
        )
        queues.append(alerts)
    need = list_need(queues[0], households, stations, operations, history, as_of, due_dates)
    return _finished([need, list_compliance(queues[1])], as_of)


def _assembled(
    signals: pl.DataFrame,
    missing: pl.DataFrame,
    households: pl.DataFrame,
    scores: pl.DataFrame | None,
    queue: str,
    as_of: date,
) -> pl.DataFrame:
    """One row per case of a queue with its words, level, points and place."""
    words = reasons(signals, "case_id").join(questions(signals, "case_id"), on="case_id", how="left")
    rows = _strength(signals).join(words, on="case_id", how="left")
    rows = rows.join(missing.rename({"household_id": "case_id"}), on="case_id", how="full", coalesce=True)
    has_gap = pl.col("gap_cnt").is_not_null()
    ids = pl.concat_str(
        "signal_ids", pl.when(has_gap).then(pl.lit(GAP_SIGNAL)), separator=",", ignore_nulls=True
    )
    places = households.select(
        pl.col("household_id").alias("case_id"), "household_id", "town_code", "village_code"
    )
    rows = rows.join(places, on="case_id", how="left").join(_scores(scores), on="case_id", how="left")
    text = ("signal_person_ids", "missing_benefits_zh", "benefit_ids")
    return rows.with_columns(
        pl.lit(as_of).alias("as_of"),
        pl.lit(queue).alias("queue"),
        ids.alias("signal_ids"),
        full_reason(as_of).alias("reason_zh"),
        pl.col("questions_zh").fill_null(GAP_QUESTIONS),
        pl.col("level").fill_null("blue"),
        pl.col("household_kind").fill_null(REGISTERED),
        pl.col("points").fill_null(0),
        yuan(pl.col("gap_fen").fill_null(0)).alias("benefit_gap_yuan_month"),
        pl.col("town_code").str.slice(0, 6).alias("county_code"),
        *(pl.col(c).fill_null("") for c in text),
    ).drop("gap_fen", "gap_cnt", "gaps_zh")


def _strength(signals: pl.DataFrame) -> pl.DataFrame:
    """Level, points, signals and persons per case; within a family only the strongest sign counts."""
    names = {rank: level for level, rank in LEVELS.items()}
    families = signals.group_by("case_id", "family").agg(pl.col("points").max())
    points = families.group_by("case_id").agg(pl.col("points").sum())
    rest = signals.group_by("case_id").agg(
        level_rank().min().replace_strict(names, default=None, return_dtype=pl.String).alias("level"),
        pl.col("signal_id").unique().sort().str.join(",").alias("signal_ids"),
        pl.col("person_id").drop_nulls().unique().sort().str.join(",").alias("signal_person_ids"),
    )
    return rest.join(points, on="case_id").join(_leading_kinds(signals), on="case_id")


def _leading_kinds(signals: pl.DataFrame) -> pl.DataFrame:
    """case_id -> household_kind of its leading sign: the most urgent, then the weightiest."""
    ranked = signals.with_columns(level_rank().alias("_rank"))
    order = ["case_id", "_rank", "points", "signal_id"]
    first = ranked.sort(order, descending=[False, False, True, False])
    return first.unique("case_id", keep="first", maintain_order=True).select("case_id", "household_kind")


def _scores(scores: pl.DataFrame | None) -> pl.DataFrame:
    if scores is None:
        return pl.DataFrame(schema={"case_id": pl.String, "score": pl.Float64})
    return scores.select(pl.col("household_id").alias("case_id"), pl.col("score").cast(pl.Float64))


def _evidence(signals: pl.DataFrame, missing: pl.DataFrame, queue: str) -> pl.DataFrame:
    """What speaks for each alert now: case, queue, signal_id, value_fen, fact_date, is_event."""
    fired = signals.group_by(*CASE, "signal_id").agg(
        fen("value").max().alias("value_fen"), pl.col("fact_date").max(), pl.col("is_event").any()
    )
    gap = missing.select(
        pl.col("household_id").alias("case_id"),
        pl.lit(queue).alias("queue"),
        pl.lit(GAP_SIGNAL).alias("signal_id"),
        pl.col("gap_fen").alias("value_fen"),
        pl.lit(None, dtype=pl.Date).alias("fact_date"),
        pl.lit(False).alias("is_event"),
    )
    return pl.concat([fired, gap])


def _finished(queues: list[pl.DataFrame], as_of: date) -> pl.DataFrame:
    marks = {"need": "N", "compliance": "C"}
    mark = pl.col("queue").replace_strict(marks, return_dtype=pl.String)
    identity = pl.format(f"{as_of:%Y%m%d}-{{}}-{{}}", "case_id", mark)
    rows = pl.concat(queues, how="diagonal").with_columns(identity.alias("alert_id"))
    rows = rows.select(pl.col(name).cast(dtype) for name, dtype in ALERT_SCHEMA.items())
    return rows.sort(
        ["queue", "town_code", "is_listed", "list_rank", "alert_id"],
        descending=[True, False, True, False, False],
        nulls_last=True,
    )
