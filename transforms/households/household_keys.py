"""What a department's household number keys: numbers count from 1 again in each place, or in each part.

    household_places(rows) -> DataFrame(household_no, place, key_place)
    household_keys(rows, scope, part) -> DataFrame(household_no, place, household_key)
    scoped_units(listed, scope) -> DataFrame(as listed, unit_no told apart)

rows   household_no, village_code, is_head: one row per member, as delivered
scope  `whole`: a number means one household in all deliveries of the extract; `part`: in the parts of one
       name; `place`: in one town (street), that of the household's head, and in parts named after places
"""

from __future__ import annotations

import re

import polars as pl

SCOPES = ("whole", "part", "place")
TOWN, COUNTY, CITY = 9, 6, 4  # digits of a village code
PLACE = "^[0-9]{4,12}$"  # a part that is named after a place
_NUMBER = ("household_no", "place")


def household_keys(rows: pl.DataFrame, scope: str, part: str) -> pl.DataFrame:
    """One row per number and town that bears it, with the key under which the household is known.

    The key holds the place whatever the other numbers are: one that depended on them would pass a household's
    id to a stranger when either number falls away.
    """
    places = household_places(rows)
    number = pl.col("household_no")
    key = number
    if scope == "part" and part:
        key = pl.format("{}/{}", pl.lit(part), number)
    elif scope == "place":
        if re.fullmatch(PLACE, part):
            number = pl.format("{}/{}", pl.lit(part), number)
        key = (
            pl.when(pl.col("key_place") == "").then(number).otherwise(pl.format("{}/{}", "key_place", number))
        )
    return places.select(*_NUMBER, household_key=key)


def household_places(rows: pl.DataFrame) -> pl.DataFrame:
    """Which town's household a row's number means: household_no, place (the row's town), key_place.

    Each town in which the number has a head is a household of its own; rows elsewhere belong to the nearest
    of them, for a member's own place may be mistyped. Without any head the number is one household, in the
    town most of its rows name.
    """
    found = rows.select("household_no", town(pl.col("village_code")).alias("place"), "is_head")
    pairs = found.drop_nulls("household_no").group_by(_NUMBER).agg(
        _cnt=pl.len(), _head=pl.col("is_head").fill_null(False).any()
    )  # fmt: skip
    several = pairs.filter(pl.len().over("household_no") > 1)
    single = pairs.join(several, on="household_no", how="anti")
    chosen = [single.select(*_NUMBER, key_place="place")]
    if several.height:
        has_head = pl.col("_head").any().over("household_no")
        # A row without a place is no other place: it is a household's only where nothing else is known.
        named = pl.col("_head") & (pl.col("place") != "")
        named = pl.when(named.any().over("household_no")).then(named).otherwise("_head")
        chosen += [_nearest(several.filter(has_head), named), _most(several.filter(~has_head))]
    return pl.concat(chosen).sort(_NUMBER)


def _nearest(pairs: pl.DataFrame, is_home: pl.Expr) -> pl.DataFrame:
    homes = pairs.filter(is_home).select("household_no", key_place="place")
    both = pairs.join(homes, on="household_no")
    shared = [
        (pl.col("place").str.head(digits) == pl.col("key_place").str.head(digits)).cast(pl.Int8)
        for digits in (TOWN, COUNTY, CITY)
    ]
    ranked = both.with_columns(_near=sum(shared)).sort(
        *_NUMBER, "_near", "key_place", descending=[False, False, True, False]
    )
    return ranked.unique(_NUMBER, keep="first", maintain_order=True).select(*_NUMBER, "key_place")


def _most(pairs: pl.DataFrame) -> pl.DataFrame:
    named = pl.col("place") != ""
    order = pairs.with_columns(_named=named).sort(
        "household_no", "_named", "_cnt", "place", descending=[False, True, True, False]
    )
    homes = order.unique("household_no", keep="first", maintain_order=True)
    return pairs.join(homes.select("household_no", key_place="place"), on="household_no").select(
        *_NUMBER, "key_place"
    )


def town(village_code: pl.Expr) -> pl.Expr:
    """The town (street) of a village code; '' where the row names none."""
    return village_code.cast(pl.String).str.head(TOWN).fill_null("")


def scoped_units(listed: pl.DataFrame, scope: str) -> pl.DataFrame:
    """The benefit roll's rows with one unit_no for the units of one place, where a number names several.

    listed: unit_no, village_code, is_head, part and whatever else. A number that names one unit stays as it
    is: names lead back to a unit's id only where none of its members does (household_ids.resolve_units), so a
    number may gain or lose its place from one month to the next.
    """
    if scope == "whole" or listed.is_empty():
        return listed
    part = pl.col("part").fill_null("")
    placed = listed.with_columns(
        _part=part if scope == "part" else _place_part(part),
        place=pl.lit("") if scope == "part" else town(pl.col("village_code")),
    )
    numbers = placed.select(
        household_no=pl.struct("unit_no", "_part"), village_code="place", is_head="is_head"
    )
    places = household_places(numbers).unnest("household_no").rename({"_part": "_of"})
    places = places.rename({"key_place": "_home"})
    found = placed.join(
        places, left_on=["unit_no", "_part", "place"], right_on=["unit_no", "_of", "place"],
        how="left", maintain_order="left",
    )  # fmt: skip
    where = pl.concat_list("_part", "_home").list.filter(pl.element() != "").list.join("-")
    several = pl.struct("_part", "_home").n_unique().over("unit_no") > 1
    told_apart = pl.when(several).then(pl.format("{} {}", "unit_no", where)).otherwise("unit_no")
    return listed.with_columns(found.select(told_apart.alias("unit_no")).to_series())


def _place_part(part: pl.Expr) -> pl.Expr:
    """The part's name where it is a place's code (4401), else '': a roll may be cut into parts anywhere."""
    return pl.when(part.str.contains(PLACE)).then(part).otherwise(pl.lit(""))
