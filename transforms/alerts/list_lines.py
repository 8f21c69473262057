"""What a list line says beside its reason: what the household receives, whom to ask for, the last visit.

receiving_text(entitlements, names) -> DataFrame(household_id, receiving_zh)
last_visit_text(outcomes, alerts, names) -> DataFrame(household_id, last_visit_zh)
heads(persons) -> DataFrame(household_id, person_id, village_code)

entitlements  household_id, benefit_id, is_receiving
names         code -> Chinese name, as a frame code, zh
"""

from __future__ import annotations

import polars as pl

from zhaoren.chinese import dates_zh


def receiving_text(entitlements: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """One row per household that receives anything: the benefits' names, each once, 、 between them."""
    paid = entitlements.filter(pl.col("is_receiving") & pl.col("household_id").is_not_null())
    named = paid.join(names, left_on="benefit_id", right_on="code", how="inner")
    return (
        named.select("household_id", "benefit_id", "zh")
        .unique(maintain_order=True)
        .sort("household_id", "benefit_id")
        .group_by("household_id", maintain_order=True)
        .agg(pl.col("zh").str.join("、").alias("receiving_zh"))
    )


def last_visit_text(outcomes: pl.DataFrame, alerts: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """One row per household visited before: the newest visit's date and result in words."""
    visits = (
        outcomes.select("alert_id", "result_code", "found_date")
        .join(alerts.select("alert_id", "household_id").unique(maintain_order=True), on="alert_id")
        .join(names, left_on="result_code", right_on="code", how="left")
        .sort("household_id", "found_date", "alert_id", "result_code")
        .unique("household_id", keep="last", maintain_order=True)
    )
    day = dates_zh(pl.col("found_date"))
    return visits.select("household_id", pl.concat_str(day, pl.lit("："), "zh").alias("last_visit_zh"))


def heads(persons: pl.DataFrame) -> pl.DataFrame:
    """Each household's living head, else its first living member, else any member: whom to ask for."""
    return (
        persons.filter(pl.col("household_id").is_not_null())
        .with_columns(
            _dead=~pl.col("is_alive").fill_null(True),
            _member=(pl.col("relation_code") != "head").fill_null(True),
        )
        .sort("household_id", "_dead", "_member", "person_id")
        .unique("household_id", keep="first", maintain_order=True)
        .select("household_id", "person_id", "village_code")
    )
