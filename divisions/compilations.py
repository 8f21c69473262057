"""The two compilations side by side: civil affairs' area codes and the statistics bureau's divisions.

The statistics bureau gives county codes to development zones and to the cities without counties.
Civil affairs, whose codes stand on ID numbers, does not. A code that only one of them has is no error.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from divisions import area_codes, divisions

# The bureau's edition ends at these: it lists no towns of 台湾, 香港 and 澳门.
_UPPER = ("province", "city", "county")
_ALIKE = "^(市辖区|县|省直辖县级行政区划|自治区直辖县级行政区划)$"


@cache
def compilations() -> pl.DataFrame:
    """One row per present six-digit code of either compilation, sorted by code.

    Columns: code, name (civil affairs' where both have one), is_civil, is_statistical, and kind: both;
    civil_only; zone (a development zone or the like, statistical only); filler (a bracket of the
    bureau's own, such as 市辖区: statistical only).
    """
    civil = area_codes().filter(pl.col("end_year").is_null()).select("code", "name")
    both = civil.join(_statistical(), on="code", how="full", coalesce=True, suffix="_statistical")
    is_civil, name = pl.col("name").is_not_null(), pl.coalesce("name", "name_statistical")
    is_statistical = pl.col("name_statistical").is_not_null()
    kind = (
        pl.when(is_civil & is_statistical).then(pl.lit("both"))
        .when(is_civil).then(pl.lit("civil_only"))
        .when(name.str.contains(_ALIKE)).then(pl.lit("filler"))
        .otherwise(pl.lit("zone"))
    )  # fmt: skip
    return both.select(
        "code",
        name.alias("name"),
        is_civil.alias("is_civil"),
        is_statistical.alias("is_statistical"),
        kind=kind,
    ).sort("code")


def _statistical() -> pl.DataFrame:
    """The bureau's provinces, cities and counties as six digits; 4419 and 441900 are one place."""
    rows = divisions().filter(pl.col("level").is_in(_UPPER))
    return rows.select(pl.col("code").str.pad_end(6, "0"), "name").unique(
        "code", keep="first", maintain_order=True
    )


@cache
def statistical_only() -> pl.Series:
    """The six-digit codes that only the statistics bureau uses, sorted."""
    return compilations().filter(~pl.col("is_civil"))["code"]
