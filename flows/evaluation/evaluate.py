"""Measure the rankings against the truth of a made-up province, all at the stations' capacity."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context import parameters
from flows.context.site import Site
from flows.evaluation.truth import truth_of
from models.evaluation.compare_rankings import evaluate_rankings
from models.ranking.scoring import ranking_candidates
from warehouse.database.partitions import as_of_dates, newest_date, partition
from warehouse.queries.duel import nominated_by
from warehouse.queries.evaluation import replace_evaluation


def evaluate_home(site: Site, truth: dict[str, pl.DataFrame], draws: int = 1000) -> pl.DataFrame:
    """One row per ranking and date, and over all dates; also kept as `mart.evaluation`."""
    newest = newest_date(site.con)
    dates = as_of_dates(site.con)
    parts, truths = [], []
    for done, as_of in enumerate(dates):
        site.progress(f"evaluating {as_of}", done, len(dates))
        parts.append(candidates_of(site, as_of))
        known = truth_of(site, truth, as_of).select("household_id", "in_hardship", "is_silent")
        truths.append(known.with_columns(as_of=pl.lit(as_of)))
    table = evaluate_rankings(
        pl.concat(parts, how="diagonal"), pl.concat(truths), site.capacity(newest), draws=draws
    )
    replace_evaluation(site.con, table)
    return table


def candidates_of(site: Site, as_of: date) -> pl.DataFrame:
    """Every household of a date with each ranking's value; see `ranking_candidates`."""
    scores = partition(site.con, "mart.score", as_of)
    candidates = ranking_candidates(
        as_of=as_of,
        households=partition(site.con, "panel.household", as_of),
        persons=partition(site.con, "panel.person", as_of),
        signals=partition(site.con, "mart.signal", as_of),
        thresholds=parameters.tongling_thresholds(site.catalogue, as_of),
        alerts=partition(site.con, "mart.alert", as_of),
        scores=scores.select("household_id", "score") if scores.height else None,
    )
    named = nominated_by(site.con, as_of, quarter_of(as_of))
    if named.is_empty():
        return candidates
    is_named = pl.col("household_id").is_in(named["household_id"].implode())
    return candidates.with_columns(nominated=pl.when(is_named).then(1))


def quarter_of(day: date) -> date:
    """The first day of its quarter: what a station may name families for."""
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)
