"""Households of three kinds: each spell dated to the day, nobody in two of a kind at once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.helpers.provinces import checked, members_on, truth

LAST = "2025-12-05"


def test_nobody_is_in_two_households_of_a_kind_at_once(spells: pl.DataFrame) -> None:
    ordered = spells.sort("kind", "id_number", "valid_from")
    nexts = pl.col("valid_from").shift(-1).over("kind", "id_number")
    last = nexts.is_null()
    assert ordered.filter(~last & (pl.col("valid_to").is_null() | (pl.col("valid_to") > nexts))).height == 0
    assert ordered.filter(pl.col("valid_to") <= pl.col("valid_from")).height == 0


@pytest.mark.parametrize("day", [date(2025, 9, 1), date(2025, 11, 17), date(2025, 12, 31)])
def test_all_who_live_and_are_registered_have_one_hukou(
    spells: pl.DataFrame, people: pl.DataFrame, day: date
) -> None:
    here = members_on(spells, "hukou", day)
    assert here["id_number"].n_unique() == here.height
    born, died = pl.col("birth_date") <= day, pl.col("death_date") <= day
    living = people.filter(born & ~died.fill_null(False))
    assert here.join(living, on="id_number", how="anti").height == 0
    assert (
        living.join(here, on="id_number", how="anti").height < 0.02 * living.height
    )  # left, or unregistered


def test_households_begin_and_end_with_birth_and_death(spells: pl.DataFrame, people: pl.DataFrame) -> None:
    hukou = spells.filter(pl.col("kind") == "hukou").join(people, on="id_number")
    born = hukou.filter(pl.col("birth_date") > date(2025, 9, 1))
    assert born.height and (born["valid_from"] == born["birth_date"]).all()
    ends = hukou.filter(pl.col("death_date").is_not_null()).group_by("id_number").agg(
        pl.col("valid_to").max(), pl.col("death_date").first()
    )  # fmt: skip
    assert ends.height and (ends["valid_to"] == ends["death_date"]).all()


def test_the_roll_lists_units_as_the_truth_has_them(clean: Path) -> None:
    """One number of the roll is one unit of the truth; who is recognised alone is a unit of one."""
    roll = checked(clean, "civil_affairs.benefit_roll", "2025-10-05").good.filter(
        pl.col("stop_date").is_null()
    )
    units = members_on(truth(clean, "memberships"), "assistance", date(2025, 9, 30))
    listed = roll.join(units, on="id_number")
    assert listed.height > 0.98 * roll.height > 1_500  # the others are dead or held: errors of the roll
    alone = listed.filter(pl.col("category_code") == "single")
    families = listed.filter(pl.col("category_code") != "single")
    assert families.group_by("unit_no").agg(pl.col("household_key").n_unique())["household_key"].max() == 1
    sizes = alone.join(units.group_by("household_key").len(), on="household_key")["len"]
    assert sizes.len() > 3 and sizes.max() == 1


def test_the_held_are_in_no_unit_and_in_no_dwelling(dirty: Path, spells: pl.DataFrame) -> None:
    held = checked(dirty, "justice.custody", LAST).good.filter(pl.col("custody_type_code") != "community")
    day = date(2025, 11, 30)
    assert held.height > 5
    for kind in ("assistance", "dwelling"):
        assert held.join(members_on(spells, kind, day), on="id_number", how="semi").height == 0
    assert held.join(members_on(spells, "hukou", day), on="id_number", how="semi").height > 0.9 * held.height


def test_dwellings_are_shared_otherwise_than_registers(spells: pl.DataFrame) -> None:
    """Some dwellings have people of two registers, some registers people of several dwellings."""
    day = date(2025, 11, 30)
    both = members_on(spells, "hukou", day).join(
        members_on(spells, "dwelling", day), on="id_number", suffix="_roof"
    )
    assert (
        both.group_by("household_key_roof")
        .agg(pl.col("household_key").n_unique())
        .filter(pl.col("household_key") > 1)
        .height
        > 5
    )
    assert (
        both.group_by("household_key")
        .agg(pl.col("household_key_roof").n_unique())
        .filter(pl.col("household_key_roof") > 1)
        .height
        > 20
    )
    outside = members_on(spells, "hukou", day).join(
        members_on(spells, "dwelling", day), on="id_number", how="anti"
    )
    assert outside.height > 10


def test_memberships_are_dated_to_the_day(spells: pl.DataFrame) -> None:
    """Births, deaths, arrests and weddings happen on any day of a month, not on its first."""
    days = spells.filter(pl.col("valid_from") > date(2024, 9, 1))["valid_from"].dt.day()
    assert (
        days.n_unique() > 20
        and timedelta(0)
        < spells.drop_nulls("valid_to").select((pl.col("valid_to") - pl.col("valid_from")).min()).item()
    )
