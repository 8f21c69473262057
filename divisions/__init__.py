"""Administrative divisions as dated data: which lies in which, which code was in force when and what became
of it. Touches the tables beside it (README.md names their sources) and a home's table of changes.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from zhaoren.rooms import room

# A village's 12-digit code begins with its town's 9 digits, a town's with its county's 6, a county's with its
# city's 4: much of what follows rests on it.
_HERE = room("divisions")
_URBAN_VILLAGE = "(社区|居民委员会|居委会)$"


@cache
def divisions() -> pl.DataFrame:
    """One row per present division: code, name, level (province city county town village), parent_code."""
    return pl.read_parquet(_HERE / "divisions.parquet")


@cache
def area_codes() -> pl.DataFrame:
    """One row per six-digit code and name since 1981.

    Columns: code, name, level, start_year, end_year (null while in force), successor_code.
    """
    return pl.read_parquet(_HERE / "areacodes.parquet")


def _named(level: str, prefix: str) -> pl.DataFrame:
    rows = divisions().filter(pl.col("level") == level)
    return rows.select(pl.col("code").alias(f"{prefix}_code"), pl.col("name").alias(f"{prefix}_name"))


@cache
def towns() -> pl.DataFrame:
    """One row per town or street of Guangdong, sorted by town_code.

    Columns: town_code (9 digits), town_name, county_code (6), county_name, city_code (4), city_name,
    residence_code (urban where the county is a city district, else rural). Dongguan and Zhongshan
    have no counties: the city stands in for the county.
    """
    rows = (
        divisions()
        .filter(pl.col("level") == "town")
        .select(
            pl.col("code").alias("town_code"),
            pl.col("name").alias("town_name"),
            pl.col("parent_code").alias("county_code"),
            pl.col("code").str.head(4).alias("city_code"),
        )
    )
    rows = rows.join(_named("county", "county"), on="county_code", how="left")
    rows = rows.join(_named("city", "city"), on="city_code", how="left")
    named = rows.with_columns(pl.coalesce("county_name", "city_name").alias("county_name"))
    urban = (
        pl.when(pl.col("county_name").str.ends_with("区")).then(pl.lit("urban")).otherwise(pl.lit("rural"))
    )
    columns = ["town_code", "town_name", "county_code", "county_name", "city_code", "city_name"]
    return (
        named.with_columns(urban.alias("residence_code")).select(*columns, "residence_code").sort("town_code")
    )


@cache
def villages() -> pl.DataFrame:
    """One row per village or community of Guangdong, sorted by village_code.

    Columns: village_code (12 digits), village_name, town_code (9), residence_code (urban where a
    residents' committee governs it, rural where a village committee does).
    """
    is_urban = pl.col("name").str.contains(_URBAN_VILLAGE)
    return (
        divisions()
        .filter(pl.col("level") == "village")
        .select(
            pl.col("code").alias("village_code"),
            pl.col("name").alias("village_name"),
            pl.col("parent_code").alias("town_code"),
            pl.when(is_urban).then(pl.lit("urban")).otherwise(pl.lit("rural")).alias("residence_code"),
        )
        .sort("village_code")
    )
