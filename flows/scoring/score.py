"""Score one date: panel, signals, entitlements, ranking and alerts, written in one commit."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from flows.context import reference
from flows.context.job import Job
from models.ranking.ranking import score_households
from models.ranking.registry import latest_model
from policies.analysis.gaps import policy_gaps
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from transforms.alerts.alerts import build_alerts
from transforms.deliveries.staleness import staleness
from transforms.golden_record.people import golden
from transforms.panel.panel import panel_households, panel_persons
from warehouse.as_of import core_frames, households_found, outcomes
from warehouse.database.partitions import StepDone, replace_partitions, rows_before
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.identity.golden import golden_frames


def score(job: Job, as_of: date, fingerprint: str) -> None:
    """Compute and store everything the date's lists are made from, unless it stands already."""
    if job.is_done(as_of, "score", fingerprint):
        return
    tables = compute(job, as_of)
    replace_partitions(job.con, as_of, tables, StepDone(as_of, "score", fingerprint, job.now()))
    job.tell(f"{as_of} scored", 4, 4)


def compute(job: Job, as_of: date) -> dict[str, pl.DataFrame]:
    """Table name -> the date's rows; reads only what was known by the date."""
    job.tell(f"{as_of} panel", 0, 4)
    core = core_frames(job.con, job.contracts, as_of)
    meanings = reference.definitions(job.catalogue, as_of)
    core |= golden_frames(job.con, as_of, meanings.golden.deaths)
    gold = golden(core, as_of, meanings.golden)
    declared = job.catalogue.declared
    persons = panel_persons(core, as_of, meanings, declared, gold.persons)
    tiers = reference.tiers(job.catalogue, as_of)
    households = panel_households(core, persons, as_of, meanings, reference.places(), tiers, declared)
    job.tell(f"{as_of} signals", 1, 4)
    signals = evaluate_signals(job.catalogue, persons, households, as_of)
    job.tell(f"{as_of} entitlements", 2, 4)
    entitlements = evaluate_benefits(job.catalogue, persons, households, as_of)
    limits = reference.group(job.catalogue, "alerts", as_of)
    since = as_of - timedelta(days=limits["policy_gap_days"])
    unhelped = households_found(job.con, as_of, since, reference.NO_POLICY)
    near = limits["near_miss_share"]
    gaps = policy_gaps(job.catalogue, persons, households, signals, entitlements, unhelped, as_of, near)
    scores = _scores(job, as_of, households, persons, signals)
    job.tell(f"{as_of} alerts", 3, 4)
    alerts = build_alerts(
        signals,
        entitlements,
        reference.benefit_words(job.catalogue),
        households,
        rows_before(job.con, "mart.alert", as_of),
        rows_before(job.con, "mart.signal", as_of),
        outcomes(job.con, as_of),
        reference.cooldowns(job.catalogue),
        scores.select("household_id", "score") if scores.height else None,
        households.select("town_code").drop_nulls().unique().sort("town_code"),
        reference.operations(job.catalogue, as_of),
        reference.due_dates(job.catalogue, as_of),
        as_of,
    )
    return {
        "panel.person": persons,
        "panel.household": households,
        "panel.golden": gold.persons,
        "panel.attribute_conflict": gold.conflicts,
        "mart.signal": signals,
        "mart.entitlement": entitlements,
        "mart.policy_gap": gaps,
        "mart.score": scores,
        "mart.alert": alerts,
        "mart.staleness": staleness(deliveries_at(job.con, as_of), reference.calendar(job.contracts), as_of),
    }


def _scores(
    job: Job, as_of: date, households: pl.DataFrame, persons: pl.DataFrame, signals: pl.DataFrame
) -> pl.DataFrame:
    """household_id, score, model_id by the newest model trained by the date; no rows before there is one."""
    entry = latest_model(job.home.models, as_of)
    if entry is None:
        schema = {"household_id": pl.String, "score": pl.Float64, "model_id": pl.String}
        return pl.DataFrame(schema=schema)
    scored = score_households(entry, households, persons, signals)
    return scored.with_columns(model_id=pl.lit(entry.model_id))
