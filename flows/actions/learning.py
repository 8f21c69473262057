"""Train the ranking on what visits verified, when there is enough to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from flows.context import parameters
from flows.context.site import Site
from models.features.training_frame import Panel, training_frame
from models.ranking.registry import ModelEntry
from models.ranking.training import Owed, train
from warehouse.as_of import outcomes
from warehouse.database.partitions import as_of_dates, partition, rows_of_listed
from warehouse.queries.alerts import alerts_until


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
    site.progress(f"model {entry.model_id}", 1, 1)
    return entry
