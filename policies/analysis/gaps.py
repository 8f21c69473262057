"""Policy gaps: families in real hardship whom no paid benefit reaches, and what each of them misses.

A household is in hardship when a visit found so and no policy fitted, or when it shows an urgent signal of
need. A benefit fits when it answers yes or likely; services and advice alone do not carry a family, so only
benefits with money count. Where one cannot be answered yet it may still fit: such households are counted
with `may_fit`, not left out.
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
# A yellow or blue signal says "look when you can": too little to call it hardship before anybody has looked.
URGENT = ("red", "orange")


def policy_gaps(
    cat: Catalogue,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    *,
    signals: pl.DataFrame,
    entitlements: pl.DataFrame,
    found: pl.Series,
    as_of: date,
    within: Decimal,
) -> pl.DataFrame:
    """One row per household in a policy gap, columns of GAP_SCHEMA, sorted by household_id.

    signals, entitlements   as evaluated on `as_of` for these persons and households
    found                   household ids in which a visit found real hardship that no policy fits
    within                  the share of a line by which it may be missed and still be a near miss

    benefit_id, condition_id, distance, unit and nearest_zh say which benefit is missed by least; they are
    null where nothing is a near miss.
    """
    paid = [rule.id for rule in cat.benefits_at(as_of) if rule.service_zh is None]
    answers = entitlements.filter(pl.col("benefit_id").is_in(paid)).drop_nulls("household_id")
    reached = answers.filter(pl.col("eligible").is_in(ENTITLED) | pl.col("is_receiving"))
    still_open = answers.filter(eligible="unknown").group_by("household_id").agg(
        open_benefit_ids=_ids("benefit_id")
    )  # fmt: skip
    hardship = _in_hardship(signals, found)
    rows = households.select("household_id", "town_code").join(hardship, on="household_id")
    # who receives a paid benefit, or may have one, is reached: what remains is claiming it, not a policy gap
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


def _in_hardship(signals: pl.DataFrame, found: pl.Series) -> pl.DataFrame:
    """household_id, signal_id (its urgent signals, comma text), _found (true where a visit found it)."""
    urgent = (pl.col("queue") == "need") & pl.col("level").is_in(URGENT) & (pl.col("state") == "yes")
    by_signal = signals.filter(urgent).group_by("household_id").agg(_ids("signal_id"))
    visited = pl.DataFrame({"household_id": found.unique()}, schema={"household_id": pl.String})
    visited = visited.with_columns(_found=pl.lit(True))
    return by_signal.join(visited, on="household_id", how="full", coalesce=True)


def _ids(column: str) -> pl.Expr:
    return pl.col(column).unique().sort().str.join(",")
