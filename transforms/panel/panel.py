"""The person panel and the household panel: every fact of the feature dictionary as of one date.

    panel_persons(core, as_of, definitions, declared, gold) -> DataFrame
        one row per known person, living or dead, sorted by person_id: person_id, household_id, town_code,
        village_code, then the person facts of policies/facts.yaml and those that contracts declare; awaited
        facts (without a source) are no columns until a contract declares them
    panel_households(core, persons, as_of, definitions, places, tiers, declared) -> DataFrame
        one row per household with a current or a dead last member, sorted by household_id: household_id,
        town_code, village_code, then the household facts

    core         extract name -> loaded rows (frames.py); `household_member` -> membership spells
    places       villages: village_code, town_code, city_code (4 digits), is_rural
    tiers        city_code -> tier_code of the minimum standard; cities not in it are tier four
    declared     facts that contracts declare (panel_declared.py), of either entity

Null is unknown, never zero. A source never delivered leaves its facts null; a person absent from a delivered
roll has the stated 'none', false or 0 (for one delivery unknown, if the roll before still had the person);
sums over delivered events without any are 0. 'Days' facts are null
both when the event never happened and when it is unknown: a signal on them reads unknown and does not fire.
Only rows with known_date <= as_of are read, so later deliveries change no earlier answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from data_contracts.loading.declared_facts import DeclaredFact
from transforms.core_as_of import Core
from transforms.golden_record.people import golden
from transforms.panel.aid import aid
from transforms.panel.declared import declared_households, declared_persons
from transforms.panel.definitions import FactDefinitions
from transforms.panel.family import family
from transforms.panel.health import health
from transforms.panel.house import house
from transforms.panel.money import money
from transforms.panel.parents import parents
from transforms.panel.people import people
from transforms.panel.places import household_places
from transforms.panel.welfare import welfare
from transforms.panel.work import work

PERSON_KEYS = ["person_id", "household_id", "town_code", "village_code"]
HELPERS = ["birth_date", "father_person_id", "mother_person_id"]


def panel_persons(
    core: Core,
    as_of: date,
    definitions: FactDefinitions,
    declared: Sequence[DeclaredFact] = (),
    gold: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Person facts; see the top of this file. `gold`: the persons of golden_people.golden, where at hand."""
    who = people(core, as_of, golden(core, as_of, definitions.golden).persons if gold is None else gold)
    sections = [
        health(core, who, as_of, definitions),
        work(core, who, as_of),
        welfare(core, who, as_of),
    ]
    frame = pl.concat([who, *(section.drop("person_id") for section in sections)], how="horizontal")
    kin = parents(who, frame, definitions).drop("person_id")
    brought = declared_persons(core, who, as_of, declared).drop("person_id")
    frame = pl.concat([frame.drop(HELPERS), kin, brought], how="horizontal")
    return frame.select(*PERSON_KEYS, pl.exclude(PERSON_KEYS))


def panel_households(
    core: Core,
    persons: pl.DataFrame,
    as_of: date,
    definitions: FactDefinitions,
    places: pl.DataFrame,
    tiers: pl.DataFrame,
    declared: Sequence[DeclaredFact] = (),
) -> pl.DataFrame:
    """Household facts; see the top of this file."""
    members = persons.filter(pl.col("household_id").is_not_null()).sort("household_id", "person_id")
    spine = members.select("household_id").unique(maintain_order=True)
    sections = [
        household_places(core, members, spine, as_of, places, tiers),
        family(core, members, spine, as_of, definitions),
        money(core, members, spine, as_of, definitions),
        aid(core, members, spine, as_of, definitions),
        house(core, members, spine, as_of),
        declared_households(core, members, spine, as_of, declared),
    ]
    return pl.concat([spine, *(section.drop("household_id") for section in sections)], how="horizontal")
