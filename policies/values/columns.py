"""The columns that a rule's terms read beside the facts: parameters that differ by row, and words about
members.

A parameter stands in a frame as `$group.name`, the place of each row's option; a member word as `§…`, its
value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from policies.catalogue.model import Catalogue
from policies.catalogue.shapes import Entity
from policies.language.kinds import Kind, number
from policies.language.polars_terms import Columns, constant, dtype
from policies.language.terms import Term, written
from policies.values.options import STATUSES, Options, options

# The column that says which household of a kind a person belongs to.
HOUSEHOLD_OF = {
    "hukou": "household_id",
    "assistance": "assistance_household_id",
    "dwelling": "dwelling_household_id",
}


def parameter_column(name: str) -> str:
    """The column of a parameter that differs by row."""
    return f"${name}"


def member_column(term: Term) -> str:
    """The column of a member word: as it is written, so that the same one is computed once."""
    return f"§{written(term)}"


def term_columns(cat: Catalogue, as_of: date, entity: Entity) -> Columns:
    """Where terms of the entity find their values in its frame."""
    return Columns(
        as_of=as_of,
        fact=pl.col,
        parameter=lambda name: parameter_value(options(cat, name, as_of, entity), name),
        member=lambda term: pl.col(member_column(term)),
    )


def parameter_value(found: Options, name: str) -> pl.Expr:
    """The row's value of a parameter, of its kind; null where it is unknown."""
    amounts = _of_options(found, name, [option.amount for option in found.listed], found.kind)
    grown = [i for i, option in enumerate(found.listed) if option.growth]
    if not grown:
        return amounts
    wide = dtype(found.kind)
    for column in dict.fromkeys(o.growth.column for o in found.listed if o.growth):
        mine = [o.growth if o.growth and o.growth.column == column else None for o in found.listed]
        beyond = _of_options(found, name, [g.beyond if g else None for g in mine], number(18, 8))
        add = _of_options(found, name, [g.add if g else None for g in mine], number(18, 8))
        exact = (pl.col(column).cast(pl.Decimal(38, 8)) - beyond).clip(0) * add
        is_mine = _index(found, name).is_in([i for i, g in enumerate(mine) if g])
        amounts = (
            pl.when(is_mine)
            .then(amounts.cast(pl.Decimal(38, 8)) + exact)
            .otherwise(amounts.cast(pl.Decimal(38, 8)))
        )
    return amounts.round(found.kind.scale, mode="half_away_from_zero").cast(wide)


def status_of(found: Options, name: str) -> pl.Expr:
    """How far the row's value is vouched for, as its index in STATUSES."""
    return _of_options(found, name, [STATUSES.index(option.status) for option in found.listed], number(1))


def minimum_of(found: Options, name: str) -> pl.Expr:
    """Whether the row's value is a minimum that its place may exceed."""
    flags = [int(option.is_minimum) for option in found.listed]
    return _of_options(found, name, flags, number(1)) == 1


def needs_column(found: Options) -> bool:
    """Whether rows differ, so that the frame must hold the place of each row's option."""
    return bool(found.columns)


def _index(found: Options, name: str) -> pl.Expr:
    return pl.col(parameter_column(name)) if needs_column(found) else pl.lit(0, pl.Int32)


def _of_options(
    found: Options, name: str, values: Sequence[Decimal | int | str | bool | None], kind: Kind
) -> pl.Expr:
    """The value that belongs to each row's option."""
    if not needs_column(found) or len({repr(value) for value in values}) == 1:
        return constant(values[0], kind)
    typed = pl.Series(
        [
            Decimal(v) if isinstance(v, int | Decimal) and not isinstance(v, bool) and kind.scale else v
            for v in values
        ],
        dtype=dtype(kind),
    )
    return pl.col(parameter_column(name)).replace_strict(
        pl.Series(range(len(values)), dtype=pl.Int32), typed, return_dtype=dtype(kind)
    )
