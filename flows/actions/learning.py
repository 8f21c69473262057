"""Train the ranking on what visits verified, when there is enough to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from flows.context import parameters
from flows.context.site import Site
from models.features.training_frame import Panel, training_frame
from models.ranking.drift import baseline
from models.ranking.registry import ModelEntry, load
from models.ranking.scoring import scored_features
from models.ranking.training import Owed, train
from transforms.sharding import Sharding
from warehouse.as_of import outcomes
from warehouse.database.catalogue import columns_of
from warehouse.database.partitions import as_of_dates, partition, rows_of_listed, rows_of_shard
from warehouse.queries.alerts import alerts_until
from warehouse.queries.households import last_household
from warehouse.ranking.drift import store_baseline

# Of whom the spread of scores and features is kept.
BASELINE_HOUSEHOLDS = 50_000


def panels(site: Site, until: date) -> Iterator[Panel]:
    """Each scored date's listed households with their persons, and all signals, as they were known then."""
    for as_of in as_of_dates(site.con):
        if as_of <= until:
            households, persons = (
                rows_of_listed(site.con, t, as_of) for t in ("panel.household", "panel.person")
            )
            yield as_of, households, persons, partition(site.con, "mart.signal", as_of)


def labelled(site: Site, as_of: date) -> pl.DataFrame:
    """The training frame of everything known by the date."""
    codes = {c.code: c.is_verified_need for c in site.catalogue.result_codes}
    return training_frame(
        panels(site, as_of), alerts_until(site.con, as_of), outcomes(site.con, as_of), codes
    )


def owed(site: Site, as_of: date) -> Owed:
    """What the policies ask of a model on the date."""
    gates, least = parameters.group_rules(site.catalogue, as_of)
    return Owed(gates, least, parameters.tongling_thresholds(site.catalogue, as_of))


def keep_baseline(site: Site, entry: ModelEntry, as_of: date) -> None:
    """Keep how the households of the newest date scored by then are spread, for telling later what moved.

    Of a large province one shard, which holds households from everywhere: a tenth of tens of thousands is as
    good as a tenth of all. Killed before it is written, the next training of the same model writes it.
    """
    dates = [day for day in as_of_dates(site.con) if day <= as_of]
    if not dates:
        return
    part = (Sharding.of_size(last_household(site.con), BASELINE_HOUSEHOLDS), 0)
    households, persons, signals = (
        rows_of_shard(site.con, table, dates[-1], part, *columns_of(site.con, table))
        for table in ("panel.household", "panel.person", "mart.signal")
    )
    model = load(entry)
    scored = scored_features(model, households, persons, signals)
    store_baseline(site.con, entry.model_id, baseline(scored, model.features))


def train_home(site: Site, as_of: date) -> ModelEntry:
    """Fit, compare with the rules, and register. Raises ZhaorenError when too little is known yet."""
    site.progress("learning from outcomes", 0, 1)
    entry = train(
        labelled(site, as_of),
        site.home.models,
        as_of,
        site.capacity(as_of),
        owed(site, as_of),
        code=site.version,
    )
    keep_baseline(site, entry, as_of)
    site.progress(f"model {entry.model_id}", 1, 1)
    return entry
