"""Weddings, moves and dwellings as the police and the registrar have them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from tests.helpers.homes import grid
from tests.helpers.provinces import checked, members_on

LAST = "2025-12-05"


def test_brides_move_and_grown_children_register_apart(
    dirty: Path, spells: pl.DataFrame, people: pl.DataFrame
) -> None:
    hukou = spells.filter(pl.col("kind") == "hukou")
    moved = (
        hukou.filter(pl.col("household_key").n_unique().over("id_number") > 1).select("id_number").unique()
    )
    now = members_on(spells, "hukou", date(2025, 11, 30)).join(moved, on="id_number")
    roll = checked(dirty, "public_security.population", LAST).good
    told = now.join(roll, on="id_number").join(people.select("id_number", old="household_no"), on="id_number")
    assert told.height >= 5
    assert {"head", "child_in_law"} <= set(told["relation_code"]) <= {"head", "spouse", "child_in_law"}
    assert (told["household_no"] != told["old"]).all()


def test_each_wedding_that_moves_a_bride_is_registered(dirty: Path, spells: pl.DataFrame) -> None:
    months = sorted(p.name for p in (dirty / "inbox").iterdir())
    books = pl.concat([checked(dirty, "civil_affairs.cremation_marriage", m).good for m in months])
    unions = books.filter(pl.col("vital_event_code") == "marriage")
    shared = members_on(spells, "dwelling", date(2025, 11, 30)).filter(
        pl.col("household_key").str.slice(9, 1) == "2"
    )
    pairs = shared.join(shared, on="household_key").filter(pl.col("id_number") != pl.col("id_number_right"))
    elders = pl.col("household_key").is_in(_old_houses(spells, shared).implode())
    wed = pairs.filter(~elders).select("id_number", spouse_id_number="id_number_right")
    found = wed.join(unions, on=["id_number", "spouse_id_number"], how="semi")
    assert found.height > 0.75 * wed.height > 3  # some rows of the book are dirty


def _old_houses(spells: pl.DataFrame, shared: pl.DataFrame) -> pl.Series:
    """Own houses whose people are still counted in the family's unit: the old in the old house."""
    units = members_on(spells, "assistance", date(2025, 11, 30)).select("id_number", unit="household_key")
    return (
        shared.join(units, on="id_number")
        .filter(pl.col("unit").str.slice(9, 1) != "2")["household_key"]
        .unique()
    )


def test_police_say_where_people_really_live(dirty: Path, spells: pl.DataFrame) -> None:
    day = date(2025, 11, 30)
    roll = checked(dirty, "public_security.population", LAST).good.filter(
        pl.col("registration_status_code") == "active"
    )
    roofs = members_on(spells, "dwelling", day).join(
        members_on(spells, "hukou", day).select("id_number", hukou="household_key"), on="id_number"
    )
    told = roll.join(roofs, on="id_number")
    moved_out = told.filter(
        (pl.col("household_key").str.slice(9, 1) == "2") & (pl.col("hukou") != pl.col("household_key"))
    )
    said = moved_out.drop_nulls("dwelling_village_code")
    assert 0.75 < said.height / moved_out.height <= 1.0
    assert said["dwelling_address"].null_count() == 0
    at_home = told.filter(pl.col("household_key") == pl.col("hukou"))
    assert 0.05 < at_home["dwelling_address"].count() / at_home.height < 0.2


def test_addresses_are_typed_in_several_ways(dirty: Path) -> None:
    """Looked at before our reader folds full-width digits."""
    headers, *lines = grid(dirty / "inbox" / LAST / "public_security/population.csv")
    typed = pl.Series([line[headers.index("现住址")] for line in lines])
    for way in ("^第[0-9]{3}村居[0-9]+号$", "[０-９]", "號", "委员会第", "村居 ", "^[^第]+[省区]$"):
        assert typed.str.contains(way).any(), way
