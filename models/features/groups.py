"""The groups an audit compares. They are looked at after ranking and are never an input to it."""

from __future__ import annotations

import polars as pl

from models.features.frame_checks import need_columns

GROUPS = ("head_sex", "head_age_band", "has_disabled", "area", "hukou", "household_type")
# Minors, the young, the middle-aged, the elderly (from 60: 老年人权益保障法第二条) and the very old (from 80,
# when most places pay an allowance). Bands of a report: a parameter that moves does not break the series.
_BAND_STARTS = (18, 35, 60, 80)
_TYPE_FACTS = ("member_cnt", "adult_cnt", "child_cnt", "elder_cnt")
_BANDS = ("under 18", "18-34", "35-59", "60-79", "80 and over")


def household_groups(households: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """One row per household: household_id and GROUPS (texts; "unknown" where a fact is).

    The head is the living person whose relation is `head`; where none is known, sex and age are "unknown".
    hukou says whether all, some or none of the living members are in the register of the place.
    """
    used = ["relation_code", "sex_code", "age_years", "registration_status_code", "is_alive"]
    need_columns(persons, ["household_id", "person_id", *used], "persons")
    need_columns(households, ["household_id", "disabled_cnt", "is_rural", *_TYPE_FACTS], "households")
    living = persons.filter(pl.col("is_alive").cast(pl.Boolean).ne_missing(False))
    return (
        households.select("household_id", "disabled_cnt", "is_rural", *_TYPE_FACTS)
        .join(_heads(living), on="household_id", how="left")
        .join(_registered(living), on="household_id", how="left")
        .select(
            "household_id",
            head_sex=pl.col("sex_code")
            .cast(pl.String)
            .replace_strict({"1": "male", "2": "female"}, default="unknown"),
            head_age_band=age_band(),
            has_disabled=_word(pl.col("disabled_cnt") > 0, "yes", "no"),
            area=_word(pl.col("is_rural").cast(pl.Boolean), "rural", "urban"),
            hukou=pl.col("hukou").fill_null("unknown"),
            household_type=_household_type(),
        )
        .sort("household_id")
    )


def _heads(living: pl.DataFrame) -> pl.DataFrame:
    heads = living.filter(pl.col("relation_code") == "head").select(
        "household_id", "person_id", "sex_code", "age_years"
    )
    # a household recorded with two heads is counted once; the smallest id makes it the same one every time
    first = heads.group_by("household_id").agg(pl.col("person_id").min())
    return heads.join(first, on=["household_id", "person_id"], how="semi").drop("person_id")


def _registered(living: pl.DataFrame) -> pl.DataFrame:
    """household_id, hukou. Who is in no row of the register, or has moved out, is not registered here."""
    share = (pl.col("registration_status_code").cast(pl.String) == "active").fill_null(False).mean()
    word = pl.when(share == 1).then(pl.lit("all here")).when(share > 0).then(pl.lit("some here"))
    return living.group_by("household_id").agg(word.otherwise(pl.lit("none here")).alias("hukou"))


def _household_type() -> pl.Expr:
    """Who lives together: the ages are those of the facts (children under 18, elders from 60)."""
    members, adults, children, elders = (pl.col(name) for name in _TYPE_FACTS)
    unknown = pl.when(pl.any_horizontal(pl.col(_TYPE_FACTS).is_null())).then(pl.lit("unknown"))
    return (
        unknown.when(members == 1)
        .then(pl.lit("one person"))
        .when((children > 0) & (adults == 0))
        .then(pl.lit("children without adults under 60"))
        .when((children > 0) & (adults == 1))
        .then(pl.lit("children and one adult"))
        .when(children > 0)
        .then(pl.lit("children and adults"))
        .when((elders > 0) & (adults == 0))
        .then(pl.lit("elders only"))
        .otherwise(pl.lit("adults"))
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
