"""The groups an audit compares. They are looked at after ranking and are never an input to it."""

from __future__ import annotations

import polars as pl

from models.features.frame_checks import need_columns

GROUPS = ("head_sex", "head_age_band", "has_disabled", "area")
# Minors, the young, the middle-aged, the elderly (from 60: 老年人权益保障法第二条) and the very old (from 80,
# when most places pay an allowance). Bands of a report: a parameter that moves does not break the series.
_BAND_STARTS = (18, 35, 60, 80)
_BANDS = ("under 18", "18-34", "35-59", "60-79", "80 and over")


def household_groups(households: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """One row per household: household_id, head_sex, head_age_band, has_disabled, area (texts).

    The head is the living person whose relation is `head`; where none is known, sex and age are "unknown".
    """
    need_columns(
        persons,
        ["household_id", "person_id", "relation_code", "sex_code", "age_years", "is_alive"],
        "persons",
    )
    need_columns(households, ["household_id", "disabled_cnt", "is_rural"], "households")
    is_head = (pl.col("relation_code") == "head") & pl.col("is_alive").cast(pl.Boolean).ne_missing(False)
    heads = (
        persons.lazy().filter(is_head).select("household_id", "person_id", "sex_code", "age_years").collect()
    )
    # a household recorded with two heads is counted once; the smallest id makes it the same one every time
    first = heads.group_by("household_id").agg(pl.col("person_id").min())
    heads = heads.join(first, on=["household_id", "person_id"], how="semi")
    return (
        households.select("household_id", "disabled_cnt", "is_rural")
        .join(heads.drop("person_id"), on="household_id", how="left")
        .select(
            "household_id",
            head_sex=pl.col("sex_code")
            .cast(pl.String)
            .replace_strict({"1": "male", "2": "female"}, default="unknown"),
            head_age_band=age_band(),
            has_disabled=_word(pl.col("disabled_cnt") > 0, "yes", "no"),
            area=_word(pl.col("is_rural").cast(pl.Boolean), "rural", "urban"),
        )
        .sort("household_id")
    )


def age_band() -> pl.Expr:
    """The band of age_years, "unknown" where that is null."""
    age = pl.col("age_years")
    band = pl.sum_horizontal((age >= start).cast(pl.Int64) for start in _BAND_STARTS)
    named = band.replace_strict(dict(enumerate(_BANDS)), return_dtype=pl.String)
    return pl.when(age.is_null()).then(pl.lit("unknown")).otherwise(named)


def _word(condition: pl.Expr, yes: str, no: str) -> pl.Expr:
    unknown = pl.when(condition.is_null()).then(pl.lit("unknown"))
    return unknown.when(condition).then(pl.lit(yes)).otherwise(pl.lit(no))
