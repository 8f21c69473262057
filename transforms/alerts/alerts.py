"""Alerts: one line per household and queue, with a reason, a status, and its place on a list.

    build_alerts(inputs: AlertInputs) -> DataFrame with the columns of mart.alert,
        sorted by queue, town_code, is_listed, list_rank, alert_id

Need and compliance never mix: a household may have one alert in each queue, whose ids end in -N and -C. The
level is that of the strongest signal; a household with nothing but missing benefits (E01), or an income that
is asked for (E02), is blue. Points are the strongest of each family, added up. Suppressed and waiting alerts
keep their row with is_listed false. household_id is the registered (hukou) household, whose file the case is;
household_kind says which household the leading signal is about. A signal on a person without a household
keeps a null household_id, town and village: it is not listed.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import polars as pl

from data_contracts.registry.tables import schema
from transforms.alerts.asked import ASKED_QUESTIONS, asked_households
from transforms.alerts.budget import list_compliance, list_need
from transforms.alerts.inputs import AlertInputs
from transforms.alerts.status import ASKED_SIGNAL, CASE, GAP_SIGNAL, histories, rested, with_status
from transforms.alerts.texts import (
    GAP_QUESTIONS,
    LEVELS,
    full_reason,
    level_rank,
    questions,
    reasons,
)
from transforms.expressions import fen, yuan

REGISTERED = "hukou"  # the household of a signal, or of missing benefits, that names no other kind
ALERT_SCHEMA = schema("mart.alert")
DRAW_SCHEMA = schema("mart.draw")
# The last letter of an alert's id; part of ids already printed and sent back, so it never changes.
QUEUE_MARKS = {"need": "N", "compliance": "C"}


class Lists(NamedTuple):
    """A date's alerts (mart.alert), and what its random lines were drawn from (mart.draw)."""

    alerts: pl.DataFrame
    draws: pl.DataFrame


def build_alerts(inputs: AlertInputs) -> pl.DataFrame:
    """The alerts of one date; see the top of this file."""
    return build_lists(inputs).alerts


def build_lists(inputs: AlertInputs) -> Lists:
    """The alerts of one date, and one row per town and band that its random lines were drawn from."""
    # Who has no household is a case of their own, under the person's id.
    case = pl.coalesce("household_id", "person_id").alias("case_id")
    fired = inputs.signals.filter(pl.col("state") == "yes").with_columns(case)
    gaps, asked = inputs.missing, asked_households(inputs.means, float(inputs.operations.ask_chance_min))
    history = histories(inputs)
    # Missing benefits are a need; a model is trained on needs found, so it orders that queue alone.
    need = _alerts(inputs, fired, "need", history, gaps=gaps, asked=asked, scores=inputs.scores)
    compliance = _alerts(
        inputs, fired, "compliance", history, gaps=gaps.clear(), asked=asked.clear(), scores=None
    )
    listed = list_need(need, inputs, history)
    alerts = _finished([listed.alerts, list_compliance(compliance)], inputs.as_of)
    draws = listed.draws.with_columns(as_of=pl.lit(inputs.as_of))
    return Lists(alerts, draws.select(pl.col(name).cast(kind) for name, kind in DRAW_SCHEMA.items()))


def cases_of(signals: pl.DataFrame, *others: pl.DataFrame) -> pl.Series:
    """The cases with a sign: a signal that fired, or a row (household_id) of what is missing or asked."""
    case = pl.coalesce("household_id", "person_id").alias("case_id")
    fired = signals.filter(pl.col("state") == "yes").select(case)
    homes = (frame.select(case_id="household_id") for frame in others)
    return pl.concat([fired, *homes]).to_series().unique().sort()


def _alerts(
    inputs: AlertInputs,
    fired: pl.DataFrame,
    queue: str,
    history: pl.DataFrame,
    *,
    gaps: pl.DataFrame,
    asked: pl.DataFrame,
    scores: pl.DataFrame | None,
) -> pl.DataFrame:
    """A queue's alerts with their status, not yet listed."""
    signals = fired.filter(pl.col("queue") == queue)
    rest = rested(_evidence(signals, gaps, asked, queue), inputs)
    signals, gaps, asked = _without_settled(signals, gaps, asked, rest)
    alerts = _with_texts(signals, gaps, asked, inputs.as_of)
    alerts = alerts.join(_places(inputs.households), on="case_id", how="left")
    alerts = alerts.join(_scores(scores), on="case_id", how="left").with_columns(
        pl.lit(inputs.as_of).alias("as_of"),
        pl.lit(queue).alias("queue"),
        pl.col("town_code").str.slice(0, 6).alias("county_code"),
    )
    past = history.filter(pl.col("queue") == queue)
    return with_status(alerts, rest, past, inputs)


