"""Words about the members of a household: what they count, sum, find and rank, brought back to person or
household.

The null laws are those of words.yaml: of whom it is unknown whether he counts makes the number unknown;
one known
member settles ANY and ALL.
"""

from __future__ import annotations

from typing import Protocol

import polars as pl

from policies.catalogue.shapes import Entity
from policies.language.kinds import LIMIT, MOST_DIGITS
from policies.language.polars_terms import dtype
from policies.language.terms import Term
from policies.values.columns import HOUSEHOLD_OF

HOUSEHOLD_IDS = tuple(HOUSEHOLD_OF.values())
_COUNTS, _VALUE, _ID = "_counts", "_value", "household_id"


class Space(Protocol):
    """Where the persons' columns are (workspace.Workspace)."""

    has_members: bool

    def column(self, entity: Entity, name: str) -> pl.Series:
        """One column."""

    def term(self, entity: Entity, term: Term) -> pl.Series:
        """A term's values."""


def values(space: Space, entity: Entity, term: Term) -> pl.Series:
    """The word's value for every row of the entity's frame; unknown for whoever has no household of the
    kind.
    """
    ids = space.column("person", HOUSEHOLD_OF[term.name]).alias(_ID)
    if not space.has_members:
        return pl.repeat(None, len(_rows_of(space, entity)), dtype=dtype(term.kind), eager=True)
    counts = space.term("person", term.args[-1]).cast(pl.Boolean).alias(_COUNTS)
    rows = pl.DataFrame([ids, counts])
    if len(term.args) > 1:
        rows = rows.with_columns(space.term("person", term.args[0]).alias(_VALUE))
    if term.word == "RANK_MEMBER":
        return _ranks(rows)
    known = rows.lazy().filter(pl.col(_ID).is_not_null()).with_columns(_helpers(term))
    found = known.group_by(_ID).agg(_taken(term).cast(dtype(term.kind)).alias("_found")).collect()
    wanted = ids if entity == "person" else space.column("household", "household_id")
    return (
        wanted.alias(_ID)
        .to_frame()
        .join(found, on=_ID, how="left", maintain_order="left")
        .get_column("_found")
    )


def _rows_of(space: Space, entity: Entity) -> pl.Series:
    return space.column(entity, _ID)


def _helpers(term: Term) -> list[pl.Expr]:
    """What is aggregated, as columns of their own: plain sums and extremes are the engine's fast ones."""
    counts = pl.col(_COUNTS)
    if len(term.args) == 1:
        return []
    open_ = counts.is_null() | (counts & pl.col(_VALUE).is_null())
    return [open_.alias("_open"), pl.when(counts).then(pl.col(_VALUE)).alias("_mine")]


def _taken(term: Term) -> pl.Expr:
    counts = pl.col(_COUNTS)
    if term.word == "COUNT_MEMBERS":
        return pl.when(counts.null_count() == 0).then(counts.sum())
    if term.word == "ANY_MEMBER":
        return counts.any(ignore_nulls=False)
    if term.word == "ALL_MEMBERS":
        return counts.all(ignore_nulls=False)
    mine = pl.col("_mine")
    if term.word == "SUM_MEMBERS":
        total = mine.cast(pl.Decimal(38, term.kind.scale)).sum()
        if term.args[0].kind.digits + 3 > MOST_DIGITS:
            total = pl.when(total.abs() < LIMIT).then(total)
    else:
        total = mine.min() if term.word == "SMALLEST_MEMBER" else mine.max()
    return pl.when(~pl.col("_open").any()).then(total)


def _ranks(rows: pl.DataFrame) -> pl.Series:
    """The place of each who counts among those who do, the largest first; equal values share a place.

    All are sorted once, household by household: a place is how far into the household its value begins.
    """
    counts, value, home = pl.col(_COUNTS), pl.col(_VALUE), pl.col("_home")
    rows = rows.with_columns(_narrow(rows.get_column(_VALUE))).with_row_index("_row")
    is_open = (counts.is_null() | (counts & value.is_null())).any()
    homes = rows.lazy().filter(pl.col(_ID).is_not_null()).group_by(_ID).agg(is_open.alias("_open"))
    # by number, which sorts faster than a text
    numbered = homes.with_row_index("_home").collect().lazy()
    lined = rows.lazy().join(numbered, on=_ID, how="left", maintain_order="left").drop(_ID).collect().lazy()
    ranked = lined.filter(counts & ~pl.col("_open") & value.is_not_null())
    ranked = ranked.sort("_home", _VALUE, descending=[False, True]).with_row_index("_at")
    new_home = home.ne_missing(home.shift())
    new_value = new_home | value.ne_missing(value.shift())
    own, first = (pl.when(is_new).then("_at").forward_fill() for is_new in (new_value, new_home))
    places = ranked.select("_row", (own - first + 1).cast(pl.Int64).alias("_place"))
    found = lined.select("_row").join(places, on="_row", how="left", maintain_order="left")
    return found.collect().get_column("_place")


def _narrow(values: pl.Series) -> pl.Series:
    """Decimals as whole numbers of their smallest unit, where all fit into 64 bits: they sort faster."""
    if not values.dtype.is_decimal():
        return values
    whole = values.to_physical().cast(pl.Int64, strict=False)
    return whole if whole.null_count() == values.null_count() else values
