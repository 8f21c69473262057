"""The month's reports end to end: no typed number, sums, what is hidden, no points for outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from exchange.reports.monthly import html_of
from exchange.reports.page import Page
from flows.context.site import Site
from flows.reports.monthly import monthly, page_of, write_files
from flows.reports.months import write_months
from flows.reports.numbers import Numbers, numbers
from flows.reports.quarterly import meeting_pack
from tests.helpers.made_lives import Lives
from tests.helpers.report_homes import TOWNS, report_home
from zhaoren.errors import ZhaorenError

MONTH, DAY = date(2025, 10, 1), date(2025, 11, 8)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Lives]]:
    """One home for all: opening it takes most of the time."""
    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch, report_home(folder, patch, 3, 900) as made:
        yield made


@pytest.fixture(scope="module")
def october(home: tuple[Site, Lives]) -> Numbers:
    """The numbers of the month that most tests look at."""
    return numbers(home[0], MONTH, DAY)


def _page(site: Site, found: Numbers, area: str, outside: bool = False) -> Page:
    return page_of(monthly(site, found, area, outside=outside), charts=False)


def _sheet(page: Page) -> dict[tuple[str, str, str], float | None]:
    """(section, row, column) -> number of every cell that comes from a query."""
    return {
        (part.title + str(place), row[0].text, table.headings[col]): cell.number
        for part in page.parts
        for place, table in enumerate(part.tables)
        for row in table.rows
        for col, cell in enumerate(row)
        if cell.metric
    }


def test_every_number_of_a_report_names_its_query(home: tuple[Site, Lives], october: Numbers) -> None:
    site, _ = home
    page = _page(site, october, "440111")
    html = html_of(page)
    named = {query["metric"] for query in page.queries}
    typed = [
        (part.title, cell.text)
        for part in page.parts
        for table in part.tables
        for row in table.rows
        for cell in row[table.words :]
        if cell.metric not in named
    ]
    assert typed == []
    assert all(f'id="q-{name}"' in html and f'href="#q-{name}"' in html for name in named)
    assert len(named) > 20


def test_a_county_is_the_sum_of_its_stations(home: tuple[Site, Lives], october: Numbers) -> None:
    site, _ = home
    found = october
    county = _sheet(_page(site, found, "440111"))
    towns = [_sheet(_page(site, found, town)) for town in TOWNS[:4]]
    own = {key: value for key, value in county.items() if key[0].endswith("0") and "中位" not in key[1]}
    added = 0
    for key, value in own.items():
        if "抽查" in key[0] or "比例" in key[2] or value is None:
            continue
        assert value == sum(town.get(key) or 0.0 for town in towns), key
        added += value > 0
    assert added > 30


def test_what_leaves_the_county_hides_small_counts(home: tuple[Site, Lives], october: Numbers) -> None:
    site, _ = home
    found = october
    outside = _page(site, found, "440111", outside=True)
    city, station = _page(site, found, "4401"), _page(site, found, TOWNS[0])
    inside = _page(site, found, "440111")
    small = [n for part in outside.parts if part.title != "社工站服务" for n in _numbers(part.title, outside)]
    assert small and not [n for n in small if 0 < n < 5]
    assert "隐去" in outside.notice and "隐去" in city.notice and "没有隐去" in inside.notice
    assert [n for n in _numbers("从预警到发放", station) if 0 < n < 5]
    titles = {part.title for part in outside.parts}
    assert "联系与走访结果" in {part.title for part in inside.parts} and "联系与走访结果" not in titles
    assert not any("千分制" in title for title in titles)


def _numbers(title: str, page: Page) -> list[float]:
    parts = [part for part in page.parts if part.title == title and "天" not in part.title]
    return [
        cell.number
        for part in parts
        for table in part.tables
        for row in table.rows
        for cell in row
        if cell.number is not None and cell.metric and cell.metric != "yuan_reached"
    ]


def test_a_year_so_far_is_shown_only_where_each_month_is(home: tuple[Site, Lives], october: Numbers) -> None:
    """Else a hidden month would be the year less the months that are shown."""
    site, _ = home
    months = [numbers(site, date(2025, number, 1), DAY).cells for number in range(7, 10)] + [october.cells]
    key = ["metric", "part", "area"]
    ever = pl.concat(cells.filter("month_hidden").select(key) for cells in months).unique()
    year = months[-1].filter(~pl.col("metric").str.starts_with("days_"))
    leaked = year.join(ever, on=key, how="semi").filter(~pl.col("year_hidden"), pl.col("year").is_not_null())
    assert leaked.is_empty() and ever.height > 20
    assert year.filter(~pl.col("year_hidden"), pl.col("year") > 0).height > 20


def test_exchanging_codes_20_and_40_changes_no_point(home: tuple[Site, Lives]) -> None:
    site, lives = home
    site.con.execute("BEGIN")
    site.con.execute("UPDATE mart.alert SET is_listed = true, due_date = as_of + 14")
    before = monthly(site, numbers(site, MONTH, DAY), TOWNS[0]).appraisal  # of the changed alerts
    assert {visit["result_code"] for visit in lives.of("mart.visit")} >= {"20", "40"}
    site.con.execute(
        "UPDATE mart.visit SET result_code = CASE result_code WHEN '20' THEN '40' ELSE '20' END "
        "WHERE result_code IN ('20', '40')"
    )
    after = monthly(site, numbers(site, MONTH, DAY), TOWNS[0]).appraisal
    site.con.execute("ROLLBACK")
    assert before == after
    filled = {line.item_zh: line.points for line in before if line.points is not None}
    assert 0 < filled["名单户有联系或走访记录"] <= 100 and 0 < filled["名单户在期限前联系或走访"] <= 80
    assert {line.points for line in before if "场地" in line.item_zh or "保密" in line.item_zh} == {None}
    assert sum(line.most for line in before) == 1000


def test_where_there_is_nothing_no_point_is_invented(home: tuple[Site, Lives]) -> None:
    site, _ = home
    found = numbers(site, date(2025, 2, 1), date(2025, 3, 1))
    lines = monthly(site, found, TOWNS[0]).appraisal
    assert {line.points for line in lines} == {None}


def test_a_run_writes_province_cities_counties_and_stations(home: tuple[Site, Lives], tmp_path: Path) -> None:
    site, _ = home
    written = write_months(site, DAY, tmp_path / "reports")
    again = write_months(site, DAY, tmp_path / "again")
    names = {path.name for path in written}
    assert {"44_2025-10.html", "4401_2025-10.xlsx", "441621_2025-10.html"} <= names
    assert len(names) == 2 * (1 + 3 + 6 + len(TOWNS))
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in again]


def test_the_workbook_holds_the_same_numbers(
    home: tuple[Site, Lives], october: Numbers, tmp_path: Path
) -> None:
    site, _ = home
    page = _page(site, october, "4401")
    (path,) = write_files(tmp_path, "report", page, DAY, ["xlsx"])
    book = openpyxl.load_workbook(path)
    told = [
        cell.value for sheet in book.worksheets[:-1] for row in sheet.iter_rows() for cell in row
        if isinstance(cell.value, (int, float))
    ]  # fmt: skip
    shown = [
        cell.number for part in page.parts for table in part.tables for row in table.rows for cell in row
        if cell.number is not None
    ]  # fmt: skip
    assert told == shown and len(told) > 50
    assert page.parts[0].title in book.sheetnames[0]


def test_a_place_that_is_none_is_told(home: tuple[Site, Lives], october: Numbers) -> None:
    site, _ = home
    found = october
    for area in ("999999", "44011", "廣州"):
        with pytest.raises(ZhaorenError) as error:
            monthly(site, found, area)
        assert error.value.code == "unknown_area"


def test_the_pack_of_a_meeting_holds_what_it_has_to_decide(
    home: tuple[Site, Lives], october: Numbers, tmp_path: Path
) -> None:
    site, _ = home
    pack = page_of(meeting_pack(site, october, "440111"), charts=False)
    titles = [part.title for part in pack.parts]
    assert {"从预警到发放", "还没有办完的", "重点人员按月走访", "转介"} <= set(titles)
    assert titles[-2:] == ["互相矛盾的走访结果，请会上定", "情况属实但没有政策够得上（代码30）"]
    gaps = pack.parts[-1].tables[0].rows
    month = october.cells.filter(metric="result", part="30", area="440111")
    assert gaps[0][1].number == month["quarter"][0] > 0
    assert "季度" in pack.title and "本季度" in pack.parts[0].tables[0].headings
    with pytest.raises(ZhaorenError) as error:
        meeting_pack(site, october, "4401")
    assert error.value.code == "no_county"
    (path,) = write_files(tmp_path, "pack", pack, DAY, ["pdf"])
    assert path.read_bytes()[:5] == b"%PDF-"
