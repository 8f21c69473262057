"""What the shards of a date have in common: the rules in force, and what is not cut by household."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from data_contracts.contract.model import Contract, core_column
from data_contracts.registry.tables import schema
from divisions.present import meanings, villages_at
from flows.context import parameters
from flows.context.catalogue_frames import NO_POLICY, benefit_names_and_periods, roll_sources
from flows.context.places import panel_places
from flows.context.run import ordering_of
from flows.context.site import Site
from models.proxy_means.training import short_share_of
from models.ranking.fitting import Model
from models.ranking.registry import MEANS, ModelEntry, load
from models.ranking.use_log import Ordering
from policies.catalogue.model import Catalogue
from transforms.deliveries.roll_spans import roll_spans
from transforms.present_places import ENDINGS
from transforms.sharding import Sharding
from warehouse.as_of import households_found
from warehouse.database.connection import Connection
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.identity.golden_record import golden_record_frames
from warehouse.identity.person_aliases import aliases_at
from warehouse.ranking.drift import baseline_of
from warehouse.shards.assignment import Register, place_everybody
from warehouse.shards.export import Everywhere, distinct_values, export
from warehouse.shards.source import Source
from warehouse.shards.sources import sources
from warehouse.shards.store import ShardStore
from zhaoren.errors import ZhaorenError

NO_SCORES = schema("mart.score", without=("as_of",))
NO_ESTIMATES = schema("mart.proxy_means", without=("as_of",))


@dataclass(frozen=True)
class Scorer:
    """A loaded model, its id, and how the households of its training date were spread."""

    model_id: str
    model: Model
    baseline: pl.DataFrame


@dataclass(frozen=True)
class MeansTest:
    """The proxy means test in use, and by how much of the line a family below it falls short."""

    model_id: str
    model: Model
    short_share: float


@dataclass(frozen=True, kw_only=True)
class World:
    """All that a shard's work needs beside its files; plain data, so that it can be sent anywhere.

    frames: what every shard sees of each frame in the store. shared: small frames that every shard sees
    whole. aliases: whom ids stand for. meant: what place codes mean on the date. found: households that a
    visit found in need without a policy that fits. in_use: what orders households, if anything. shadow: what
    is scored beside it and orders nothing. means: what asks for incomes that nobody has stated, if anything.
    """

    as_of: date
    sharding: Sharding
    catalogue: Catalogue
    contracts: tuple[Contract, ...]
    frames: Mapping[str, Everywhere]
    shared: Mapping[str, pl.DataFrame]
    aliases: pl.DataFrame
    meant: pl.DataFrame
    places: pl.DataFrame
    spans: pl.DataFrame
    benefits: pl.DataFrame
    found: pl.Series
    in_use: Scorer | None = None
    shadow: Scorer | None = None
    means: MeansTest | None = None


def cut(site: Site, as_of: date, sharding: Sharding, store: ShardStore) -> World:
    """Write the date's facts into the store, shard by shard. Returns what they have in common."""
    con, contracts = site.con, tuple(site.contracts.values())
    every = sources(con, site.contracts, as_of)
    by_name = {source.name: source for source in every}
    if sharding.count > 1:
        place_everybody(con, sharding, as_of, by_name["household_member"], _register(contracts, by_name))
    owners: dict[str, tuple[str, ...]] = {}
    for fact in site.catalogue.declared:
        if fact.person != "person_id":
            owners[fact.extract] = (*owners.get(fact.extract, ()), fact.person)
    frames = export(con, every, sharding, store, owners)
    return _world(site, as_of, sharding, frames, every)


def _register(contracts: tuple[Contract, ...], by_name: Mapping[str, Source]) -> Register | None:
    for contract in contracts:
        if contract.identifies_everybody:
            named = (core_column(column.name) for column in contract.columns)
            kin = tuple(name for name in named if name.endswith("_person_id"))
            return Register(by_name[contract.extract], kin)
    return None


def _world(
    site: Site, as_of: date, sharding: Sharding, frames: Mapping[str, Everywhere], every: list[Source]
) -> World:
    catalogue, con = site.catalogue, site.con
    deaths = parameters.survivorship(catalogue, as_of).deaths
    since = as_of - timedelta(days=parameters.group(catalogue, "alerts", as_of)["policy_gap_days"])
    in_use, shadow = scorers(con, ordering_of(site, as_of))
    return World(
        as_of=as_of,
        sharding=sharding,
        catalogue=catalogue,
        contracts=tuple(site.contracts.values()),
        frames=frames,
        shared=golden_record_frames(con, as_of, deaths),
        aliases=aliases_at(con, as_of),
        meant=meanings(distinct_values(con, _place_columns(every, frames)), as_of, site.changes),
        places=panel_places(villages_at(as_of, site.changes)),
        spans=roll_spans(deliveries_at(con, as_of), roll_sources(catalogue, as_of)),
        benefits=benefit_names_and_periods(catalogue),
        found=households_found(con, as_of, since, NO_POLICY),
        in_use=in_use,
        shadow=shadow,
        means=_means_test(site, as_of),
    )


def scorers(con: Connection, ordering: Ordering) -> tuple[Scorer | None, Scorer | None]:
    """The models in use and in the shadow, loaded.

    A model that cannot be loaded stops no run: the rules order the lists. Changed files are told by
    `ordering_at`; `zhaoren models show` says what else is wrong.
    """
    in_use = shadow = None
    with suppress(ZhaorenError):
        in_use = _loaded(con, ordering.model)
    with suppress(ZhaorenError):
        shadow = _loaded(con, ordering.shadow)
    return in_use, shadow


def _means_test(site: Site, as_of: date) -> MeansTest | None:
    """The test in use, loaded; one that cannot be loaded asks nobody."""
    entry = ordering_of(site, as_of, MEANS).model
    with suppress(ZhaorenError):
        if entry:
            return MeansTest(entry.model_id, load(entry), short_share_of(entry.metrics))
    return None


def _loaded(con: Connection, entry: ModelEntry | None) -> Scorer | None:
    return Scorer(entry.model_id, load(entry), baseline_of(con, entry.model_id)) if entry else None


def _place_columns(every: list[Source], frames: Mapping[str, Everywhere]) -> list[tuple[Source, str]]:
    return [(one, name) for one in every for name in frames[one.name].schema if name.endswith(ENDINGS)]
