"""Villages, towns, counties and cities: how a table is counted by place, and what a place is called."""

from __future__ import annotations

import polars as pl

from divisions import towns

# How fine a table by place is -> the column of its name, and how many digits of the town's code tell it.
PLACES = {"city": ("city_name", 4), "county": ("county_name", 6), "town": ("town_name", 9)}


def panel_places(villages: pl.DataFrame) -> pl.DataFrame:
    """village_code, town_code, is_rural of every village, for the panel."""
    return villages.select(
        "village_code",
        "town_code",
        (pl.col("residence_code") == "rural").alias("is_rural"),
    )


def place_code(by: str) -> pl.Expr:
    """`code` of the city, county or town that a town_code lies in."""
    return pl.col("town_code").str.slice(0, PLACES[by][1]).alias("code")


def place_names(by: str) -> pl.DataFrame:
    """code, name of every city, county or town, each once."""
    named = towns().select(place_code(by), pl.col(PLACES[by][0]).alias("name"))
    return named.unique("code", keep="first", maintain_order=True)


def place_name(code: str) -> str:
    """A place as people say it, by 2, 4, 6 or 9 digits: 广州市天河区. One that no table names: its code."""
    columns = [column for column, digits in PLACES.values() if digits <= len(code)]
    found = towns().filter(pl.col("town_code").str.starts_with(code)).select(columns).head(1)
    if found.is_empty():
        return f"区划{code}"
    return "".join(dict.fromkeys(found.row(0))) or "全省"


def with_town_names(frame: pl.DataFrame, present_towns: pl.DataFrame) -> pl.DataFrame:
    """`frame` with town_name by its town_code; a town that no table names is called by its code.

    A household of such a town is listed all the same: whoever knows where the code lies can pass the list on.
    """
    named = frame.join(
        present_towns.select("town_code", "town_name"), on="town_code", how="left", maintain_order="left"
    )
    return named.with_columns(pl.coalesce("town_name", pl.format("区划{}", "town_code")))


def with_county_names(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with county_name by its county_code; a county that no table names is called by its code."""
    counties = towns().select("county_code", "county_name").unique("county_code", maintain_order=True)
    named = frame.join(counties, on="county_code", how="left", maintain_order="left")
    return named.with_columns(pl.coalesce("county_name", pl.format("区划{}", "county_code")))
