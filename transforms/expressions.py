"""Exact money, whole days, and sums that stay unknown: expressions that every sub-room shares.

fen(column) -> Expr, yuan(expr) -> Expr                Decimal(18,2) yuan <-> Int64 fen
strict_sum(frame, key, columns) -> DataFrame           sums per key, null where any summand is
days_since(column, as_of), days_until(column, as_of)   whole days as Int64, null stays null
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

YUAN = pl.Decimal(18, 2)
ZERO_YUAN = Decimal("0.00")


def fen(column: str) -> pl.Expr:
    """A Decimal(18,2) yuan column as whole fen."""
    return (pl.col(column).cast(YUAN) * 100).cast(pl.Int64)


def yuan(expr: pl.Expr) -> pl.Expr:
    """Whole fen as Decimal(18,2) yuan, exactly (dividing at scale 0 would round to whole yuan)."""
    return (expr.cast(YUAN) / pl.lit(Decimal("100.00"), dtype=YUAN)).cast(YUAN)


def strict_sum(frame: pl.DataFrame, key: str, columns: Sequence[str]) -> pl.DataFrame:
    """Sums per key that stay unknown (null) when any summand is: a missing amount is not zero."""
    # polars leaves nulls out of a sum; counting them tells "nothing" from "not known".
    sums = frame.group_by(key, maintain_order=True).agg(
        *(pl.col(c).sum().alias(c) for c in columns),
        *(pl.col(c).null_count().alias(f"_nulls_{c}") for c in columns),
    )
    return sums.select(key, *(pl.when(pl.col(f"_nulls_{c}") == 0).then(pl.col(c)).alias(c) for c in columns))


def days_since(column: str, as_of: date) -> pl.Expr:
    """Whole days from the date to as_of (negative when it lies ahead); null stays null."""
    return (pl.lit(as_of) - pl.col(column)).dt.total_days()


def days_until(column: str, as_of: date) -> pl.Expr:
    """Whole days from as_of to the date (negative when it has passed); null stays null."""
    return (pl.col(column) - pl.lit(as_of)).dt.total_days()
