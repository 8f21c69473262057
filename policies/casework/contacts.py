"""How a family is reached: `contacts.yaml`.

contacts = load_contacts()
contacts.failed_codes, contacts.not_reached.tries
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from policies.casework.life_checks import twice_named
from policies.casework.versions import in_force, shipped
from policies.catalogue.shapes import Dated, Source, Status, Strict, Text
from zhaoren.yaml_lines import Problem, YamlFile


class Word(Strict):
    """A code and what people call it."""

    code: Text
    zh: Text


class ContactResult(Word):
    """What came of a try; `is_reached`: somebody of the family spoke."""

    is_reached: bool


class NotReached(Strict):
    """When a family counts as not reached: failed tries, in so many parts of the day, then somebody asked."""

    tries: int = Field(ge=1)
    parts_of_day: int = Field(ge=1)
    then_ways: tuple[Text, ...] = Field(min_length=1)


class Contacts(Dated):
    """One version of `contacts.yaml`."""

    source: Source
    status: Status
    parts_of_day: tuple[Word, ...]
    ways: tuple[Word, ...]
    results: tuple[ContactResult, ...]
    not_reached: NotReached

    @property
    def reached_codes(self) -> tuple[str, ...]:
        """Results that say somebody of the family spoke."""
        return tuple(result.code for result in self.results if result.is_reached)

    @property
    def failed_codes(self) -> tuple[str, ...]:
        """Results that say nobody of the family spoke."""
        return tuple(result.code for result in self.results if not result.is_reached)


def contact_problems(contacts: Contacts, file: YamlFile) -> Iterator[Problem]:
    """Every mistake of one version that its shape does not show, with file and line."""
    for name in ("parts_of_day", "ways", "results"):
        yield from twice_named(file, name, (word.code for word in getattr(contacts, name)))
    rule, ways = contacts.not_reached, {way.code for way in contacts.ways}
    for way in rule.then_ways:
        if way not in ways:
            yield file.problem(f"'{way}' is no way", "not_reached", "then_ways", todo="see ways")
    if not ways - set(rule.then_ways):
        what = "no way is left to try before somebody else is asked"
        yield file.problem(what, "not_reached", "then_ways", todo="leave one out")
    if rule.parts_of_day > min(rule.tries, len(contacts.parts_of_day)):
        what = f"{rule.tries} tries cannot lie in {rule.parts_of_day} parts of the day"
        yield file.problem(what, "not_reached", "parts_of_day", todo="ask for fewer")


def load_contacts(as_of: date | None = None) -> Contacts:
    """How a family is reached, by the rules of the day (default: the newest). ZhaorenError with its line."""
    return in_force(shipped("contacts", Contacts, contact_problems), as_of)