def _without_settled(
    signals: pl.DataFrame, gaps: pl.DataFrame, asked: pl.DataFrame, rest: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Without what rests in a case that wakes: it comes back for its new reason alone."""
    settled = rest.filter(pl.col("is_awake") & ~pl.col("is_fresh"))
    kept = signals.join(settled, on=["case_id", "signal_id"], how="anti", maintain_order="left")
    own = [
        frame.join(
            settled.filter(signal_id=signal).select(household_id="case_id"),
            on="household_id",
            how="anti",
            maintain_order="left",
        )
        for frame, signal in ((gaps, GAP_SIGNAL), (asked, ASKED_SIGNAL))
    ]
    return kept, own[0], own[1]


def _with_texts(signals: pl.DataFrame, gaps: pl.DataFrame, asked: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row per case with its signals, texts, level, points, missing and expected amount."""
    texts = reasons(signals, "case_id").join(questions(signals, "case_id"), on="case_id", how="left")
    rows = _strength(signals).join(texts, on="case_id", how="left")
    for frame in (gaps, asked):
        rows = rows.join(frame.rename({"household_id": "case_id"}), on="case_id", how="full", coalesce=True)
    has_gap, is_asked = pl.col("gap_cnt").is_not_null(), pl.col("expected_fen").is_not_null()
    ids = pl.concat_str(
        "signal_ids",
        pl.when(has_gap).then(pl.lit(GAP_SIGNAL)),
        pl.when(is_asked).then(pl.lit(ASKED_SIGNAL)),
        separator=",",
        ignore_nulls=True,
    )
    own_questions = pl.when(has_gap).then(pl.lit(GAP_QUESTIONS)).otherwise(pl.lit(ASKED_QUESTIONS))
    expected = pl.col("gap_fen").fill_null(0) + pl.col("expected_fen").fill_null(0)
    return rows.with_columns(
        ids.alias("signal_ids"),
        full_reason(as_of).alias("reason_zh"),
        pl.coalesce("questions_zh", own_questions).alias("questions_zh"),
        pl.col("level").fill_null("blue"),
        pl.col("household_kind").fill_null(REGISTERED),
        pl.col("points").fill_null(0),
        yuan(pl.col("gap_fen").fill_null(0)).alias("benefit_gap_yuan_month"),
        yuan(expected).alias("expected_yuan_month"),
        *(pl.col(c).fill_null("") for c in ("signal_person_ids", "missing_benefits_zh", "benefit_ids")),
    ).drop("gap_fen", "gap_cnt", "gaps_zh", "expected_fen")


def _strength(signals: pl.DataFrame) -> pl.DataFrame:
    """Level, points, signals and persons per case; within a family only the strongest signal counts."""
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
    """case_id -> household_kind of its leading signal: the most urgent, then the weightiest."""
    ranked = signals.with_columns(level_rank().alias("_rank"))
    order = ["case_id", "_rank", "points", "signal_id"]
    first = ranked.sort(order, descending=[False, False, True, False])
    return first.unique("case_id", keep="first", maintain_order=True).select("case_id", "household_kind")


def _places(households: pl.DataFrame) -> pl.DataFrame:
    return households.select(
        pl.col("household_id").alias("case_id"), "household_id", "town_code", "village_code"
    )


def _scores(scores: pl.DataFrame | None) -> pl.DataFrame:
    if scores is None:
        return pl.DataFrame(schema={"case_id": pl.String, "score": pl.Float64})
    return scores.select(pl.col("household_id").alias("case_id"), pl.col("score").cast(pl.Float64))


def _evidence(signals: pl.DataFrame, gaps: pl.DataFrame, asked: pl.DataFrame, queue: str) -> pl.DataFrame:
    """The evidence behind each alert now: case, queue, signal, level_rank, value_fen, fact_date, is_event."""
    fired = signals.group_by(*CASE, "signal_id").agg(
        level_rank().min().alias("level_rank"),
        fen("value").max().alias("value_fen"),
        pl.col("fact_date").max(),
        pl.col("is_event").any(),
    )
    # What is expected moves with every training: it never counts as grown.
    unsaid = asked.select("household_id", gap_fen=pl.lit(None, pl.Int64))
    own = [
        frame.select(
            pl.col("household_id").alias("case_id"),
            pl.lit(queue).alias("queue"),
            pl.lit(signal).alias("signal_id"),
            pl.lit(LEVELS["blue"], pl.Int64).alias("level_rank"),
            pl.col("gap_fen").alias("value_fen"),
            pl.lit(None, dtype=pl.Date).alias("fact_date"),
            pl.lit(False).alias("is_event"),
        )
        for frame, signal in ((gaps, GAP_SIGNAL), (unsaid, ASKED_SIGNAL))
    ]
    return pl.concat([fired, *own])


def _finished(queues: list[pl.DataFrame], as_of: date) -> pl.DataFrame:
    mark = pl.col("queue").replace_strict(QUEUE_MARKS, return_dtype=pl.String)
    identity = pl.format(f"{as_of:%Y%m%d}-{{}}-{{}}", "case_id", mark)
    rows = pl.concat(queues, how="diagonal").with_columns(identity.alias("alert_id"))
    rows = rows.select(pl.col(name).cast(dtype) for name, dtype in ALERT_SCHEMA.items())
    return rows.sort(
        ["queue", "town_code", "is_listed", "list_rank", "alert_id"],
        descending=[True, False, True, False, False],
        nulls_last=True,
    )
