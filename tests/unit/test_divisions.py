"""The division tables hang together: every code lies in its parent, and dated codes end after they begin."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from zhaoren.divisions import area_codes, divisions, towns, villages

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def test_guangdong_has_its_published_towns_and_villages() -> None:
    assert (towns().height, villages().height) == (1_757, 26_842)
    assert towns()["city_code"].n_unique() == 21


def test_codes_are_prefixes_of_their_children() -> None:
    lie = villages().filter(pl.col("village_code").str.head(9) != pl.col("town_code"))
    assert lie.height == 0
    town = towns().filter(pl.col("town_code").str.head(6) != pl.col("county_code"))
    assert town.height == 0
    assert villages().join(towns(), on="town_code", how="anti").height == 0


def test_codes_are_unique_and_named() -> None:
    for frame, key in ((towns(), "town_code"), (villages(), "village_code")):
        assert frame[key].n_unique() == frame.height
        assert frame.null_count().transpose().to_series().sum() == 0


def test_every_level_is_there() -> None:
    assert set(divisions()["level"]) == {"province", "city", "county", "town", "village"}


def test_residence_follows_the_kind_of_committee() -> None:
    kinds = dict(villages().select("village_name", "residence_code").iter_rows())
    assert kinds["翠洲社区居民委员会"] == "urban"
    assert kinds["棠棣村民委员会"] == "rural"


def test_dongguan_stands_in_for_its_missing_counties() -> None:
    rows = towns().filter(pl.col("city_code") == "4419")
    assert set(rows["county_name"]) == {"东莞市"}


def test_area_codes_are_dated() -> None:
    codes = area_codes()
    assert codes.filter(pl.col("end_year") < pl.col("start_year")).height == 0
    chongwen = codes.filter(pl.col("code") == "110103").row(0, named=True)
    assert (chongwen["name"], chongwen["end_year"], chongwen["successor_code"]) == ("崇文区", 2010, "110101")


@pytest.mark.skipif(not SHARED.exists(), reason="the source compilation is not beside this checkout")
def test_tables_hold_every_row_of_their_source() -> None:
    with (SHARED / "areacodes.csv").open(encoding="utf-8-sig") as file:
        assert area_codes().height == sum(1 for _ in csv.DictReader(file))
