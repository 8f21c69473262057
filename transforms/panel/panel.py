"""The person panel and the household panel: every fact of the feature dictionary as of one date.

    panel_persons(core, golden, definitions, derived, declared) -> DataFrame
        one row per known person, living or dead, sorted by person_id: person_id, household_id, town_code,
        village_code, then the person facts of policies/facts.yaml, the definitions NEEDED and the facts that
        contracts declare; awaited facts (without a source) are no columns until a contract declares them
    panel_households(core, persons, definitions, places=, declared=) -> DataFrame
        one row per household with a current or a dead last member, sorted by household_id: household_id,
        town_code, village_code, then the household facts

The other definitions (policies/definitions) follow from these facts, and are no work of this room.

    core         CoreAsOf; its frame `household_member` holds the membership spells
    golden       the persons of golden_record.golden_record of the same date
    places       villages: village_code, town_code, is_rural
    derived      adds the columns NEEDED, definitions of policies/definitions, to the persons
    declared     facts that contracts declare (declared.py), of either entity

Null is unknown, never zero. A source never delivered leaves its facts null; a person absent from a delivered
roll has the stated 'none', false or 0 (for one delivery unknown, if the roll before still had the person);
sums over delivered events without any are 0. 'Days' facts are null both when the event never happened and
when it is unknown: a signal on them reads unknown and does not fire.
Only rows with known_date <= as_of are read, so later deliveries change no earlier answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from data_contracts.loading.declared_facts import DeclaredFact
from transforms.core_as_of import CoreAsOf
from transforms.panel.aid import aid
from transforms.panel.declared import declared_households, declared_persons
from transforms.panel.facts import FactDefinitions, side_by_side
from transforms.panel.health import health
from transforms.panel.housing import housing
from transforms.panel.money import money
from transforms.panel.people import parents, people
from transforms.panel.places import household_places
from transforms.panel.welfare import welfare
from transforms.panel.work import work

PERSON_KEYS = ["person_id", "household_id", "town_code", "village_code"]
# Only the sections need these; a birth date would tell more than an age, so it stays out of the panel.
HELPERS = ["birth_date", "father_person_id", "mother_person_id"]
# Law that the joins rest on: who is a member, whose parent cannot care for a child.
NEEDED = ("is_member", "is_unable_parent")
Derived = Callable[[pl.DataFrame], pl.DataFrame]


def panel_persons(
    core: CoreAsOf,
    golden: pl.DataFrame,
    definitions: FactDefinitions,
    derived: Derived,
    declared: Sequence[DeclaredFact] = (),
) -> pl.DataFrame:
    """Person facts; see the top of this file."""
    everybody = people(core, golden)
    sections = [
        everybody,
        health(core, everybody, definitions),
        work(core, everybody),
        welfare(core, everybody),
    ]
    frame = derived(side_by_side(sections, "person_id"))
    others = [parents(everybody, frame), declared_persons(core, everybody, declared)]
    frame = side_by_side([frame.drop(HELPERS), *others], "person_id")
    return frame.select(*PERSON_KEYS, pl.exclude(PERSON_KEYS))


def panel_households(
    core: CoreAsOf,
    persons: pl.DataFrame,
    definitions: FactDefinitions,
    *,
    places: pl.DataFrame,
    declared: Sequence[DeclaredFact] = (),
) -> pl.DataFrame:
    """Household facts; see the top of this file."""
    members = persons.filter(pl.col("household_id").is_not_null()).sort("household_id", "person_id")
    spine = members.select("household_id").unique(maintain_order=True)
    sections = [
        spine,
        household_places(core, members, spine, places),
        money(core, members, spine, definitions),
        aid(core, members, spine, definitions),
        housing(core, members, spine),
        declared_households(core, members, spine, declared),
    ]
    return side_by_side(sections, "household_id")
