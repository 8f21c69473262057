"""Train the ranking on what visits verified, when there is enough to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from flows.context.job import Job
from models.features.training_frame import Panel, training_frame
from models.ranking.registry import ModelEntry
from models.ranking.training import train
from warehouse.as_of import outcomes
from warehouse.database.partitions import as_of_dates, listed, partition
from warehouse.queries.alerts import alerts_until


def panels(job: Job, until: date) -> Iterator[Panel]:
    """Each scored date's listed households with their persons, and all signals, as they were known then."""
    for as_of in as_of_dates(job.con):
        if as_of <= until:
            households, persons = (listed(job.con, t, as_of) for t in ("panel.household", "panel.person"))
            yield as_of, households, persons, partition(job.con, "mart.signal", as_of)


def labelled(job: Job, as_of: date) -> pl.DataFrame:
    """The training frame of everything known by the date."""
    codes = {c.code: c.is_verified_need for c in job.catalogue.result_codes}
    return training_frame(panels(job, as_of), alerts_until(job.con, as_of), outcomes(job.con, as_of), codes)


def train_home(job: Job, as_of: date) -> ModelEntry:
    """Fit, compare with the rules, and register. Raises ZhaorenError when too little is known yet."""
    job.tell("learning from outcomes", 0, 1)
    entry = train(labelled(job, as_of), job.home.models, as_of, job.capacity(as_of))
    job.tell(f"model {entry.model_id}", 1, 1)
    return entry
