"""What a household truly misses in a month, in yuan, of the rights that the truth tables name.

The sums are those by which the made-up offices would pay (province/life/rolls.py): the gap to the standard
for dibao, a multiple of the standard for tekun. A sum paid once (temporary relief) is nothing a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from province.people.rates import load_rates


def missing_yuan(truth: Mapping[str, pl.DataFrame], month: date) -> pl.DataFrame:
    """household_no, missing_yuan_month: one row per household that misses something in the month.

    truth  the tables entitlements, households and persons; month: its first day, one of the delivered months
    """
    rights = truth["entitlements"].filter(
        (pl.col("from_month") <= month) & (pl.col("until_month") >= month), ~pl.col("is_receiving")
    )
    homes = truth["households"].select(
        "household_no",
        "place_tier_code",
        "standard_yuan_month",
        "member_cnt",
        pl.col(f"income_yuan_month_{month:%Y_%m}").alias("income_yuan_month"),
    )
    people = truth["persons"].select("id_number", "birth_date").unique("id_number", keep="first")
    rows = rights.join(homes, on="household_no").join(people, on="id_number", how="left")
    each = rows.select("household_no", "benefit_id", _yuan(month).alias("yuan"))
    # A unit is paid once, however many people it has; who is due tekun is not due dibao as well.
    of_units = pl.col("benefit_id").is_in(["dibao", "tekun"])
    units = each.filter(of_units).group_by("household_no").agg(pl.col("yuan").max())
    both = pl.concat([units, each.filter(~of_units).select("household_no", "yuan")])
    total = both.group_by("household_no").agg(pl.col("yuan").sum().cast(pl.Decimal(18, 2)))
    missed = total.filter(pl.col("yuan") > 0).rename({"yuan": "missing_yuan_month"})
    return missed.sort("household_no")


def _yuan(month: date) -> pl.Expr:
    """Whole yuan a month, by benefit."""
    rates = load_rates()
    standard, members = pl.col("standard_yuan_month"), pl.col("member_cnt")
    age = pl.lit(month.year) - pl.col("birth_date").dt.year()
    child = pl.col("place_tier_code").replace_strict(rates.orphan_yuan, default=0, return_dtype=pl.Int64)
    allowance = pl.max_horizontal(
        pl.when(age >= years).then(yuan).otherwise(0) for years, yuan in rates.elder_allowance_yuan.items()
    )
    sums = {
        "dibao": ((standard - pl.col("income_yuan_month")) * members).clip(0),
        "tekun": (standard * rates.tekun_multiple).ceil().cast(pl.Int64) * members,
        "single_person_dibao": standard,
        "living_subsidy_disabled": pl.lit(rates.living_subsidy_yuan[month.year]),
        "nursing_subsidy_disabled": pl.lit(rates.nursing_subsidy_yuan[month.year]),
        "unsupported_child": child,
        "orphan_living": child,
        "elder_allowance": allowance,
    }
    yuan = pl.lit(0, dtype=pl.Int64)
    for benefit, sum_ in sums.items():
        yuan = pl.when(pl.col("benefit_id") == benefit).then(sum_.cast(pl.Int64)).otherwise(yuan)
    return yuan
