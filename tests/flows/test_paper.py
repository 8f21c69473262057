"""What the demo's lists, county pages and report say of one date: the same numbers under the same words."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import polars as pl
from openpyxl.worksheet.worksheet import Worksheet

from flows.context.site import open_site
from flows.delivery.summary import run_summary
from tests.helpers.homes import Made


def first_cells(path: object) -> str:
    sheet = openpyxl.load_workbook(str(path)).worksheets[0]
    return "\n".join(str(row[0].value) for row in sheet.iter_rows(max_row=9) if row[0].value)


def test_heads_county_page_and_report_count_alike(demo: Made) -> None:
    """tried §3: 排队 3 户 in the report, 4,245 on the lists' heads; 233 red families on no paper."""
    day = demo.dates[0]  # nobody rests yet: the day on which most red ones are beyond the hours
    with open_site(demo.home) as site:
        lists = run_summary(site, day).lists
        red = "SELECT count(*) FROM mart.alert WHERE as_of = ? AND level = 'red' AND queue = 'need' "
        found = site.con.execute(
            red + "AND status <> 'suppressed' AND town_code IS NOT NULL", [day]
        ).fetchall()
    assert lists is not None and lists["red_cnt"].sum() == found[0][0]
    for row in lists.iter_rows(named=True):
        (path,) = demo.home.dated("worklists", day).glob(f"{row['town_code']}_*.xlsx")
        head = first_cells(path)
        assert f"本期列出 {row['listed_cnt']} 户" in head
        said = {word: int(count) for word, count in re.findall(r"(红色超出) (\d+) 户", head)}
        assert said.get("红色超出", 0) == row["red_beyond_cnt"]
        assert (re.findall(r"另有 (\d+) 户排队", head) or ["0"]) == [str(row["waiting_cnt"])]
    pages = sorted(demo.home.dated("counties", day).glob("4*.xlsx"))
    red_lines = [pl.read_excel(p, sheet_name="红色超出", engine="openpyxl") for p in pages]
    cases = sum(
        frame["个案编号"].cast(pl.String).str.contains(r"^\d{8}$").sum()
        for frame in red_lines
        if "个案编号" in frame.columns
    )
    assert cases == lists["red_beyond_cnt"].sum() > 0


def test_each_listed_familys_chain_stands_on_its_countys_page(demo: Made) -> None:
    """On a date's pages are the cases of its lists, each with what it began with; no name or number."""
    for day in demo.dates:
        folder = demo.home.dated("reports", day) / "chains"
        pages = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
        listed = {
            (path.name[:6], number)
            for path in demo.home.dated("worklists", day).glob("*.xlsx")
            for number in _numbers(openpyxl.load_workbook(path).worksheets[0])
        }
        assert listed and all(f'<h2 id="{number}">' in pages[county] for county, number in listed)
        told = "\n".join(pages.values())
        assert told.count("<h2 id=") == told.count("立案（") >= len(listed)
        assert not re.search(r"\d{17}[\dX]|1[3-9]\d{9}", told)
        report = (demo.home.dated("reports", day) / "report.html").read_text(encoding="utf-8")
        assert all(f'href="chains/{county}.html"' in report for county in pages)


def test_what_changed_since_the_last_list_adds_up_to_both_lists(demo: Made) -> None:
    """Every family of either list has one line on 本期变化, and no other has."""
    assert_changes_add_up(demo.home.root, [str(day) for day in demo.dates])


def assert_changes_add_up(home: Path, days: list[str]) -> None:
    """Over all stations of a date: a family that moved is on its new station's sheet alone."""
    before: set[str] | None = None
    for day in days:
        books = [openpyxl.load_workbook(path) for path in sorted((home / "worklists" / day).glob("*.xlsx"))]
        now = {number for book in books for number in _numbers(book.worksheets[0])}
        lines = [row for book in books for row in book["本期变化"].iter_rows(values_only=True)]
        shown = [(str(row[0]), str(row[3])) for row in lines if re.fullmatch(r"\d{8}", str(row[0] or ""))]
        if before is None:
            assert shown == []
        else:
            assert len(shown) == len({number for number, _ in shown}), day
            assert {number for number, _ in shown} == now | before, day
            assert {n for n, kind in shown if kind in ("新列入", "再次列入", "继续")} == now, day
            assert {n for n, kind in shown if kind == "继续"} == now & before, day
        before = now


def _numbers(sheet: Worksheet) -> list[str]:
    column = [str(row[1] or "") for row in sheet.iter_rows(max_col=2, values_only=True)]
    return [text for text in column if re.fullmatch(r"\d{8}", text)]
