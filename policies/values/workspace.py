"""Every column that rules ask for, worked out when it is first asked for and once: facts, definitions,
parameters, members.

    space = Workspace(cat, persons, households, as_of)
    space.frame("household", ["member_cnt", "$dibao.standard_yuan_month"]) -> DataFrame   row for row as
    `households`

A fact without a column was never delivered: it is null, unknown. A definition whose column is there
already stands as
it is; with `given_first` only its known cells do, and the formula fills the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property

import polars as pl

from data_contracts.registry.column_types import DTYPES
from policies.catalogue.fact import Fact
from policies.catalogue.model import HOUSEHOLD, KEYS, Catalogue
from policies.catalogue.shapes import Entity
from policies.language.polars_terms import to_polars
from policies.language.terms import Term
from policies.values import members
from policies.values.columns import member_column, parameter_column, term_columns
from policies.values.lookup import Combinations, looked_up
from policies.values.names import column_type, meaning_of
from policies.values.options import options
from zhaoren.errors import ZhaorenError

# A column of persons' frames in which each row's household id was made for it: nobody's members are known.
HOUSEHOLDS_UNKNOWN = "_households_unknown"


class Workspace:
    """The persons and the households of one date, with all that follows from them."""

    def __init__(
        self,
        cat: Catalogue,
        persons: pl.DataFrame,
        households: pl.DataFrame,
        as_of: date,
        *,
        given_first: bool = False,
    ) -> None:
        self.cat, self.as_of, self.given_first = cat, as_of, given_first
        self.given: dict[Entity, pl.DataFrame] = {"person": persons, "household": households}
        self._columns: dict[Entity, dict[str, pl.Series]] = {"person": {}, "household": {}}
        self.has_members = HOUSEHOLDS_UNKNOWN not in persons.columns
        self._under_way: list[str] = []
        self._combinations: dict[Entity, dict[tuple, Combinations]] = {"person": {}, "household": {}}

    def frame(self, entity: Entity, names: Iterable[str]) -> pl.DataFrame:
        """The columns, in the order of the rows given."""
        return pl.DataFrame([self.column(entity, name) for name in dict.fromkeys(names)])

    def column(self, entity: Entity, name: str) -> pl.Series:
        """One column: a key, a fact, a definition, `household_…` of a person, or `$group.name`."""
        known = self._columns[entity]
        if name not in known:
            known[name] = self._made(entity, name).alias(name)
        return known[name]

    def term(self, entity: Entity, term: Term) -> pl.Series:
        """A term's values."""
        needed = list(self.columns_of(entity, term))
        expr = to_polars(term, term_columns(self.cat, self.as_of, entity))
        if not needed:
            return pl.repeat(
                pl.select(expr).item(),
                self.given[entity].height,
                dtype=pl.select(expr).to_series().dtype,
                eager=True,
            )
        # beside the columns: alone, what folds to a constant (NULL / m) would be one row
        values = self.frame(entity, needed).lazy().with_columns(expr.alias("=")).select("=")
        return values.collect().to_series()

    def columns_of(self, entity: Entity, term: Term) -> Iterator[str]:
        """The columns a term reads; those of member words are worked out here."""
        yield from term.facts()
        for name in term.parameters():
            yield from self.of_parameter(entity, name)
        for word in term.member_terms():
            column = member_column(word)
            if column not in self._columns[entity]:
                self._columns[entity][column] = members.values(self, entity, word).alias(column)
            yield column

    def of_parameter(self, entity: Entity, name: str) -> Iterator[str]:
        """The columns that a parameter's value is read from."""
        found = options(self.cat, name, self.as_of, entity)
        if found.columns:
            yield parameter_column(name)
        yield from (option.growth.column for option in found.listed if option.growth)

    def _made(self, entity: Entity, name: str) -> pl.Series:
        if name.startswith("$"):
            asked = options(self.cat, name[1:], self.as_of, entity)
            with self._way(f"{entity} {name}"):
                return looked_up(self.frame(entity, asked.columns), asked, self._combinations[entity])
        if entity == "person" and name in ("town_code", "village_code"):
            return self._place(name)
        if name in KEYS or name in members.HOUSEHOLD_IDS:
            return self._given(entity, name, pl.String())
        if entity == "person" and self._is_borrowed(name):
            return self._borrowed(name)
        fact = self.cat.facts[f"{entity}.{name}"]
        is_given = name in self.given[entity].columns
        definition = self.cat.definitions.get(f"{entity}.{name}")
        dtype = column_type(self.cat, fact)
        given = self._given(entity, name, dtype)
        if definition is None or (is_given and not self.given_first):
            return given
        version = definition.at(self.as_of)
        if version is None:
            return given
        with self._way(f"{entity}.{name}"):
            term = meaning_of(self.cat, version.formula, entity)
            # what the type cannot hold is unknown, in its own row
            found = self.term(entity, term).cast(dtype, strict=False)
        return given.zip_with(given.is_not_null(), found) if is_given else found

    def _given(self, entity: Entity, name: str, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
        frame = self.given[entity]
        if name not in frame.columns:
            return pl.repeat(None, frame.height, dtype=dtype, eager=True)
        # In one piece: of a column in several, every rule would make a copy of its own.
        return frame.get_column(name).cast(dtype).rechunk()

    def _place(self, name: str) -> pl.Series:
        """Where a person lives; of whom it is not known, where the household does: values go by the place."""
        own = self._given("person", name, pl.String())
        if own.null_count() == 0 or name not in self.given["household"].columns:
            return own
        return own.zip_with(own.is_not_null(), self._borrowed(f"{HOUSEHOLD}{name}"))

    def _is_borrowed(self, name: str) -> bool:
        own = f"person.{name}" in self.cat.facts
        return not own and name.startswith(HOUSEHOLD)

    def _borrowed(self, name: str) -> pl.Series:
        """The household's value, row by row of its members."""
        return self.column("household", name.removeprefix(HOUSEHOLD)).gather(self._homes)

    @cached_property
    def _homes(self) -> pl.Series:
        """The place of each person's household among the households; null without one."""
        key = "household_id"
        places = self.column("household", key).to_frame().with_row_index("_place")
        mine = self.column("person", key).to_frame()
        return mine.join(places, on=key, how="left", maintain_order="left").get_column("_place")

    @contextmanager
    def _way(self, step: str) -> Iterator[None]:
        """Refuse what leads back to itself, naming the steps on the way; the lint finds it before anything
        runs.
        """
        if step in self._under_way:
            way = " → ".join([*self._under_way[self._under_way.index(step) :], step])
            raise ZhaorenError("a definition leads back to itself", way, "", "take one of the steps out")
        self._under_way.append(step)
        try:
            yield
        finally:
            self._under_way.pop()


def with_definitions(
    cat: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date, *, given_first: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames with every definition that has sources as a column, behind those they have.

    With `given_first` a known cell of a column that is there already stands, and its formula fills the
    others.
    """
    space = Workspace(cat, persons, households, as_of, given_first=given_first)
    found = []
    for entity, frame in (("person", persons), ("household", households)):
        names = [d.name for d in cat.definitions.values() if d.entity == entity]
        names = [n for n in names if given_first or not cat.facts[f"{entity}.{n}"].is_awaited]
        columns = [as_stored(space.column(entity, n), cat.facts[f"{entity}.{n}"]) for n in names]  # type: ignore[arg-type]
        found.append(frame.with_columns(columns))
    return found[0], found[1]


def with_person_definitions(
    cat: Catalogue, persons: pl.DataFrame, as_of: date, names: Iterable[str]
) -> pl.DataFrame:
    """The persons with the named definitions, before there are households: none of them asks about one."""
    nobody = pl.DataFrame(schema={"household_id": pl.String})
    space = Workspace(cat, persons, nobody, as_of)
    columns = [as_stored(space.column("person", name), cat.facts[f"person.{name}"]) for name in names]
    return persons.with_columns(columns)


def as_stored(values: pl.Series, fact: Fact) -> pl.Series:
    """A definition's values as a table keeps them, in hundredths; what it cannot hold is unknown."""
    stored = DTYPES[fact.type]
    if not stored.is_decimal():
        return values.cast(stored)
    return values.round(2, mode="half_away_from_zero").cast(stored, strict=False)
