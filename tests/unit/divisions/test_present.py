"""What delivered codes mean on a day: today's place, the town alone, or nothing; and the places there are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from divisions import towns, villages
from divisions.changes import COLUMNS, load_changes
from divisions.present import meanings, towns_at, villages_at

TODAY = date(2026, 11, 25)
NONE = load_changes()
# 石牌街道 (006) and 沙河街道 (004) lie in 天河区. 440106902 and the like are made up.
LINES = (
    "440106902,440106006,merged,2020-06-01,a town into another; its villages have no lines",
    "440106903,440106006,split,2020-06-01,a town in two",
    "440106903,440106004,split,2020-06-01,a town in two",
    "440106903201,440106006002,merged,2020-06-01,one of its villages is sure",
    "440106006901,440106006002,split,2020-06-01,a village in two of the same town",
    "440106006901,440106006004,split,2020-06-01,a village in two of the same town",
    "440106006902,440106006002,split,2020-06-01,a village in two towns",
    "440106006902,440106004001,split,2020-06-01,a village in two towns",
    "440106006903,440106004801,split,2020-06-01,a village in two of another town",
    "440106006903,440106004802,split,2020-06-01,a village in two of another town",
    "440106004,440106804,renamed,2027-01-01,not yet",
)


def table(folder: Path, *lines: str) -> pl.DataFrame:
    path = folder / "changes.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return load_changes(path)


@pytest.mark.parametrize(
    ("code", "present", "state"),
    [
        ("440183001", "440118001", "changed"),  # 增城市 became 增城区 in 2014: no line is needed
        ("440183001999", "440118001000", "town_only"),  # no such village; its town is sure
        ("440102001001", None, "ambiguous"),  # 东山区 went into 越秀区
        ("440106902201", "440106006000", "town_only"),
        ("440106903201", "440106006002", "changed"),
        ("440106903202", None, "ambiguous"),
        ("440106903", None, "ambiguous"),
        ("440106006901", "440106006000", "town_only"),
        ("440106006902", None, "ambiguous"),
        ("440106006903", "440106004000", "town_only"),
        ("110101001001", "110101001001", "unlisted"),  # towns are known for Guangdong only
        ("440106999001", "440106999001", "unlisted"),
        ("440183", "440118", "changed"),
        ("130103", None, "ambiguous"),
        ("132100", None, "dropped"),
    ],
)
def test_a_code_that_is_no_present_one(tmp_path: Path, code: str, present: str | None, state: str) -> None:
    assert meanings(pl.Series([code]), TODAY, table(tmp_path, *LINES)).rows() == [(code, present, state)]


@pytest.mark.parametrize(
    "code", ["440106006", "440106006002", "440106006999", "440106004", "440106", "441900", "130171"]
)
def test_a_present_code_stands_for_itself(tmp_path: Path, code: str) -> None:
    """A new village of a town that there is, too; and what changes only later."""
    assert meanings(pl.Series([code]), TODAY, table(tmp_path, *LINES)).is_empty()


def test_a_change_counts_from_its_day(tmp_path: Path) -> None:
    changes = table(tmp_path, "440106006,440106906,renamed,2025-10-01,made up",
                    "440106006002,440106906001,renamed,2025-10-01,made up")  # fmt: skip
    codes = pl.Series(["440106006002", "440106006004"])
    assert meanings(codes, date(2025, 9, 30), changes).is_empty()
    assert meanings(codes, date(2025, 10, 1), changes).rows() == [
        ("440106006002", "440106906001", "changed"),
        ("440106006004", "440106906000", "town_only"),
    ]


def test_a_village_goes_on_with_the_town_it_was_moved_to(tmp_path: Path) -> None:
    changes = table(
        tmp_path,
        "440106006004,440106901004,moved,2024-01-01,made up",
        "440106901,440106004,merged,2025-01-01,made up",
        "440106006006,440106902006,moved,2024-01-01,made up",
        "440106902,440106004,split,2025-01-01,made up",
        "440106902,440106007,split,2025-01-01,made up",
    )
    codes = pl.Series(["440106006004", "440106006006"])
    assert meanings(codes, date(2024, 6, 1), changes).rows() == [
        ("440106006004", "440106901004", "changed"),
        ("440106006006", "440106902006", "changed"),
    ]
    assert meanings(codes, TODAY, changes).rows() == [
        ("440106006004", "440106004000", "town_only"),
        ("440106006006", None, "ambiguous"),
    ]


def test_every_present_place_means_itself() -> None:
    everything = pl.concat([towns()["town_code"], villages()["village_code"]])
    assert meanings(everything, TODAY, NONE).is_empty()
    assert meanings(pl.Series([], dtype=pl.String), TODAY, NONE).columns == ["code", "present_code", "state"]


def test_every_meaning_is_a_place_that_there_is(tmp_path: Path) -> None:
    """Over every village number under a former county code: a present place or none."""
    former = villages().with_columns(pl.lit("440183").alias("head")).select(
        code=pl.col("head") + pl.col("village_code").str.slice(6)
    )  # fmt: skip
    found = meanings(former["code"].unique(), TODAY, NONE)
    there = set(villages()["village_code"]) | {f"{town}000" for town in towns()["town_code"]}
    assert set(found.filter(pl.col("state").is_in(["changed", "town_only"]))["present_code"]) <= there
    assert found.filter(pl.col("state") == "ambiguous")["present_code"].null_count() == found.filter(
        pl.col("state") == "ambiguous"
    ).height  # fmt: skip


def test_a_renamed_town_keeps_its_name_under_its_new_code(tmp_path: Path) -> None:
    name = dict(towns().select("town_code", "town_name").iter_rows())
    changes = table(
        tmp_path,
        "440106006,440106906,renamed,2024-01-01,made up",
        "440106906,440106907,renamed,2025-01-01,made up",
        "440106001,440106950,merged,2024-01-01,made up",
        "440106002,440106950,merged,2024-01-01,made up",
        "440106003,440106960,renamed,2030-01-01,not yet",
    )
    added = towns_at(TODAY, changes).join(towns(), on="town_code", how="anti")
    assert added.select("town_code", "town_name", "county_name", "city_name").rows() == [
        ("440106906", name["440106006"], "天河区", "广州市"),
        ("440106907", name["440106006"], "天河区", "广州市"),
        ("440106950", None, "天河区", "广州市"),
    ]
    assert towns_at(TODAY, NONE).equals(towns()) and villages_at(TODAY, NONE).equals(villages())


def test_a_renamed_village_keeps_name_and_class(tmp_path: Path) -> None:
    changes = table(tmp_path, "440106006002,440106006901,renamed,2024-01-01,made up")
    (old,) = villages().filter(village_code="440106006002").rows(named=True)
    (new,) = villages_at(TODAY, changes).filter(village_code="440106006901").rows(named=True)
    assert new == old | {"village_code": "440106006901"}
