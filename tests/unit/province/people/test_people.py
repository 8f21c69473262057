"""People of the province: valid numbers, real villages, houses renumbered after a death."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from stdnum.iso7064 import mod_11_2

from divisions import villages
from tests.helpers.provinces import PERSONS, truth


def test_numbers_are_valid_unique_and_tell_birth_and_sex(province: Path) -> None:
    people = truth(province, "persons")
    assert people["id_number"].n_unique() == people.height >= PERSONS
    assert all(mod_11_2.is_valid(number) for number in people["id_number"])
    told = people.select(
        (pl.col("id_number").str.slice(6, 8).str.to_date("%Y%m%d") == pl.col("birth_date"))
        .all()
        .alias("birth"),
        (pl.col("id_number").str.slice(16, 1).cast(pl.Int64) % 2 == pl.col("sex_code").cast(pl.Int64) % 2)
        .all()
        .alias("sex"),
    )
    assert told.row(0) == (True, True)


def test_everyone_lives_in_a_real_village_of_the_stations_towns(province: Path) -> None:
    homes = truth(province, "households")
    assert homes.join(villages(), on="village_code", how="anti").height == 0
    assert homes["village_code"].str.head(9).n_unique() == round(PERSONS / 2_480)


def test_a_house_is_renumbered_after_its_head_dies_in_some_cases(province: Path) -> None:
    people = truth(province, "persons")
    renewed = pl.col("household_no").str.head(9) + "1" + pl.col("household_no").str.tail(6)
    moved = people.filter(pl.col("household_no_last") == renewed)
    dead_heads = people.filter(pl.col("death_date").is_not_null())["household_no"].unique().to_list()
    assert moved.height > 0
    assert moved["household_no"].is_in(dead_heads).all()
