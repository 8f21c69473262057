"""The run report: what a reader finds on the page."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl

from exchange.reports.report import Link, RunSummary, write_report

AS_OF = date(2025, 9, 5)
DELIVERIES = pl.DataFrame(
    {
        "department_zh": ["公安", "民政"],
        "extract_zh": ["户籍人口", "救助名册"],
        "file_name": ["population.csv", "<b>roll</b>.xlsx"],
        "known_date": [AS_OF, AS_OF],
        "status": ["accepted", "held"],
        "rows_read": [1000, 200],
        "rows_loaded": [950, 190],
        "rows_quarantined": [40, 10],
        "rows_duplicate": [10, 0],
    }
)


def page(tmp_path: Path, **parts: Any) -> str:
    write_report(tmp_path / "report.html", RunSummary(AS_OF, "run-1", **parts))
    return (tmp_path / "report.html").read_text(encoding="utf-8")


class _Cells(HTMLParser):
    """Rows of cell texts, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def cells(html: str) -> list[list[str]]:
    parser = _Cells()
    parser.feed(html)
    return parser.rows


def test_every_delivery_is_balanced_and_summed(tmp_path: Path) -> None:
    html = page(tmp_path, deliveries=DELIVERIES)
    rows = cells(html)
    assert [
        "公安",
        "户籍人口",
        "population.csv",
        "2025-09-05",
        "接收",
        "1,000",
        "950",
        "40",
        "10",
        "✓",
    ] in rows
    assert ["合计", "", "", "", "", "1,200", "1,140", "50", "10", ""] in rows
    assert "全部相符" in html
    assert "&lt;b&gt;roll" in html and "<b>roll" not in html


def test_a_delivery_that_does_not_add_up_cannot_be_overlooked(tmp_path: Path) -> None:
    html = page(tmp_path, deliveries=DELIVERIES.with_columns(rows_loaded=pl.Series([949, 190])))
    assert "有 1 份文件的行数对不上" in html
    assert "全部相符" not in html
    assert any(row[-1] == "✗ 对不上" for row in cells(html))
    unknown = page(tmp_path, deliveries=DELIVERIES.with_columns(rows_duplicate=pl.Series([None, 0])))
    assert "有 1 份文件的行数对不上" in unknown


