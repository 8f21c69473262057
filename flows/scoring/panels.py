"""The panel of a date: one row per person and per household, with every fact that rules and lists name."""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions.present import meanings, villages_at
from flows.context import parameters
from flows.context.places import panel_places
from flows.context.site import Site
from transforms.core_as_of import CoreAsOf
from transforms.golden_record.golden_record import golden_record
from transforms.panel.panel import panel_households, panel_persons
from transforms.present_places import odd_codes, place_codes, with_present_places
from warehouse.as_of import core_frames
from warehouse.identity.golden_record import golden_record_frames


def panels(site: Site, as_of: date) -> dict[str, pl.DataFrame]:
    """Table name -> rows: persons, households, and what they were made from.

    The delivered rows are by far the largest frames of a run; they are needed here only and freed again.
    """
    rules = parameters.survivorship(site.catalogue, as_of)
    delivered = core_frames(site.con, site.contracts, as_of)
    meant = meanings(place_codes(delivered), as_of, site.changes)
    frames = with_present_places(delivered, meant) | golden_record_frames(site.con, as_of, rules.deaths)
    core = CoreAsOf.of_contracts(frames, as_of, site.contracts.values())
    golden = golden_record(core, rules)
    definitions, declared = parameters.definitions(site.catalogue, as_of), site.catalogue.declared
    persons = panel_persons(core, golden.persons, definitions, declared)
    households = panel_households(
        core,
        persons,
        definitions,
        places=panel_places(villages_at(as_of, site.changes)),
        tiers=parameters.tiers(site.catalogue, as_of),
        declared=declared,
    )
    return {
        "panel.person": persons,
        "panel.household": households,
        "panel.golden": golden.persons,
        "panel.attribute_conflict": golden.conflicts,
        "ops.place_code": odd_codes(delivered, meant, persons),
    }
