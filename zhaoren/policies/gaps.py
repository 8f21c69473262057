"""What is owed where benefits exclude each other: of one group, only the best, less what is paid from it."""

from __future__ import annotations

import polars as pl

_MONEY = pl.Decimal(18, 2)
_PERSON = ("household_id", "person_id", "_group")
_HOUSEHOLD = ("household_id", "_group")


def without_doubles(rows: pl.DataFrame) -> pl.DataFrame:
    """Entitlement rows with gaps that may be summed over a person or household; `_group` is dropped.

    The benefits that are beaten keep their row and amount, with a gap of nothing. Rows without a group or
    without a gap stay as they are.
    """
    grouped = pl.col("_group").is_not_null() & pl.col("gap_yuan_month").is_not_null()
    corrected = _larger_side(_best_per_person(rows.filter(grouped)))
    return pl.concat([rows.filter(~grouped), corrected]).drop("_group")


def _best_per_person(rows: pl.DataFrame) -> pl.DataFrame:
    """One benefit per person (or, person_id null, per household) and group keeps its gap."""
    order = [False, False, False, True, False]
    rows = rows.sort(*_PERSON, "gap_yuan_month", "benefit_id", descending=order)
    is_first = pl.int_range(pl.len()).over(_PERSON) == 0
    is_paid = pl.col("is_receiving")
    paid = pl.when(is_paid).then(pl.col("amount_yuan_month")).max().over(_PERSON).fill_null(0)
    owed = pl.when(is_paid).then(pl.col("gap_yuan_month")).otherwise(pl.col("gap_yuan_month") - paid)
    return rows.with_columns(gap_yuan_month=_or_nothing(is_first & (owed > 0), owed))


def _larger_side(rows: pl.DataFrame) -> pl.DataFrame:
    """A household's benefit and its members' own from the same group: only the larger side is owed."""
    gap, is_own = pl.col("gap_yuan_month"), pl.col("person_id").is_not_null()
    for_home = pl.when(~is_own).then(gap).otherwise(0).sum().over(_HOUSEHOLD)
    for_members = pl.when(is_own).then(gap).otherwise(0).sum().over(_HOUSEHOLD)
    kept = pl.when(is_own).then(for_members > for_home).otherwise(for_home >= for_members)
    # Persons outside any household have no household benefit to compare with.
    return rows.with_columns(gap_yuan_month=_or_nothing(kept | pl.col("household_id").is_null(), gap))


def _or_nothing(kept: pl.Expr, gap: pl.Expr) -> pl.Expr:
    return pl.when(kept).then(gap).otherwise(pl.lit(0, _MONEY)).cast(_MONEY)
