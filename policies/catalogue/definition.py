"""A fact that follows from others: one file of definitions/ holds those that belong together."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from policies.catalogue.fact import Never, known_type
from policies.catalogue.shapes import Dated, Entity, FactValue, Source, Status, Strict, Text


class Version(Dated):
    """The formula in force from one day to another."""

    formula: Text
    status: Status
    source: Source


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
    """

    name: Text
    entity: Entity
    type: Annotated[str, AfterValidator(known_type)]
    unit: str
    zh: Text
    sources: tuple[Text, ...] | None = None
    never: Never | None = None
    versions: tuple[Version, ...] = Field(min_length=1)
    examples: tuple[DefinitionExample, ...] = ()

    @property
    def key(self) -> str:
        """How the catalogue calls it: "entity.name"."""
        return f"{self.entity}.{self.name}"

    def at(self, as_of: date) -> Version | None:
        """The version in force on the date."""
        return next((version for version in self.versions if version.in_force(as_of)), None)


class DefinitionFile(Strict):
    """One file of `definitions/`."""

    group: Text
    zh: Text
    definitions: tuple[Definition, ...]
