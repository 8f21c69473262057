"""Old codes and what they are today: real counties followed, towns by a table, and never a guess."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import networkx as nx
import polars as pl
import pytest

from divisions import area_codes, towns, villages
from divisions.changes import COLUMNS, SHIPPED, load_changes
from divisions.succession import current_codes, successors
from zhaoren.errors import ZhaorenError

TODAY = date(2026, 11, 25)
HEADER = ",".join(COLUMNS)
NONE = load_changes(SHIPPED)


def now(code: str, on: date = TODAY, changes: pl.DataFrame = NONE) -> tuple[str | None, str, int]:
    return current_codes(pl.Series([code]), on, changes).select("current_code", "state", "steps").row(0)


def candidates(code: str, on: date = TODAY, changes: pl.DataFrame = NONE) -> list[str]:
    return current_codes(pl.Series([code]), on, changes)["candidates"][0].to_list()


def table(folder: Path, *lines: str) -> Path:
    path = folder / "changes.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("code", "current", "state", "steps"),
    [
        ("110103", "110101", "changed", 1),  # 崇文区 into 东城区, 2010
        ("440183", "440118", "changed", 1),  # 增城市 became 增城区, 2014
        ("440125", "440118", "changed", 2),  # 增城县, then 增城市, then 增城区
        ("440116", "440112", "changed", 1),  # 萝岗区 into 黄埔区, 2014
        ("440111", "440111", "in_force", 0),  # 郊区 and then 白云区: the last meaning
        ("441900", "441900", "in_force", 0),  # 东莞, a city without counties
        ("130171", "130171", "in_force", 0),  # a development zone: the statistics bureau's own code
        ("130103", None, "ambiguous", 1),  # 石家庄桥东区, split between two in 2014
        ("132100", None, "dropped", 0),  # 邯郸地区: the compilation names nothing after it
        ("999999", None, "unknown", 0), ("12", None, "unknown", 0), ("abc", None, "unknown", 0),
    ],
)  # fmt: skip
def test_a_county_code_today(code: str, current: str | None, state: str, steps: int) -> None:
    assert now(code) == (current, state, steps)


def test_a_split_county_keeps_all_its_candidates() -> None:
    assert candidates("130103") == ["130102", "130104"]
    assert candidates("440127") == ["441802", "441803"]  # 清远县, by 清郊区, 清新县 and 清新区


@pytest.mark.parametrize(
    ("on", "current", "state"),
    [
        (date(1990, 5, 1), "440125", "in_force"), (date(1992, 12, 31), "440125", "in_force"),
        (date(1993, 1, 1), "440183", "changed"), (date(2013, 12, 31), "440183", "changed"),
        (date(2014, 1, 1), "440118", "changed"),
    ],
)  # fmt: skip
def test_the_answer_is_that_of_the_day(on: date, current: str, state: str) -> None:
    assert now("440125", on)[:2] == (current, state)


def test_a_code_of_the_future_is_not_yet() -> None:
    assert now("440118", date(2000, 1, 1)) == (None, "not_yet", 0)


def test_null_stays_null_and_order_is_kept() -> None:
    told = current_codes(pl.Series(["440183", None, "110103", "440183"]), TODAY)
    assert told["code"].to_list() == ["440183", None, "110103", "440183"]
    assert told["current_code"].to_list() == ["440118", None, "110101", "440118"]
    assert told["is_changed"].to_list() == [True, None, True, True]
    assert told["state"][1] is told["candidates"][1] is None
    assert current_codes(pl.Series([], dtype=pl.String), TODAY).height == 0


@pytest.mark.parametrize("year", [1985, 1995, 2005, 2015, 2026])
def test_every_answer_is_a_code_in_force_on_the_day(year: int) -> None:
    """Over all codes since 1981, at five dates."""
    told = current_codes(area_codes()["code"].unique().sort(), date(year, 12, 31))
    ends = pl.col("end_year").is_null() | (pl.col("end_year") > year)
    in_force = area_codes().filter((pl.col("start_year") <= year) & ends)["code"].unique()
    assert set(told["current_code"].drop_nulls()) <= set(in_force)
    assert set(told.explode("candidates")["candidates"].drop_nulls()) <= set(in_force)
    assert told.filter(pl.col("state") == "in_force")["code"].sort().to_list() == in_force.sort().to_list()
    assert told.filter(
        pl.col("current_code").is_null() & pl.col("state").is_in(["in_force", "changed"])
    ).is_empty()
    assert told.filter(
        (pl.col("candidates").list.len() > 1) & pl.col("current_code").is_not_null()
    ).is_empty()


def test_candidates_equal_the_ends_that_a_graph_library_reaches() -> None:
    """On codes whose chain never meets a code used twice: there, time plays no part."""
    edges = successors().filter(pl.col("is_whole"), pl.col("code") != pl.col("successor_code"))
    twice = area_codes().filter(pl.len().over("code") > 1)["code"]
    graph = nx.DiGraph(edges.select("code", "successor_code").rows())
    in_force = set(area_codes().filter(pl.col("end_year").is_null())["code"])
    asked = [
        code for code in sorted(set(edges["code"]) - in_force)
        if not {code, *nx.descendants(graph, code)} & set(twice)
    ]  # fmt: skip
    assert len(asked) > 2000
    told = current_codes(pl.Series(asked), TODAY)
    for code, found in told.select("code", "candidates").iter_rows():
        reached = nx.descendants(graph, code)
        assert found == sorted(reached & in_force), code


def test_towns_and_villages_go_with_a_county_given_a_new_code_whole() -> None:
    assert now("440183001") == ("440118001", "changed", 1)
    village = villages().filter(pl.col("town_code") == "440118001")["village_code"][0]
    assert now("440183" + village[6:]) == (village, "changed", 1)


def test_towns_of_a_county_merged_into_another_are_not_guessed() -> None:
    """东山区 went into 越秀区, which has streets of the same last digits that are others."""
    assert now("440102001") == (None, "ambiguous", 1)
    assert candidates("440102001") == ["440104001"]


def test_a_town_that_the_present_tables_do_not_hold_is_unknown() -> None:
    assert now("440183999")[:2] == (None, "unknown")
    assert now("110101001")[:2] == (None, "unknown")  # towns are known for Guangdong only


def test_every_present_town_and_village_is_in_force() -> None:
    codes = pl.concat([towns()["town_code"], villages()["village_code"]])
    assert set(current_codes(codes, TODAY)["state"]) == {"in_force"}


def test_a_homes_own_changes_are_followed(tmp_path: Path) -> None:
    """A made-up town merged into 石牌街道 in 2020; a made-up village first renamed, then merged."""
    changes = load_changes(table(
        tmp_path,
        "440106902,440106006,merged,2020-06-01,made up",
        "440106902201,440106902202,renamed,2010-01-01,made up",
        "440106902202,440106006004,merged,2020-06-01,made up",
    ))  # fmt: skip
    assert now("440106902", TODAY, changes) == ("440106006", "changed", 1)
    assert now("440106902", date(2020, 5, 31), changes) == ("440106902", "in_force", 0)
    assert now("440106902", date(2020, 5, 31)) == (None, "unknown", 0)
    assert now("440106902201", TODAY, changes) == ("440106006004", "changed", 2)


def test_a_split_town_is_ambiguous(tmp_path: Path) -> None:
    changes = load_changes(table(
        tmp_path, "440106902,440106006,split,2020-06-01,made up", "440106902,440106004,split,2020-06-01,x"
    ))  # fmt: skip
    assert now("440106902", TODAY, changes) == (None, "ambiguous", 1)
    assert candidates("440106902", TODAY, changes) == ["440106004", "440106006"]


def test_a_change_before_and_after_a_new_county_code(tmp_path: Path) -> None:
    changes = load_changes(table(
        tmp_path,
        "440183901,440183902,renamed,2005-01-01,made up", "440118902,440118001,merged,2020-06-01,made up",
    ))  # fmt: skip
    assert now("440183901", TODAY, changes) == ("440118001", "changed", 3)


def test_a_circle_of_changes_is_refused(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "440106903,440106904,renamed,2001-01-01,a way out",
        "440106901,440106902,renamed,2001-01-01,a", "440106902,440106901,renamed,2002-01-01,b",
    )  # fmt: skip
    with pytest.raises(ZhaorenError) as caught:
        load_changes(path)
    assert "circle" in caught.value.why and caught.value.where == f"{path} line 3, 4"


def test_a_homes_table_does_not_speak_of_what_the_shipped_one_settles(tmp_path: Path) -> None:
    shipped = load_changes(table(tmp_path, "440106901,440106902,renamed,2001-01-01,shipped"))
    path = table(
        tmp_path, "440106903,440106904,renamed,2001-01-01,own", "440106901,440106905,merged,2003-01-01,own"
    )
    with pytest.raises(ZhaorenError) as caught:
        load_changes(path, shipped)
    assert "shipped" in caught.value.why and caught.value.where == f"{path} line 3"
    path = table(tmp_path, "440106902,440106905,merged,2003-01-01,own")
    assert load_changes(path, shipped)["old_code"].to_list() == ["440106902"]
    path = table(tmp_path, "440106902,440106901,merged,2003-01-01,own")
    with pytest.raises(ZhaorenError) as caught:
        load_changes(path, shipped)
    assert "circle" in caught.value.why and caught.value.where == f"{path} line 2"


def test_the_shipped_table_of_changes_is_empty_and_right() -> None:
    assert NONE.height == 0
    assert NONE.columns == list(COLUMNS)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("44010690,440106006,merged,2020-06-01,s", "form"),
        ("440106902,440106006004,merged,2020-06-01,s", "form"),
        ("440106,440107,merged,2020-06-01,s", "form"), (",440106006,merged,2020-06-01,s", "form"),
        ("440106902,440106006,joined,2020-06-01,s", "kind"), ("440106902,440106006,,2020-06-01,s", "kind"),
        ("440106902,440106006,merged,2020-13-01,s", "date"), ("440106902,440106006,merged,,s", "date"),
        ("440106902,440106006,merged,2020-06-01,", "source"),
        ("440106006,440106006,renamed,2020-06-01,s", "itself"),
        ("440106001,440106003,merged,2019-01-01,s", "twice"),
        ("440106001,440106004,merged,2019-01-01,s", "several"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(tmp_path: Path, line: str, why: str) -> None:
    path = table(tmp_path, "440106001,440106003,merged,2019-01-01,s", line)
    with pytest.raises(ZhaorenError) as caught:
        load_changes(path)
    assert str(path) in caught.value.where and "3" in caught.value.where.rsplit("line", 1)[1]
    assert why in caught.value.why
    assert caught.value.todo


def test_other_columns_and_no_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "changes.csv"
    with pytest.raises(ZhaorenError, match="cannot be read"):
        load_changes(path)
    for header in ("old,new\n1,2\n", ""):
        path.write_text(header)
        with pytest.raises(ZhaorenError, match="other columns"):
            load_changes(path)


def test_what_a_spreadsheet_makes_of_the_table_is_read_or_named(tmp_path: Path) -> None:
    line = '440106902,440106006,merged,2020-06-01,"粤民函, 2020"'
    path = table(tmp_path, "", line, ",,,,")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_changes(path).select("old_code", "source").rows() == [("440106902", "粤民函, 2020")]
    path.write_bytes(path.read_text("utf-8-sig").encode("gbk"))
    with pytest.raises(ZhaorenError) as caught:
        load_changes(path)
    assert caught.value.where == f"{path} line 3" and "UTF-8" in caught.value.todo
    path = table(tmp_path, "440106902,440106006,merged,2020-06-01,粤民函, 2020")
    with pytest.raises(ZhaorenError) as caught:
        load_changes(path)
    assert caught.value.where == f"{path} line 2" and "6 cells" in caught.value.why
