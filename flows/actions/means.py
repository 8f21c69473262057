"""Train the proxy means test on the incomes that rolls found, and on what visits found of unknown ones."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context import parameters
from flows.context.site import Site
from models.features.groups import household_groups
from models.features.household_features import NO_SIGNALS, household_features
from models.proxy_means.fitting import FEATURES, chosen
from models.proxy_means.found import FACTS, PLACE, Incomes, found_incomes, incomes_of
from models.proxy_means.training import Learned, train_means
from models.ranking.registry import ModelEntry
from warehouse.as_of import outcomes
from warehouse.database.partitions import as_of_dates, partition, rows_of_households
from warehouse.queries.alerts import lines_of_visits

# So many of the newest lists: a year and its judged lists. Cost must not grow with the months behind.
LISTS = 13
DIBAO = "dibao"


def train_means_home(site: Site, as_of: date) -> ModelEntry:
    """Learn from what is known by the date, judge, and register. Raises ZhaorenError (too_few_found)."""
    site.progress("learning whose income to ask", 0, 1)
    _, least = parameters.group_rules(site.catalogue, as_of)
    entry = train_means(learned(site, as_of), site.home.models, as_of, least=least, code=site.version)
    site.progress(f"proxy means test {entry.model_id}", 1, 1)
    return entry


def learned(site: Site, as_of: date) -> Learned:
    """Labels and features of the newest lists, and the visits of unknown incomes on them."""
    dates = [day for day in as_of_dates(site.con) if day <= as_of][-LISTS:]
    known = [Incomes(day, _incomes(site, day)) for day in dates]
    visits = lines_of_visits(site.con, outcomes(site.con, as_of))
    rows = chosen(found_incomes(known, visits))
    at_door = _at_door(site, known, visits)
    parts = [(rows.filter(as_of=one.as_of), at_door.filter(as_of=one.as_of), one.as_of) for one in known]
    with_features = [
        (_with_features(site, labelled, day), _with_features(site, met, day)) for labelled, met, day in parts
    ]
    return Learned(*(pl.concat(frames, how="diagonal") for frames in zip(*with_features, strict=True)))


def _incomes(site: Site, day: date) -> pl.DataFrame:
    households = partition(site.con, "panel.household", day, *FACTS, *PLACE)
    line = parameters.dibao_line(site.catalogue, households, day)
    return incomes_of(households, line).select("household_id", "income_share")


def _at_door(site: Site, known: list[Incomes], visits: pl.DataFrame) -> pl.DataFrame:
    """as_of, household_id, below, draw_chance of visits of incomes unknown on the list's date.

    Below: the visit helped to apply for 低保. Not below: it found no need, or helped in another way; who
    helped and did not apply for it saw no reason to. Without those the level was twice too high (0.20, not
    0.09).
    """
    told_of_need = [c.code for c in site.catalogue.result_codes if c.is_verified_need is not None]
    below = pl.when(pl.col("benefit_id") == DIBAO).then(pl.lit(True))
    answer = below.when(pl.col("result_code").is_in(told_of_need)).then(pl.lit(False))
    told = visits.with_columns(below=answer).drop_nulls("below").sort("found_date", "alert_id")
    told = told.unique(["as_of", "household_id"], keep="last", maintain_order=True)
    unknown = pl.concat(
        one.households.filter(pl.col("income_share").is_null()).select(
            pl.lit(one.as_of).alias("as_of"), "household_id"
        )
        for one in known
    )
    met = told.join(unknown, on=["as_of", "household_id"], how="semi")
    return met.select("as_of", "household_id", "below", "draw_chance").sort("as_of", "household_id")


def _with_features(site: Site, rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """The rows with what was known of their households on the day, and the groups looked at later."""
    households, persons = (
        rows_of_households(site.con, table, day, rows, "*") for table in ("panel.household", "panel.person")
    )
    features = household_features(households, persons, NO_SIGNALS, ()).select("household_id", *FEATURES)
    groups = household_groups(households, persons)
    return rows.join(features, on="household_id").join(groups, on="household_id", how="left")
