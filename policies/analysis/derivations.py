"""How the derived facts behind an answer came about: formula, value, and what each rests on.

    derivations(cat, persons, households, as_of, ["dibao"]) -> [Derivation("member_cnt", …), …]

Each definition once, for the household or for each of its people, in the order in which the rules reach them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from policies.analysis.causes import Missing, causes
from policies.analysis.readings import FactUsed, MembersUsed, ParameterUsed, Readings, in_words
from policies.catalogue.definition import Definition
from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.shapes import Entity
from policies.values.names import meaning_of
from policies.values.reached import reached
from policies.values.workspace import Workspace


@dataclass(frozen=True)
class DerivedValue:
    """A definition's value for one person (or the household, person_id None), and what it read."""

    person_id: str | None
    household_id: str | None
    value: str
    facts: tuple[FactUsed, ...]
    parameters: tuple[ParameterUsed, ...]
    members: tuple[MembersUsed, ...]
    assumed: tuple[str, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Derivation:
    """A definition with the formula in force on the day; without one (formula "") its values are unknown."""

    name: str
    entity: Entity
    zh: str
    formula: str
    valid_from: date | None
    valid_to: date | None
    status: str
    source: str
    values: tuple[DerivedValue, ...]


def derivations(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date, rules: Iterable[Rule]
) -> list[Derivation]:
    """Every definition that a text of the rules rests on. Meant for one household and its members.

    A value that the frames hold is shown as they hold it.
    """
    read = Readings(Workspace(cat, persons, households, as_of))
    return [_derivation(read, definition) for definition in reached(cat, rules, as_of)]


def _derivation(read: Readings, definition: Definition) -> Derivation:
    version = definition.at(read.space.as_of)
    rows = range(read.space.given[definition.entity].height)
    return Derivation(
        name=definition.name,
        entity=definition.entity,
        zh=read.cat.facts[definition.key].short_zh,
        formula=" ".join(version.formula.split()) if version else "",
        valid_from=version.valid_from if version else None,
        valid_to=version.valid_to if version else None,
        status=version.status if version else "",
        source=version.source.document or version.source.url or "" if version else "",
        values=tuple(_value(read, definition, row) for row in rows),
    )


def _value(read: Readings, definition: Definition, row: int) -> DerivedValue:
    entity, version = definition.entity, definition.at(read.space.as_of)
    value = read.key(entity, definition.name, row)
    term = meaning_of(read.cat, version.formula, entity) if version else None
    what = read.read(entity, term, row) if term else None
    return DerivedValue(
        person_id=read.key(entity, "person_id", row) if entity == "person" else None,
        household_id=read.key(entity, "household_id", row),
        value=in_words(value, read.cat.labels.get(definition.name, {})),
        facts=what.facts if what else (),
        parameters=what.parameters if what else (),
        members=what.members if what else (),
        assumed=what.assumed if what else (),
        missing=causes(read, entity, term, row) if term and value is None else (),
    )
