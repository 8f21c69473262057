"""A fact that follows from others: one file of definitions/ holds those that belong together."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from policies.catalogue.fact import Never, known_type
from policies.catalogue.shapes import Dated, Entity, FactValue, PlaceCode, Source, Status, Strict, Text


class Version(Dated):
    """The formula in force from one day to another."""

    formula: Text
    status: Status
    source: Source


class PlaceVersion(Version):
    """A place's own formula: it goes before the one for everywhere."""

    place: PlaceCode


class DefinitionExample(Strict):
    """Facts in, the value out. `members` are all persons of the household, for a person's definition the
    others.
    """

    name: Text
    as_of: date
    person: dict[str, FactValue] = {}
    household: dict[str, FactValue] = {}
    members: tuple[dict[str, FactValue], ...] = ()
    gives: FactValue


class Definition(Strict):
    """A derived fact: rules, sentences, tables and other definitions name it like any other.

    Where no version is in force the fact is unknown. A value that is given goes before the formula.

    sources  the extracts without which it is unknown; left out, all that the facts it rests on name. Whoever
             does without a fact (IF_UNKNOWN) need not name its extracts.
    never    what an empty cell means, as of a fact
    place    whose own formulas these are, beside a definition of the same name for everywhere
    local    the places' own versions, as they were read
    """

    name: Text
    entity: Entity
    type: Annotated[str, AfterValidator(known_type)]
    unit: str
    zh: Text
    place: PlaceCode | None = None
    local: tuple[PlaceVersion, ...] = ()
    sources: tuple[Text, ...] | None = None
    never: Never | None = None
    versions: tuple[Version, ...] = Field(min_length=1)
    examples: tuple[DefinitionExample, ...] = ()

    @property
    def key(self) -> str:
        """How the catalogue calls it: "entity.name"."""
        return f"{self.entity}.{self.name}"

    def at(self, as_of: date) -> Version | None:
        """The version in force on the date, with what places have of their own put in front, the smallest
        first.
        """
        general = next((version for version in self.versions if version.in_force(as_of)), None)
        own = sorted((v for v in self.local if v.in_force(as_of)), key=lambda v: (-len(v.place), v.place))
        if not own:
            return general
        whens = " ".join(f"WHEN IN_PLACE('{version.place}') THEN ({version.formula})" for version in own)
        formula = f"CASE {whens} ELSE {f'({general.formula})' if general else 'NULL'} END"
        first = general or own[0]
        return Version(
            valid_from=first.valid_from, valid_to=first.valid_to, formula=formula,
            status="unverified" if any(v.status != "verified" for v in (first, *own)) else "verified",
            source=first.source,
        )  # fmt: skip

    @property
    def formulas(self) -> tuple[str, ...]:
        """Every formula, of any day and place."""
        return tuple(version.formula for version in (*self.versions, *self.local))


class DefinitionFile(Strict):
    """One file of `definitions/`."""

    group: Text
    zh: Text
    definitions: tuple[Definition, ...]
