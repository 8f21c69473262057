"""How far back the rolls on file reach: what they cannot show is not claimed.

roll_spans(deliveries, sources) -> DataFrame(benefit_id, part, first_month)
within_span(entitlements, households, spans, as_of) -> entitlements with missed_month_cnt capped
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

IN_FORCE = ("accepted", "superseded")  # a corrected roll was seen, too


def roll_spans(deliveries: pl.DataFrame, sources: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """The first month of the rolls that show who receives a benefit, by part of the roll (a place, or all).

    `deliveries`: extract, part, status, period_month, known by the date; `sources`: benefit -> extracts that
    together show its recipients, so that the youngest of them counts.
    """
    wanted = [(benefit, extract) for benefit, extracts in sources.items() for extract in extracts]
    needed = pl.DataFrame(wanted, schema={"benefit_id": pl.String, "extract": pl.String}, orient="row")
    seen = deliveries.filter(pl.col("status").is_in(IN_FORCE), pl.col("period_month").is_not_null())
    seen = seen.with_columns(pl.col("part").fill_null(""), pl.col("period_month").dt.truncate("1mo"))
    first = seen.group_by("extract", "part").agg(pl.col("period_month").min().alias("first_month"))
    spans = needed.join(first, on="extract").group_by("benefit_id", "part")
    return spans.agg(pl.col("first_month").max()).sort("benefit_id", "part")


def within_span(
    entitlements: pl.DataFrame, households: pl.DataFrame, spans: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """missed_month_cnt at most the whole months since the roll of that benefit and place was first seen.

    A place's own part of a roll counts before one for everybody. Without any roll nothing is claimed.
    """
    towns = households.select("household_id", "town_code").unique("household_id")
    pairs = towns.select("town_code").unique().join(spans, how="cross")
    in_part = pl.col("part").eq("") | pl.col("town_code").str.starts_with(pl.col("part")).fill_null(False)
    own = pairs.filter(in_part).sort("town_code", "benefit_id", pl.col("part").str.len_chars())
    own = own.unique(["town_code", "benefit_id"], keep="last", maintain_order=True)
    rows = entitlements.join(towns, on="household_id", how="left", maintain_order="left")
    keys = ["town_code", "benefit_id"]
    rows = rows.join(
        own.select(*keys, "first_month"), on=keys, how="left", maintain_order="left", nulls_equal=True
    )
    first = pl.col("first_month")
    months = (
        (as_of.year - first.dt.year().cast(pl.Int64)) * 12 + as_of.month - first.dt.month().cast(pl.Int64)
    )
    known = pl.min_horizontal("missed_month_cnt", months.clip(0))
    capped = pl.when(first.is_not_null() & pl.col("missed_month_cnt").is_not_null()).then(known)
    return rows.with_columns(capped.alias("missed_month_cnt")).select(entitlements.columns)
