"""Real hardship, no policy fits: families in trouble whom no paid benefit reaches, and what each misses.

    policy_gaps(cat, persons, households, signals, entitlements, found, as_of, within) -> DataFrame

One row per household. It is in trouble when a visit found so and no policy fitted (`found`), or when an
urgent sign of need speaks of it. A benefit fits when it answers yes or likely; services and advice alone do
not carry a family, so only benefits with money count. Where one cannot be answered yet it may still fit:
such households are counted, and named `may_fit`, not left out.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from data_contracts.registry.tables import schema
from policies.analysis.near_misses import nearest_missed
from policies.catalogue.benefit import ENTITLED
from policies.catalogue.model import Catalogue

GAP_SCHEMA = pl.Schema(schema("mart.policy_gap"))
URGENT = ("red", "orange")


def policy_gaps(
    cat: Catalogue,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    signals: pl.DataFrame,
    entitlements: pl.DataFrame,
    found: pl.Series,
    as_of: date,
    within: Decimal,
) -> pl.DataFrame:
    """See the top of this file. `found`: household ids in which a visit found real hardship and no policy;
    `within`: what is a near miss (nearest.py).

    Sorted by household_id. benefit_id, condition_id, distance, unit and nearest_zh tell the benefit missed by
    least; they are null where none is missed in a way worth telling.
    """
    urgent = (pl.col("queue") == "need") & pl.col("level").is_in(URGENT) & (pl.col("state") == "yes")
    told = (
        signals.filter(urgent).group_by("household_id").agg(pl.col("signal_id").unique().sort().str.join(","))
    )
    paid = [rule.id for rule in cat.benefits_at(as_of) if rule.service_zh is None]
    answers = entitlements.filter(pl.col("benefit_id").is_in(paid)).drop_nulls("household_id")
    reached = answers.filter(pl.col("eligible").is_in(ENTITLED) | pl.col("is_receiving"))
    still_open = answers.filter(eligible="unknown").group_by("household_id").agg(
        open_benefit_ids=pl.col("benefit_id").unique().sort().str.join(",")
    )  # fmt: skip
    visited = pl.DataFrame({"household_id": found.unique()}, schema={"household_id": pl.String})
    visited = visited.with_columns(_found=pl.lit(True))
    trouble = told.join(visited, on="household_id", how="full", coalesce=True)
    rows = households.select("household_id", "town_code").join(trouble, on="household_id")
    rows = rows.join(reached.select("household_id").unique(), on="household_id", how="anti")
    members, homes = (frame.join(rows, on="household_id", how="semi") for frame in (persons, households))
    near = nearest_missed(cat, members, homes, as_of, within)
    rows = rows.join(still_open, on="household_id", how="left").join(near, on="household_id", how="left")
    return rows.select(
        as_of=pl.lit(as_of),
        household_id="household_id",
        town_code="town_code",
        basis=pl.when(pl.col("_found")).then(pl.lit("visit")).otherwise(pl.lit("signs")),
        signal_ids=pl.col("signal_id").fill_null(""),
        may_fit=pl.col("open_benefit_ids").is_not_null(),
        open_benefit_ids=pl.col("open_benefit_ids").fill_null(""),
        benefit_id="benefit_id", condition_id="condition_id", distance="distance", unit="unit",
        nearest_zh="nearest_zh",
    ).cast(GAP_SCHEMA).sort("household_id")  # fmt: skip
