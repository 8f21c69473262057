"""The division tables hang together: every code lies in its parent, and dated codes end after they begin."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest

import zhaoren
from divisions import area_codes, build, divisions, towns, villages
from divisions.succession import statistical_only, successors

SOURCE = Path(__file__).resolve().parents[2] / "data" / "divisions"


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


def test_tables_are_what_the_build_makes_of_their_source() -> None:
    """An excerpt of the source: what it holds stands in the tables just so; heights hold the rest."""
    made, shipped = build.present_divisions(SOURCE), divisions()
    assert made.equals(shipped.join(made, on=["code", "level"], how="semi", maintain_order="left"))
    made, shipped = build.dated_area_codes(SOURCE), area_codes()
    assert made.equals(shipped.join(made, on="code", how="semi", maintain_order="left"))
    made, shipped = build.dated_successors(SOURCE), successors()
    assert made.equals(shipped.join(made, on="code", how="semi", maintain_order="left"))
    with (SOURCE / "areacodes.csv").open(encoding="utf-8-sig") as file:
        assert build.dated_area_codes(SOURCE).height == sum(1 for _ in csv.DictReader(file)) == 811
    assert (area_codes().height, divisions().height, successors().height) == (6_823, 31_950, 4_365)


def test_successors_name_codes_there_are_and_lie_in_their_spell() -> None:
    spells = successors().join(area_codes(), on=["code", "start_year"], how="left")
    assert spells["name"].null_count() == 0
    assert set(successors()["successor_code"]) <= set(area_codes()["code"])
    assert spells.filter(pl.col("change_year") < pl.col("start_year")).is_empty()
    assert spells.filter("is_whole").filter(pl.col("change_year") != pl.col("end_year")).is_empty()
    assert successors().filter(~pl.col("is_whole")).height == 564


def test_codes_of_one_compilation_only() -> None:
    """133 development zones and nine brackets are the bureau's alone, seven codes civil affairs'."""
    only = statistical_only()
    assert only.len() == 142 and only.is_sorted() and only.n_unique() == only.len()
    assert "130171" in only  # 石家庄高新技术产业开发区
    assert not {"441900", "442000", "440106"} & set(only)  # 东莞, 中山, 天河: of both
    names = divisions().filter(pl.col("level").is_in(["province", "city", "county"])).with_columns(
        pl.col("code").str.pad_end(6, "0")
    )  # fmt: skip
    fillers = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
    assert fillers <= set(names.filter(pl.col("code").is_in(only.implode()))["name"])
    civil = area_codes().filter(pl.col("end_year").is_null()).join(names, on="code", how="anti")
    assert civil.height == 7 and "710000" in civil["code"]


# Where a person is = residence. Code that cuts a place out of an ID number, in polars, Python or SQL.
_NUMBER = r"(?:\w*id_number|\w*cn_id|id_no|idcard|normal)"
PLACE_FROM_NUMBER = re.compile(
    rf"{_NUMBER}[\"']?\)?\.str\.(?:head\([2-6]\)|slice\(0, ?[2-6]\))|{_NUMBER}\[:[2-6]\]"
    rf"|(?:left|substr|substring)\([\w.]*{_NUMBER}, ?(?:1, ?)?[2-6]\)|{_NUMBER}\[1:[2-6]\]",
    re.IGNORECASE,
)
ROOMS = ("transforms", "policies", "flows", "warehouse", "exchange", "models")


@pytest.mark.parametrize(
    "code",
    [
        'pl.col("id_number").str.head(6)', 'pl.col("guardian_id_number").str.slice(0, 6)', "id_number[:6]",
        "left(id_number, 6)", "substr(p.id_number, 1, 4)", "person.id_number[1:6]",
    ],
)  # fmt: skip
def test_a_place_cut_from_a_number_would_be_seen(code: str) -> None:
    assert PLACE_FROM_NUMBER.search(code)


def sources(*suffixes: str) -> dict[str, str]:
    """The text of every file of the rooms that know people, by path."""
    package = Path(zhaoren.__file__).parents[1]
    paths = [
        path for room in ROOMS for path in sorted((package / room).rglob("*")) if path.suffix in suffixes
    ]
    return {str(path.relative_to(package)): path.read_text("utf-8") for path in paths}


def test_nobody_is_placed_by_an_id_number() -> None:
    files = sources(".py", ".yaml", ".sql")
    assert len(files) > 100
    assert [path for path, text in files.items() if PLACE_FROM_NUMBER.search(text)] == []


def test_the_area_of_a_number_is_read_by_no_other_room() -> None:
    """Findings about a number tell an area_code; only the readers of numbers may look at it."""
    assert [path for path, text in sources(".py").items() if re.search(r"[\"']area_code[\"']", text)] == []
