"""The groups an audit compares. They are looked at after ranking and are never an input to it."""

from __future__ import annotations

import polars as pl

from zhaoren.models.checks import need_columns

GROUPS = ("head_sex", "head_age_band", "has_disabled", "area")
_BANDS = ((18, "under 18"), (35, "18-34"), (60, "35-59"), (80, "60-79"))


def household_groups(households: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """One row per household: household_id, head_sex, head_age_band, has_disabled, area (texts).

    The head is the living person whose relation is `head`; where none is known, sex and age are "unknown".
    """
    need_columns(persons, ["household_id", "person_id", "relation_code", "sex_code", "age_years", "is_alive"], "persons")
    need_columns(households, ["household_id", "disabled_cnt", "is_rural"], "households")
    is_head = (pl.col("relation_code") == "head") & pl.col("is_alive").cast(pl.Boolean).ne_missing(False)
    heads = persons.filter(is_head).sort("household_id", "person_id").unique("household_id", keep="first")
    return (
        households.select("household_id", "disabled_cnt", "is_rural")
        .join(heads.select("household_id", "sex_code", "age_years"), on="household_id", how="left")
        .select(
            "household_id",
            head_sex=pl.col("sex_code").cast(pl.String).replace_strict({"1": "male", "2": "female"}, default="unknown"),
            head_age_band=_age_band(),
            has_disabled=_word(pl.col("disabled_cnt") > 0, "yes", "no"),
            area=_word(pl.col("is_rural").cast(pl.Boolean), "rural", "urban"),
        )
        .sort("household_id")
    )


def _age_band() -> pl.Expr:
    band = pl.when(pl.col("age_years").is_null()).then(pl.lit("unknown"))
    for below, name in _BANDS:
        band = band.when(pl.col("age_years") < below).then(pl.lit(name))
    return band.otherwise(pl.lit("80 and over"))


def _word(condition: pl.Expr, yes: str, no: str) -> pl.Expr:
    unknown = pl.when(condition.is_null()).then(pl.lit("unknown"))
    return unknown.when(condition).then(pl.lit(yes)).otherwise(pl.lit(no))
