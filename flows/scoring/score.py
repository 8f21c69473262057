"""Score one date: panel, signals, entitlements, ranking and alerts, written in one commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from data_contracts.registry.tables import schema
from flows.context import parameters
from flows.context.calendar import delivery_calendar, due_dates
from flows.context.catalogue_frames import NO_POLICY, benefit_names_and_periods, cooldowns, roll_sources
from flows.context.run import Run
from flows.context.site import Site
from flows.scoring.panels import panels
from models.ranking.registry import latest_model
from models.ranking.scoring import score_households
from policies.analysis.gaps import policy_gaps
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from transforms.alerts.alerts import build_alerts
from transforms.alerts.inputs import AlertInputs
from transforms.deliveries.roll_spans import roll_spans, within_span
from transforms.deliveries.staleness import staleness
from warehouse.as_of import households_found, outcomes
from warehouse.database.partitions import replace_partitions, rows_before
from warehouse.deliveries.deliveries import deliveries_at


def score(site: Site, run: Run) -> None:
    """Compute and store everything the date's lists are made from, unless that was done already."""
    if run.is_done(site, "score"):
        return
    tables = compute(site, run.as_of)
    replace_partitions(site.con, run.as_of, tables, run.done(site, "score"))
    site.progress(f"{run.as_of} scored", 4, 4)


def compute(site: Site, as_of: date) -> dict[str, pl.DataFrame]:
    """Table name -> the date's rows, from what was known by the date and nothing else."""
    site.progress(f"{as_of} panel", 0, 4)
    tables = panels(site, as_of)
    persons, households = tables["panel.person"], tables["panel.household"]
    site.progress(f"{as_of} signals", 1, 4)
    signals = evaluate_signals(site.catalogue, persons, households, as_of)
    site.progress(f"{as_of} entitlements", 2, 4)
    entitlements = evaluate_benefits(site.catalogue, persons, households, as_of)
    spans = roll_spans(deliveries_at(site.con, as_of), roll_sources(site.catalogue, as_of))
    entitlements = within_span(entitlements, households, spans, as_of)
    gaps = _policy_gaps(site, as_of, tables, signals=signals, entitlements=entitlements)
    scores = _scores(site, as_of, tables, signals)
    site.progress(f"{as_of} alerts", 3, 4)
    return tables | {
        "mart.signal": signals,
        "mart.entitlement": entitlements,
        "mart.policy_gap": gaps,
        "mart.score": scores,
        "mart.alert": build_alerts(
            _alert_inputs(site, as_of, households, signals=signals, entitlements=entitlements, scores=scores)
        ),
        "mart.staleness": staleness(deliveries_at(site.con, as_of), delivery_calendar(site.contracts), as_of),
    }


def _policy_gaps(
    site: Site,
    as_of: date,
    tables: Mapping[str, pl.DataFrame],
    *,
    signals: pl.DataFrame,
    entitlements: pl.DataFrame,
) -> pl.DataFrame:
    """Families in trouble, by a visit of the last months or by urgent signs, whom no paid benefit fits."""
    limits = parameters.group(site.catalogue, "alerts", as_of)
    since = as_of - timedelta(days=limits["policy_gap_days"])
    return policy_gaps(
        site.catalogue,
        tables["panel.person"],
        tables["panel.household"],
        signals=signals,
        entitlements=entitlements,
        found=households_found(site.con, as_of, since, NO_POLICY),
        as_of=as_of,
        within=limits["near_miss_share"],
    )


def _scores(
    site: Site, as_of: date, tables: Mapping[str, pl.DataFrame], signals: pl.DataFrame
) -> pl.DataFrame:
    """household_id, score, model_id by the newest model trained by the date; no rows before there is one."""
    model = latest_model(site.home.models, as_of)
    if model is None:
        return pl.DataFrame(schema=schema("mart.score", without=("as_of",)))
    scored = score_households(model, tables["panel.household"], tables["panel.person"], signals)
    return scored.with_columns(model_id=pl.lit(model.model_id))


def _alert_inputs(
    site: Site,
    as_of: date,
    households: pl.DataFrame,
    *,
    signals: pl.DataFrame,
    entitlements: pl.DataFrame,
    scores: pl.DataFrame,
) -> AlertInputs:
    """What alerts are made from: the date's answers, earlier lists and visits, and the stations' capacity."""
    return AlertInputs(
        as_of=as_of,
        signals=signals,
        entitlements=entitlements,
        benefits=benefit_names_and_periods(site.catalogue),
        households=households,
        stations=households.select("town_code").drop_nulls().unique().sort("town_code"),
        operations=parameters.operations(site.catalogue, as_of),
        due_dates=due_dates(site.catalogue, as_of),
        cooldowns=cooldowns(site.catalogue),
        previous_alerts=rows_before(site.con, "mart.alert", as_of),
        previous_signals=rows_before(site.con, "mart.signal", as_of),
        outcomes=outcomes(site.con, as_of),
        scores=scores.select("household_id", "score") if scores.height else None,
    )
