"""A home with its stations' hands: lists within the hours but for red, said on paper, and replayable."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from flows.context.home import Home
from flows.context.rules_hash import rules_hash
from flows.context.site import open_site
from tests.helpers.homes import Made, copy_home, rows_of, run_dates
from zhaoren.errors import ZhaorenError

HEADS = "镇街代码,起,止,社工人数,全站每月走访工时,每户走访分钟,重点人员每次分钟,备注"
HOURS, VISIT, KEY = 10, 70, 25


def enter(home: Home, *rows: str) -> None:
    path = home.root / "stations" / "hands.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([HEADS, *rows]) + "\n", encoding="utf-8-sig")


@pytest.fixture(scope="module")
def towns(demo: Made) -> list[str]:
    found = "SELECT DISTINCT town_code FROM mart.station WHERE listed_cnt > 0 ORDER BY 1"
    return rows_of(demo.home, found)["town_code"].to_list()


@pytest.fixture(scope="module")
def staffed(demo: Made, towns: list[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, date]:
    """A copy of the demo's home whose first date was made anew once the hands were entered."""
    home, day = copy_home(demo.home, tmp_path_factory.mktemp("hands") / "home"), demo.dates[0]
    enter(home, *(f"{town},2025-01-01,,1,{HOURS},{VISIT},{KEY}," for town in towns))
    run_dates(home, demo.inbox, [day], publish=False)
    return home, day


def test_lists_and_key_persons_fit_the_hours_but_for_red(
    staffed: tuple[Home, date], towns: list[str]
) -> None:
    home, day = staffed
    stations = rows_of(home, f"SELECT * FROM mart.station WHERE as_of = '{day}' AND hours_month IS NOT NULL")
    assert stations["town_code"].sort().to_list() == towns and stations["key_due_cnt"].sum() > 0
    within = pl.col("listed_cnt") - pl.col("red_beyond_cnt")
    taken = within * VISIT + pl.col("key_planned_cnt") * KEY
    assert stations.filter(taken > HOURS * 60).is_empty()
    assert stations.filter(
        pl.col("capacity") * VISIT + pl.col("key_planned_cnt") * KEY > HOURS * 60
    ).is_empty()
    assert stations.filter((pl.col("red_beyond_cnt") > 0) & (within != pl.col("capacity"))).is_empty()
    assert stations["red_beyond_cnt"].sum() > 0 and stations["waiting_cnt"].sum() > 0
    red = rows_of(
        home,
        f"SELECT is_listed, count(*) AS cnt FROM mart.alert WHERE as_of = '{day}' AND queue = 'need' "
        "AND level = 'red' AND status <> 'suppressed' AND town_code IS NOT NULL GROUP BY 1",
    )
    assert red["is_listed"].to_list() == [True]


def test_the_plan_of_key_persons_is_what_the_station_says(staffed: tuple[Home, date]) -> None:
    home, day = staffed
    both = rows_of(
        home,
        "SELECT s.town_code, s.key_due_cnt, s.key_planned_cnt, count(k.person_id) AS due, "
        "count(*) FILTER (k.is_planned) AS planned, count(DISTINCT k.key_no) AS numbers "
        "FROM mart.station s LEFT JOIN mart.key_person k USING (as_of, town_code) "
        f"WHERE s.as_of = '{day}' GROUP BY ALL",
    )
    assert both.filter(
        (pl.col("key_due_cnt") != pl.col("due"))
        | (pl.col("key_planned_cnt") != pl.col("planned"))
        | (pl.col("numbers") != pl.col("due"))
    ).is_empty()


def test_the_head_of_the_list_and_the_county_page_say_so(
    staffed: tuple[Home, date], towns: list[str]
) -> None:
    home, day = staffed
    row = rows_of(home, f"SELECT * FROM mart.station WHERE as_of = '{day}' AND town_code = '{towns[0]}'").row(
        0, named=True
    )
    (path,) = home.dated("worklists", day).glob(f"{towns[0]}_*.xlsx")
    head = "\n".join(str(r[0].value) for r in openpyxl.load_workbook(path).worksheets[0].iter_rows(max_row=9))
    assert f"本站本月走访工时 {HOURS} 小时" in head and f"本站每期能走访 {row['capacity']} 户" in head
    page = openpyxl.load_workbook(home.dated("counties", day) / f"{towns[0][:6]}.xlsx").worksheets[0]
    (line,) = [r for r in page.iter_rows(values_only=True) if r[0] == towns[0]]
    assert (HOURS, row["key_due_cnt"], row["capacity"]) == (line[3], line[4], line[7])


def test_another_table_is_another_rule_and_a_wrong_one_stops_before_anything(
    staffed: tuple[Home, date], towns: list[str], tmp_path: Path
) -> None:
    home = copy_home(staffed[0], tmp_path / "home")
    before = rules_hash(home)
    enter(home, f"{towns[0]},2025-01-01,,1,{HOURS + 1},{VISIT},{KEY},")
    assert rules_hash(home) != before
    enter(home, f"{towns[0]},2025-01-01,,1,0,{VISIT},{KEY},")
    with (
        pytest.raises(ZhaorenError, match=r"(?s)全站每月走访工时: 0 is not between .*hands\.csv:2"),
        open_site(home),
    ):
        raise AssertionError("it opened")
