"""What the demo's lists, county pages and report say of one date: the same numbers under the same words."""

from __future__ import annotations

import re

import openpyxl
import polars as pl

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
