"""Assistance units (共同生活家庭成员, who keeps house together) and dwellings (who lives where) on one date.

    assistance_units(people, listed, rules) -> DataFrame(household_no, person_id, relation_code)
    dwellings(people) -> DataFrame(household_id, person_id, relation_code)

    people   one row per person: person_id, household_id (hukou), relation_code, dwelling_id,
             is_dwelling_outside, and the definitions DEFINED (policies/definitions/units.yaml)
    listed   who is on the benefit roll: person_id, unit_no, category_code
    rules    UnitRules

The dead, those who moved out and those in custody belong to no unit and no dwelling. A person in neither
table is known to belong to none, or nothing is known of where they belong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

# What law says of each person: who may share a unit, who leaves it by living elsewhere, who is of it unnamed.
DEFINED = ("is_present", "is_leaving_kin", "is_nearest_kin")


@dataclass(frozen=True)
class UnitRules:
    """The roll's categories that make a unit of one."""

    single_categories: tuple[str, ...]

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> UnitRules:
        """Read the parameter group `household`; the list is comma text."""
        return cls(tuple(str(values["single_category_codes"]).split(",")))


def present(people: pl.DataFrame) -> pl.DataFrame:
    """Members who may share a unit and a dwelling: not known to be dead, moved out or in custody."""
    return people.filter(pl.col("is_present") & pl.col("household_id").is_not_null())


def assistance_units(people: pl.DataFrame, listed: pl.DataFrame, rules: UnitRules) -> pl.DataFrame:
    """One row per member; household_no is the unit's name, the same month after month.

    Whoever is on the benefit roll belongs to the unit that civil affairs lists, and who is recognised alone
    is a unit of one. Everybody else belongs with the hukou household, but for grown children and other kin
    who live elsewhere and are neither students nor severely disabled: they keep house with whom they live.
    Where the roll's unit holds most of a household, the head, the spouse and minors whom it does not name
    (a newborn, a row that was lost) are of it too.
    Source: the national rule on who counts as living together, as local rules repeat it.
    """
    here = _with_main_dwelling(present(people))
    elsewhere = (pl.col("dwelling_id") != pl.col("_main")) | pl.col("is_dwelling_outside")
    apart = pl.col("is_leaving_kin") & elsewhere
    # The vault keeps these names, and next month's units find their ids by them: no prefix ever changes.
    dwelling = pl.when(~pl.col("is_dwelling_outside").fill_null(False)).then("dwelling_id")
    own = pl.coalesce(
        pl.concat_str(pl.lit("roof:"), dwelling), pl.concat_str(pl.lit("person:"), "person_id")
    )  # fmt: skip
    registered = pl.concat_str(pl.lit("hukou:"), "household_id")
    derived = here.with_columns(
        pl.when(apart.fill_null(False)).then(own).otherwise(registered).alias("_derived")
    )
    named = derived.join(_listed(listed, rules), on="person_id", how="left", maintain_order="left")
    named = named.join(_family_units(named), on="household_id", how="left", maintain_order="left")
    unnamed = pl.when(pl.col("is_nearest_kin") & (pl.col("_derived") == registered)).then("_family")
    unit = pl.coalesce("_unit", unnamed, "_derived").alias("household_no")
    return named.select(unit, "person_id", "relation_code").sort("household_no", "person_id")


def dwellings(people: pl.DataFrame) -> pl.DataFrame:
    """One row per person living in the province; who gives no address lives where the household does."""
    here = _with_main_dwelling(present(people))
    dwelling = pl.coalesce("dwelling_id", "_main").alias("household_id")
    inside = here.filter(~pl.col("is_dwelling_outside").fill_null(False)).with_columns(dwelling)
    known = inside.filter(pl.col("household_id").is_not_null())
    return known.select("household_id", "person_id", "relation_code").sort("household_id", "person_id")


def _with_main_dwelling(people: pl.DataFrame) -> pl.DataFrame:
    """With `_main`: the dwelling of the household's head, else the one that most members report."""
    reported = people.filter(
        pl.col("dwelling_id").is_not_null() & ~pl.col("is_dwelling_outside").fill_null(False)
    )
    counts = reported.group_by("household_id", "dwelling_id").agg(
        _head=(pl.col("relation_code") == "head").any(), _cnt=pl.len()
    )
    order = ["household_id", "_head", "_cnt", "dwelling_id"]
    first = counts.sort(order, descending=[False, True, True, False])
    first = first.unique("household_id", keep="first", maintain_order=True)
    main = first.select("household_id", pl.col("dwelling_id").alias("_main"))
    return people.join(main, on="household_id", how="left", maintain_order="left")


def _family_units(named: pl.DataFrame) -> pl.DataFrame:
    """household_id -> _family: the roll's unit that holds more than half of the household's members."""
    sizes = named.group_by("household_id").agg(_size=pl.len())
    shared = named.filter(pl.col("_unit").str.starts_with("unit:")).group_by("household_id", "_unit").len()
    most = shared.join(sizes, on="household_id").filter(pl.col("len") * 2 > pl.col("_size"))
    return most.select("household_id", pl.col("_unit").alias("_family"))


def _listed(listed: pl.DataFrame, rules: UnitRules) -> pl.DataFrame:
    """person_id -> _unit: the roll's number, or the person alone where the category says so."""
    alone = pl.col("category_code").is_in(rules.single_categories)
    unit = pl.when(alone).then(pl.concat_str(pl.lit("person:"), "person_id"))
    named = listed.with_columns(
        unit.otherwise(pl.concat_str(pl.lit("unit:"), "unit_no")).alias("_unit"), alone.alias("_alone")
    )
    ordered = named.sort("person_id", "_alone", "_unit", descending=[False, True, False])
    return ordered.select("person_id", "_unit").unique("person_id", keep="first", maintain_order=True)