def test_absent_parts_are_said_plainly_and_empty_ones_differently(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert html.count('class="absent"') == 16
    assert "本次没有收件记录。" in html
    assert "没有隔离任何一行。" in page(tmp_path, quarantine=pl.DataFrame(schema={"row_cnt": pl.Int64}))


def test_given_up_place_codes_are_named_with_what_became_of_them(tmp_path: Path) -> None:
    places = pl.DataFrame(
        {
            "extract_zh": ["户籍人口"] * 3,
            "code": ["440183001001", "440106903201", "110101001"],
            "present_code": ["440118001001", None, "110101001"],
            "town_name": ["荔城街道", None, None],
            "state": ["changed", "ambiguous", "unlisted"],
            "person_cnt": [3, 2, 1],
            "household_cnt": [1, 1, 1],
        }
    )
    html = page(tmp_path, places=places, remarks=("有 1 户不知道在哪个镇街",))
    rows = cells(html)
    assert ["户籍人口", "440183001001", "440118001001", "荔城街道", "已换新代码", "3", "1"] in rows
    assert ["户籍人口", "440106903201", "无法确定", "—", "无法确定", "2", "1"] in rows
    assert ["户籍人口", "110101001", "110101001", "—", "区划表中没有", "1", "1"] in rows
    assert html.count('<tr class="bad">') == html.count('<tr class="late">') == 1
    assert "<p>有 1 户不知道在哪个镇街</p>" in html
    nothing = page(tmp_path, places=places.clear())
    assert "没有停用或查不到的区划代码。" in nothing


def test_stale_sources_come_first_and_unknown_dates_are_not_zero(tmp_path: Path) -> None:
    sources = pl.DataFrame(
        {
            "department_zh": ["公安", "残联"],
            "extract_zh": ["户籍人口", "残疾人证"],
            "data_date": [AS_OF, None],
            "days_old": [0, None],
            "is_stale": [False, True],
        }
    )
    rows = cells(page(tmp_path, sources=sources))
    assert rows[1:] == [
        ["残联", "残疾人证", "从未收到", "—", "是"],
        ["公安", "户籍人口", "2025-09-05", "0", "否"],
    ]


def test_lists_dirt_and_evaluation_are_shown_in_words(tmp_path: Path) -> None:
    lists = pl.DataFrame(
        {"town_code": ["440604005"], "town_name": ["石湾镇街道"], "listed_cnt": [12], "new_cnt": [9]}
    )
    dirt = pl.DataFrame({"kind": ["id_checksum"], "planted_cnt": [50], "caught_cnt": [49], "missed_cnt": [1]})
    scores = pl.DataFrame({"method_zh": ["随机"], "precision_share": [0.1042], "low_share": [0.07]})
    html = page(tmp_path, lists=lists, dirt=dirt, evaluation=scores)
    rows = cells(html)
    assert ["440604005", "石湾镇街道", "12", "9"] in rows
    assert "共埋下 50 处，找到 49 处，漏掉 1 处" in html
    assert ["证件号校验位不对", "50", "49", "1"] in rows
    assert ["随机", "10.4%", "7.0%"] in rows


def test_the_page_needs_no_network_and_is_the_same_twice(tmp_path: Path) -> None:
    parts = {"deliveries": DELIVERIES, "is_made_up": True, "figures": (("列出走访", 1240), ("规则", "v1"))}
    html = page(tmp_path, **parts)
    assert html == page(tmp_path, **parts)
    assert not re.search(r"https?:|<script|src=|@import|url\(", html)
    assert "1,240" in html and "全部是虚构的" in html
    assert "全部是虚构的" not in page(tmp_path, deliveries=DELIVERIES)


def test_each_delivery_leads_to_its_receipt_and_the_report_to_its_papers(tmp_path: Path) -> None:
    hrefs = pl.Series(["../../receipts/2025-09-05/public_security/population.xlsx", None], dtype=pl.String)
    links = (
        Link("记分卡 公安", "scorecards/public_security.xlsx", "近十二个月"),
        Link("检查文档", "data_docs/index.html"),
    )
    html = page(tmp_path, deliveries=DELIVERIES.with_columns(receipt_href=hrefs), links=links)
    assert f'<a href="{hrefs[0]}">population.csv</a>' in html
    assert html.count("<a href=") == 3  # the delivery without a receipt has no link
    assert '<a href="data_docs/index.html">检查文档</a>' in html
    assert not re.search(r"https?:|<script|src=", html)


def test_held_deliveries_come_with_the_command_that_lets_them_in(tmp_path: Path) -> None:
    command = 'zhaoren release 20250905-custody-0123456789ab --reason "…"'
    held = pl.DataFrame({"department_zh": ["司法"], "extract_zh": ["在押"], "file_name": ["custody.xlsx"],
                         "known_date": [AS_OF], "reason_zh": ["行数与上一期相比应在0.7至1.4倍之间"],
                         "command": [command]})  # fmt: skip
    html = page(tmp_path, held=held)
    assert [
        "司法",
        "在押",
        "custody.xlsx",
        "2025-09-05",
        "行数与上一期相比应在0.7至1.4倍之间",
        command,
    ] in cells(html)
    assert "共 1 份文件暂缓" in html


def test_missing_months_come_before_late_ones(tmp_path: Path) -> None:
    missing = pl.DataFrame({"department_zh": ["公安", "残联"], "extract_zh": ["户籍人口", "残疾人证"],
                            "period_month": [date(2025, 8, 1)] * 2, "expected_by_date": [AS_OF] * 2,
                            "timeliness": ["late", "missing"], "late_days": [3, 24]})  # fmt: skip
    html = page(tmp_path, missing=missing)
    assert cells(html)[1:] == [
        ["残联", "残疾人证", "2025-08", "2025-09-05", "未收到", "24"],
        ["公安", "户籍人口", "2025-08", "2025-09-05", "迟到", "3"],
    ]
    assert html.index('class="bad"') < html.index('class="late"')


def test_corrections_say_what_they_changed(tmp_path: Path) -> None:
    corrections = pl.DataFrame({"extract_zh": ["户籍人口"], "kind": ["mended"], "added_cnt": [12],
                                "removed_cnt": [0], "changed_cnt": [1034]})  # fmt: skip
    html = page(tmp_path, corrections=corrections)
    assert ["户籍人口", "回执交回", "12", "0", "1,034"] in cells(html)
    assert "新增 12 行，不再出现 0 行，内容改动 1,034 行" in html
