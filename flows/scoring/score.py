"""Score one date: panel, signals, entitlements, ranking and alerts, written in one commit."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from data_contracts.registry.tables import schema
from divisions.present import meanings, villages_at
from flows.context import reference
from flows.context.run import Run
from flows.context.site import Site
from models.ranking.registry import latest_model
from models.ranking.scoring import score_households
from policies.analysis.gaps import policy_gaps
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from transforms.alerts.alerts import build_alerts
from transforms.alerts.inputs import AlertInputs
from transforms.core_as_of import CoreAsOf
from transforms.deliveries.staleness import staleness
from transforms.golden_record.golden_record import golden_record
from transforms.panel.panel import panel_households, panel_persons
from transforms.present_places import odd_codes, place_codes, with_present_places
from warehouse.as_of import core_frames, households_found, outcomes
from warehouse.database.partitions import replace_partitions, rows_before
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.identity.golden_record import golden_record_frames


def score(site: Site, run: Run) -> None:
    """Compute and store everything the date's lists are made from, unless it stands already."""
    if run.is_done(site, "score"):
        return
    tables = compute(site, run.as_of)
    replace_partitions(site.con, run.as_of, tables, run.done(site, "score"))
    site.progress(f"{run.as_of} scored", 4, 4)


def compute(site: Site, as_of: date) -> dict[str, pl.DataFrame]:
    """Table name -> the date's rows; reads only what was known by the date."""
    site.progress(f"{as_of} panel", 0, 4)
    panels = _panels(site, as_of)
    persons, households = panels["panel.person"], panels["panel.household"]
    site.progress(f"{as_of} signals", 1, 4)
    signals = evaluate_signals(site.catalogue, persons, households, as_of)
    site.progress(f"{as_of} entitlements", 2, 4)
    entitlements = evaluate_benefits(site.catalogue, persons, households, as_of)
    limits = reference.group(site.catalogue, "alerts", as_of)
    since = as_of - timedelta(days=limits["policy_gap_days"])
    unhelped = households_found(site.con, as_of, since, reference.NO_POLICY)
    gaps = policy_gaps(
        site.catalogue,
        persons,
        households,
        signals=signals,
        entitlements=entitlements,
        found=unhelped,
        as_of=as_of,
        within=limits["near_miss_share"],
    )
    scores = _scores(site, as_of, households, persons, signals)
    site.progress(f"{as_of} alerts", 3, 4)
    alerts = build_alerts(
        AlertInputs(
            as_of=as_of,
            signals=signals,
            entitlements=entitlements,
            benefits=reference.benefit_words(site.catalogue),
            households=households,
            stations=households.select("town_code").drop_nulls().unique().sort("town_code"),
            operations=reference.operations(site.catalogue, as_of),
            due_dates=reference.due_dates(site.catalogue, as_of),
            cooldowns=reference.cooldowns(site.catalogue),
            previous_alerts=rows_before(site.con, "mart.alert", as_of),
            previous_signals=rows_before(site.con, "mart.signal", as_of),
            outcomes=outcomes(site.con, as_of),
            scores=scores.select("household_id", "score") if scores.height else None,
        )
    )
    return {
        **panels,
        "mart.signal": signals,
        "mart.entitlement": entitlements,
        "mart.policy_gap": gaps,
        "mart.score": scores,
        "mart.alert": alerts,
        "mart.staleness": staleness(
            deliveries_at(site.con, as_of), reference.calendar(site.contracts), as_of
        ),
    }


def _panels(site: Site, as_of: date) -> dict[str, pl.DataFrame]:
    """Persons, households and what they were made from; core, by far the largest, is let go of here."""
    rules = reference.survivorship(site.catalogue, as_of)
    delivered = core_frames(site.con, site.contracts, as_of)
    meant = meanings(place_codes(delivered), as_of, site.changes)
    frames = with_present_places(delivered, meant) | golden_record_frames(site.con, as_of, rules.deaths)
    core = CoreAsOf.of_contracts(frames, as_of, site.contracts.values())
    golden = golden_record(core, rules)
    definitions, declared = reference.definitions(site.catalogue, as_of), site.catalogue.declared
    persons = panel_persons(core, golden.persons, definitions, declared)
    households = panel_households(
        core,
        persons,
        definitions,
        places=reference.places(villages_at(as_of, site.changes)),
        tiers=reference.tiers(site.catalogue, as_of),
        declared=declared,
    )
    return {
        "panel.person": persons,
        "panel.household": households,
        "panel.golden": golden.persons,
        "panel.attribute_conflict": golden.conflicts,
        "ops.place_code": odd_codes(delivered, meant, persons),
    }


def _scores(
    site: Site, as_of: date, households: pl.DataFrame, persons: pl.DataFrame, signals: pl.DataFrame
) -> pl.DataFrame:
    """household_id, score, model_id by the newest model trained by the date; no rows before there is one."""
    entry = latest_model(site.home.models, as_of)
    if entry is None:
        return pl.DataFrame(schema=schema("mart.score", without=("as_of",)))
    scored = score_households(entry, households, persons, signals)
    return scored.with_columns(model_id=pl.lit(entry.model_id))
