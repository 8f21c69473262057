"""What is missing where a value is unknown: departments' facts behind it, through definitions and members.

Only parts that are themselves unknown are followed, so that a fact which would change nothing is not named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.analysis.readings import Readings
from policies.catalogue.model import KEYS
from policies.catalogue.shapes import Entity
from policies.language.terms import FACT, MEMBER_WORDS, PARAMETER, Term
from policies.values.names import meaning_of
from policies.values.options import options


@dataclass(frozen=True)
class Missing:
    """A fact nobody told (`$group.name`: a parameter without a value), and whose; None: the household's."""

    name: str
    zh: str
    sources: tuple[str, ...]
    person_id: str | None


def causes(read: Readings, entity: Entity, term: Term, row: int) -> tuple[Missing, ...]:
    """What is missing for a term that is unknown in the row, each once; nothing where it is known."""
    return tuple(dict.fromkeys(_causes(read, entity, term, row)))


def _causes(read: Readings, entity: Entity, term: Term, row: int) -> Iterator[Missing]:
    if read.value(entity, term, row) is not None:
        return
    if term.word == FACT:
        yield from _of_fact(read, entity, term.name, row)
    elif term.word == PARAMETER:
        yield from _of_parameter(read, entity, term.name, row)
    elif term.word in MEMBER_WORDS:
        for i in read.people(entity, term, row):
            yield from _causes(read, "person", term.args[-1], i)
            if read.value("person", term.args[-1], i):
                yield from _causes(read, "person", term.args[0], i)
    elif term.word == "CASE":
        yield from _of_case(read, entity, term, row)
    else:
        for arg in term.args:
            yield from _causes(read, entity, arg, row)


def _of_case(read: Readings, entity: Entity, term: Term, row: int) -> Iterator[Missing]:
    """Up to the branch that holds; a test that is unknown leaves open whether those behind it are reached."""
    for test, result in zip(term.args[:-1:2], term.args[1::2], strict=False):
        yield from _causes(read, entity, test, row)
        if read.value(entity, test, row):
            yield from _causes(read, entity, result, row)
            return
    yield from _causes(read, entity, term.args[-1], row)


def _of_fact(read: Readings, entity: Entity, name: str, row: int) -> Iterator[Missing]:
    if name in KEYS:
        yield Missing(name, "所在地区", (), _whose(read, entity, row))
        return
    fact, place = read.located(entity, name, row)
    definition = read.cat.definitions.get(f"{fact.entity}.{fact.name}")
    version = definition.at(read.space.as_of) if definition else None
    if version is not None and place is not None:
        formula = meaning_of(read.cat, version.formula, fact.entity)
        if behind := list(_causes(read, fact.entity, formula, place)):
            yield from behind
            return
    whose = _whose(read, entity, row) if fact.entity == "person" else None
    yield Missing(fact.name, fact.short_zh, fact.sources, whose)


def _of_parameter(read: Readings, entity: Entity, name: str, row: int) -> Iterator[Missing]:
    """The facts it goes by where one of them is unknown, else the parameter itself."""
    columns = options(read.cat, name, read.space.as_of, entity).all_columns
    unknown = [column for column in columns if read.key(entity, column, row) is None]
    for column in unknown:
        yield from _of_fact(read, entity, column, row)
    if not unknown:
        yield Missing(f"${name}", f"{read.cat.parameter(name).zh}（当期标准未录入）", (), None)


def _whose(read: Readings, entity: Entity, row: int) -> str | None:
    found: str | None = read.key(entity, "person_id", row) if entity == "person" else None
    return found
