"""Families in trouble whom no paid benefit fits, by place: for the run report and for `zhaoren gaps`."""

from __future__ import annotations

import polars as pl

from flows.context.places import place_code, place_names

COUNTS = ("household_cnt", "visit_cnt", "may_fit_cnt")


def count_gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """One row of COUNTS over rows of mart.policy_gap.

    household_cnt: the families; visit_cnt: of them found so at the door; may_fit_cnt: of them those with a
    benefit that cannot be answered yet.
    """
    return rows.select(_counts())


def gaps_by_place(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """code, name and COUNTS by city, county or town; households without a known place come last."""
    places = rows.with_columns(place_code(by)).group_by("code").agg(*_counts())
    named = places.join(place_names(by), on="code", how="left")
    return named.sort("code", nulls_last=True).select("code", "name", *COUNTS)


def _counts() -> list[pl.Expr]:
    counted = (pl.len(), (pl.col("basis") == "visit").sum(), pl.col("may_fit").sum())
    return [expr.cast(pl.Int64).alias(name) for expr, name in zip(counted, COUNTS, strict=True)]
