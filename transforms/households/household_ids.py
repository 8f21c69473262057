"""Which household a number means, so that household_id survives 停旧建新, a new number for an old household.

    resolve_households(population, aliases, membership) -> DataFrame(household_no, household_id, how,
        mint_rank), one row per number of the population roll, in the order of first appearance
    resolve_units(units, aliases, membership) -> DataFrame(household_no, household_id, how, mint_rank), the
        same for units that are derived each date and whose names are ours

    population  the newest roll in row order: person_id, household_no, registration_status_code (relation_code
                and village_code may be there; they decide nothing)
    aliases     every number ever resolved: household_no, household_id
    membership  who is in which household now: household_id, person_id

`how` is known (the number has an alias), renumbered (a new number for an old household) or new; only new
numbers have a null household_id and a mint_rank (0, 1, …) in row order: the caller mints one id for each.
"""

from __future__ import annotations

import polars as pl


def resolve_households(
    population: pl.DataFrame, aliases: pl.DataFrame, membership: pl.DataFrame
) -> pl.DataFrame:
    """A new number keeps an old household's id when more than half of its living members come from that
    household and no living person carries a number of that household any more.

    A household that splits into several new numbers leaves its id to the number with most of its members
    (on a tie, the one that comes first). A part that leaves while the old number lives on is a new household.
    """
    numbers = _numbers(population)
    one_each = aliases.sort("household_no", "household_id").unique(
        "household_no", keep="first", maintain_order=True
    )
    known = numbers.join(one_each, on="household_no", how="left", maintain_order="left")
    living = _living(population)
    heirs = _heirs(known, living, aliases, membership)
    resolved = known.join(heirs, on="household_no", how="left", maintain_order="left")
    how = (
        pl.when(pl.col("household_id").is_not_null())
        .then(pl.lit("known"))
        .when(pl.col("_old").is_not_null())
        .then(pl.lit("renumbered"))
        .otherwise(pl.lit("new"))
    )
    return _ranked(
        resolved.with_columns(how.alias("how"), pl.coalesce("household_id", "_old").alias("household_id"))
    )


def resolve_units(units: pl.DataFrame, aliases: pl.DataFrame, membership: pl.DataFrame) -> pl.DataFrame:
    """The members decide, then the name: a unit keeps the id that more than half of its members had before.

    Of several such units the one with most of them keeps it. A unit that no id follows takes the newest id of
    its own name (`aliases`: household_no, household_id, newest first) if no other unit has it, so that people
    who were all away come back to the id they left. No id is ever given to two units of one date.
    """
    sizes = units.group_by("household_no", maintain_order=True).agg(pl.len().cast(pl.Int64).alias("_size"))
    named = sizes.with_row_index("_order")
    named = named.join(_inherited(named, units, membership), on="household_no", how="left")
    free = aliases.join(named, left_on="household_id", right_on="_old", how="anti")
    free = free.unique("household_no", keep="first", maintain_order=True).join(
        named.filter(pl.col("_old").is_null()).select("household_no", "_order"), on="household_no"
    )
    own = free.sort("_order").unique("household_id", keep="first", maintain_order=True).drop("_order")
    resolved = named.join(own, on="household_no", how="left", maintain_order="left").with_columns(
        pl.coalesce("_old", "household_id").alias("household_id")
    )
    pairs = aliases.select("household_no", "household_id", pl.lit(True).alias("_seen"))
    resolved = resolved.join(pairs, on=["household_no", "household_id"], how="left", maintain_order="left")
    how = (
        pl.when(pl.col("household_id").is_null())
        .then(pl.lit("new"))
        .when(pl.col("_seen"))
        .then(pl.lit("known"))
    )
    return _ranked(resolved.with_columns(how.otherwise(pl.lit("renumbered")).alias("how")))


def _ranked(resolved: pl.DataFrame) -> pl.DataFrame:
    ordered = resolved.sort("_order")
    is_new = pl.col("how") == "new"
    rank = pl.when(is_new).then(is_new.cast(pl.Int64).cum_sum() - 1)
    return ordered.select("household_no", "household_id", "how", rank.alias("mint_rank"))


def _numbers(population: pl.DataFrame) -> pl.DataFrame:
    """Each number once, in row order, with the number of its living members."""
    rows = population.with_row_index("_order").filter(pl.col("household_no").is_not_null())
    living = (pl.col("registration_status_code") == "active") & pl.col("person_id").is_not_null()
    return (
        rows.group_by("household_no")
        .agg(pl.col("_order").min(), living.sum().cast(pl.Int64).alias("_size"))
        .sort("_order")
    )


def _living(population: pl.DataFrame) -> pl.DataFrame:
    active = pl.col("registration_status_code") == "active"
    rows = population.filter(
        active & pl.col("person_id").is_not_null() & pl.col("household_no").is_not_null()
    )
    return rows.select("person_id", "household_no").unique(maintain_order=True)


def _heirs(
    known: pl.DataFrame, living: pl.DataFrame, aliases: pl.DataFrame, membership: pl.DataFrame
) -> pl.DataFrame:
    """household_no -> _old, the vanished household it continues; at most one number per old household."""
    still_there = aliases.join(living, on="household_no", how="semi").select("household_id").unique()
    vanished = membership.select("household_id", "person_id").join(still_there, on="household_id", how="anti")
    fresh = known.filter(pl.col("household_id").is_null()).drop("household_id")
    return _inherited(fresh, living, vanished)


def _inherited(candidates: pl.DataFrame, living: pl.DataFrame, former: pl.DataFrame) -> pl.DataFrame:
    """household_no -> _old, the former household that more than half of its living come from.

    Each former household goes to one number: that with most of its members, on a tie the first.
    """
    shared = (
        living.join(candidates, on="household_no")
        .join(former.select("household_id", "person_id").unique(), on="person_id")
        .group_by("household_no", "_order", "_size", "household_id")
        .agg(pl.len().cast(pl.Int64).alias("_shared"))
    )
    mostly = shared.filter(pl.col("_shared") * 2 > pl.col("_size"))
    first = mostly.sort(["household_id", "_shared", "_order"], descending=[False, True, False])
    first = first.unique("household_id", keep="first", maintain_order=True)
    # More than half can come from one household only, unless somebody is a member of two: take the bigger.
    one = first.sort(["household_no", "_shared", "household_id"], descending=[False, True, False])
    one = one.unique("household_no", keep="first", maintain_order=True)
    return one.select("household_no", pl.col("household_id").alias("_old"))
