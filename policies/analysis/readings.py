"""What a text read in one row of a household: each fact, parameter and member with its value, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from policies.catalogue.fact import Fact
from policies.catalogue.shapes import Entity
from policies.language.terms import PARAMETER, Term, without_fallbacks, written
from policies.values.columns import HOUSEHOLD_OF, needs_column, parameter_column
from policies.values.names import facts_read
from policies.values.options import Option, options
from policies.values.workspace import Workspace

UNKNOWN_ZH = "不详"
ANSWERS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True)
class FactUsed:
    """A fact a text read: its Chinese name, its value as text (「不详」 when unknown), its extracts.

    is_derived: a definition gives it; derivations.py says how it came about.
    """

    name: str
    zh: str
    value: str
    sources: tuple[str, ...]
    is_derived: bool = False


@dataclass(frozen=True)
class ParameterUsed:
    """A parameter a text used: its value for the row, since when, whether verified, where it is from.

    is_own: the home set it in the place of the shipped value.
    """

    name: str
    zh: str
    value: str
    valid_from: date | None
    status: str
    source: str
    is_own: bool = False


@dataclass(frozen=True)
class MemberUsed:
    """One of a household's people before a word about members: whether he counts, and the facts that say so.

    value     what of him is summed or compared; "" where the word only counts
    """

    person_id: str
    counts: str
    value: str
    facts: tuple[FactUsed, ...]
    parameters: tuple[ParameterUsed, ...]
    assumed: tuple[str, ...]


@dataclass(frozen=True)
class MembersUsed:
    """A word about members as it is written, its value, and everybody it looked at."""

    text: str
    value: str
    members: tuple[MemberUsed, ...]


@dataclass(frozen=True)
class Read:
    """All that one text read in one row. `assumed`: the reasons of IF_UNKNOWN that the value rests on."""

    facts: tuple[FactUsed, ...]
    parameters: tuple[ParameterUsed, ...]
    members: tuple[MembersUsed, ...]
    assumed: tuple[str, ...]


class Readings:
    """Reads terms in the rows of a workspace of few rows: one household, or an example."""

    def __init__(self, space: Workspace) -> None:
        self.space, self.cat = space, space.cat
        self._kept: dict[tuple[Entity, Term], list[Any]] = {}

    def value(self, entity: Entity, term: Term, row: int) -> Any:
        """A term's value in a row."""
        key = (entity, term)
        if key not in self._kept:
            self._kept[key] = self.space.term(entity, term).to_list()
        return self._kept[key][row]

    def key(self, entity: Entity, name: str, row: int) -> Any:
        """A column's value in a row."""
        return self.space.column(entity, name)[row]

    def located(self, entity: Entity, name: str, row: int) -> tuple[Fact, int | None]:
        """The fact that a name means, and its row: a household's fact in a person's text is the household's.

        None where the person is of no household here.
        """
        fact = self.cat.facts_of(entity)[name]
        if fact.entity == entity:
            return fact, row
        homes = self.space.column("household", "household_id").to_list()
        mine = self.key("person", "household_id", row)
        return fact, homes.index(mine) if mine in homes else None

    def read(self, entity: Entity, term: Term, row: int) -> Read:
        """What the term read in the row, its members' facts included."""
        return Read(
            facts=tuple(self._facts(entity, term, row)),
            parameters=tuple(self.parameter(entity, name, row) for name in term.parameters()),
            members=tuple(self._members(entity, word, row) for word in term.member_terms()),
            assumed=tuple(self._assumed(entity, term, row)),
        )

    def option(self, entity: Entity, name: str, row: int) -> Option:
        """Which of a parameter's options is the row's."""
        found = options(self.cat, name, self.space.as_of, entity)
        return found.listed[self.key(entity, parameter_column(name), row) if needs_column(found) else 0]

    def parameter(self, entity: Entity, name: str, row: int) -> ParameterUsed:
        """A parameter with the value for the row's own place or case, and where it is from."""
        found = options(self.cat, name, self.space.as_of, entity)
        chosen = self.option(entity, name, row)
        origin, amount = chosen.origin, self.value(entity, Term(PARAMETER, found.kind, name=name), row)
        shown = "不详（地区或类别不详）" if amount is None else in_words(amount)
        is_open = any(self.key(entity, column, row) is None for column in found.all_columns)
        return ParameterUsed(
            name=name,
            zh=self.cat.parameter(name).zh,
            value="当期未录入" if origin is None and not is_open else shown,
            valid_from=origin.valid_from if origin else None,
            status=chosen.status if origin else "",
            source=origin.source.document or origin.source.url or "" if origin else "",
            is_own=origin in self.cat.own.of(name),
        )

    def people(self, entity: Entity, word: Term, row: int) -> list[int]:
        """The rows of the persons that a word about members looks at."""
        of = HOUSEHOLD_OF[word.name]
        mine = self.key(entity, of if entity == "person" else "household_id", row)
        ids = self.space.column("person", of).to_list()
        return [i for i, each in enumerate(ids) if mine is not None and each == mine]

    def _facts(self, entity: Entity, term: Term, row: int) -> Iterator[FactUsed]:
        # of a parameter that differs by facts, those too: its value rests on them
        for name in facts_read(self.cat, term, entity, self.space.as_of):
            fact, _ = self.located(entity, name, row)
            labels = self.cat.labels.get(fact.name, {})
            shown = in_words(self.key(entity, name, row), labels)
            is_derived = f"{fact.entity}.{fact.name}" in self.cat.definitions
            yield FactUsed(name, fact.short_zh, shown, fact.sources, is_derived)

    def _members(self, entity: Entity, word: Term, row: int) -> MembersUsed:
        people = self.people(entity, word, row)
        shown = in_words(self.value(entity, word, row))
        return MembersUsed(written(word), shown, tuple(self._member(word, i) for i in people))

    def _member(self, word: Term, i: int) -> MemberUsed:
        reads = [self.read("person", part, i) for part in word.args]
        of = word.args[0] if len(word.args) > 1 else None
        return MemberUsed(
            person_id=self.key("person", "person_id", i),
            counts=ANSWERS[self.value("person", word.args[-1], i)],
            value="" if of is None else in_words(self.value("person", of, i)),
            facts=tuple(dict.fromkeys(fact for read in reads for fact in read.facts)),
            parameters=tuple(dict.fromkeys(p for read in reads for p in read.parameters)),
            assumed=tuple(dict.fromkeys(reason for read in reads for reason in read.assumed)),
        )

    def _assumed(self, entity: Entity, term: Term, row: int) -> Iterator[str]:
        """The reasons of the fallbacks without which the value would not be known."""
        used = [part for part in term.walk(into_members=False) if part.word == "IF_UNKNOWN"]
        if not used or self.value(entity, term, row) is None:
            return
        if self.value(entity, without_fallbacks(term), row) is None:
            first = (part.name for part in used if self.value(entity, part.args[0], row) is None)
            yield from dict.fromkeys(first)


def in_words(value: object, labels: dict[str, str] | None = None) -> str:
    """A value as it is shown: yes and no in Chinese, a code by its label, an amount without idle zeros."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal) and -int(value.as_tuple().exponent) > 2:
        return f"{value:f}".rstrip("0").rstrip(".")
    return UNKNOWN_ZH if value is None else (labels or {}).get(str(value), str(value))
