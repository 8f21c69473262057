"""Score one date: panel, signals, entitlements, ranking and alerts, written in one commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from data_contracts.registry.tables import shipped_tables
from flows.context import parameters
from flows.context.calendar import delivery_calendar, due_dates
from flows.context.catalogue_frames import cooldowns, resting_since
from flows.context.run import Run
from flows.context.site import Site
from flows.scoring.drift import model_drift
from flows.scoring.shards.work import KEY_PERSONS, KEY_UNTOLD, MISSING, work_on
from flows.scoring.shards.world import World, cut
from flows.scoring.stations import station_tables, stations_before
from transforms.alerts.alerts import build_lists, cases_of
from transforms.alerts.asked import asked_households
from transforms.alerts.inputs import AlertInputs
from transforms.deliveries.staleness import staleness
from transforms.present_places import counted_together
from transforms.sharding import Sharding
from warehouse.as_of import outcomes
from warehouse.dated_rows import Rows, Selected, replace_partitions
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.queries.earlier_lists import earlier_lines, signals_visited
from warehouse.shards.store import ShardStore

# Tables that are kept as the shards answered them.
SHARDED = (
    *("panel.person", "panel.household", "panel.golden", "panel.attribute_conflict"),
    *("mart.signal", "mart.entitlement", "mart.policy_gap", "mart.score", "mart.shadow_score"),
    "mart.proxy_means",
)


def score(site: Site, run: Run) -> None:
    """Compute and store everything the date's lists are made from, unless that was done already."""
    if run.is_done(site, "score"):
        return
    with computed(site, run.as_of) as answers:
        replace_partitions(site.con, run.as_of, answers.tables(), run.done(site, "score"))
    site.progress(f"{run.as_of} scored", 4, 4)


def compute(site: Site, as_of: date) -> dict[str, pl.DataFrame]:
    """Table name -> the date's rows, from what was known by the date and nothing else; all in memory."""
    with computed(site, as_of) as answers:
        rows = {name: answers.frame(name) for name in SHARDED}
        return {**rows, **answers.whole}


@dataclass(frozen=True)
class Answers:
    """A date's answers: the shards' in files, those about all of them together as frames."""

    store: ShardStore
    sharding: Sharding
    whole: Mapping[str, pl.DataFrame]

    def tables(self) -> dict[str, Rows]:
        """Every table that is kept, as frame or query."""
        queries = {name: Selected(self.store.query(name, self.sharding.count)) for name in SHARDED}
        return {**queries, **self.whole}

    def frame(self, table: str) -> pl.DataFrame:
        """A sharded table's rows, whole, in the order of its key."""
        key = [name for name in shipped_tables()[table].key if name != "as_of"]
        rows = self.store.results(table, self.sharding.count)
        return rows.sort(key, nulls_last=True, maintain_order=True).collect()


@contextmanager
def computed(site: Site, as_of: date) -> Iterator[Answers]:
    """The date's answers, from what was known by it; their files are gone afterwards."""
    store = ShardStore(f"{site.shards_root}/shards-{as_of}")
    store.prepare(site.con)
    sharding = site.sharding
    try:
        site.progress(f"{as_of} facts by household", 0, 4)
        world = cut(site, as_of, sharding, store)
        work = partial(work_on, world=world, store=store)
        for done, _ in enumerate(site.runner.map(work, range(sharding.count)), start=1):
            part = f", {done} of {sharding.count} parts" if sharding.count > 1 else ""
            site.progress(f"{as_of} panel, signals, entitlements{part}", 1 + 2 * done / sharding.count, 4)
        site.progress(f"{as_of} alerts", 3, 4)
        yield Answers(store, sharding, _together(site, as_of, world, store))
    finally:
        store.clear()


def _together(site: Site, as_of: date, world: World, store: ShardStore) -> dict[str, pl.DataFrame]:
    """What needs all shards' answers: alerts compete for their station's places, odd codes are counted."""
    count = world.sharding.count
    households = store.results("panel.household", count).select(
        "household_id", "town_code", "village_code", "member_cnt"
    )
    scores = store.results("mart.score", count).select("household_id", "score").collect()
    signals = store.results("mart.signal", count).collect()
    missing = store.results(MISSING, count).collect()
    places = households.sort("household_id").collect()
    means = store.results("mart.proxy_means", count).drop("model_id").collect() if world.means else None
    operations = parameters.operations(site.catalogue, as_of)
    asked = asked_households(means, float(operations.ask_chance_min))
    keys, untold = (store.results(name, count).collect() for name in (KEY_PERSONS, KEY_UNTOLD))
    stations = stations_before(site, as_of, places, keys, untold)
    rests = cooldowns(site.catalogue)
    since = resting_since(rests, as_of)
    inputs = AlertInputs(
        as_of=as_of,
        signals=signals,
        missing=missing,
        households=places,
        stations=stations.rows.select("town_code", "capacity"),
        operations=operations,
        due_dates=due_dates(site.catalogue, as_of),
        cooldowns=rests,
        previous_alerts=earlier_lines(site.con, as_of, since, cases_of(signals, missing, asked)),
        previous_signals=signals_visited(site.con, as_of, since),
        outcomes=outcomes(site.con, as_of),
        scores=scores if scores.height else None,
        means=means,
    )
    alerts, draws = build_lists(inputs)
    return {
        "mart.alert": alerts,
        "ops.model_drift": model_drift(site, as_of, world, store),
        "mart.draw": draws,
        **station_tables(site, as_of, stations, alerts),
        "mart.staleness": staleness(deliveries_at(site.con, as_of), delivery_calendar(site.contracts), as_of),
        "ops.place_code": counted_together(store.results("ops.place_code", count).collect()),
    }
