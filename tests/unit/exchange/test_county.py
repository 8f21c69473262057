"""The county's page, looked at with another reader (openpyxl)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl

from exchange.lists.county import HANDS, PRICE, STATION_COUNTS, CountyHeader, write_county
from exchange.lists.county_cases import CASE_COUNTS
from exchange.words import words
from transforms.alerts.counts import COUNTS

AS_OF = date(2025, 9, 5)
HEADER = CountyHeader("440604", "禅城区", AS_OF, {"I01": "死亡未核销", "I22": "医疗负担压过基本生活"})
ZEROS = dict.fromkeys((*STATION_COUNTS, *CASE_COUNTS), 0) | dict.fromkeys((*HANDS, PRICE))
STATIONS = pl.DataFrame(
    [
        {"town_code": "440604005", "town_name": "石湾镇街道", **ZEROS, "red_cnt": 3,
         "red_beyond_cnt": 2, "capacity": 8, "key_due_cnt": 30, "hours_month": Decimal("120.50"),
         "next_ten_need_cnt": Decimal("6.20")},
        {"town_code": "440604010", "town_name": "祖庙街道", **ZEROS, "capacity": 12, "key_due_cnt": 5},
    ]
)  # fmt: skip
RED = pl.DataFrame(
    {
        "case_no": ["10000177", "10000188"],
        "town_name": ["石湾镇街道"] * 2,
        "village_name": ["永安村", None],
        "due_date": [date(2025, 9, 9), date(2025, 9, 1)],
        "waiting_since": [AS_OF, date(2025, 8, 5)],
        "signal_ids": ["I22", "I01,I22"],
    }
)


def texts(path: Path) -> list[list[list[str]]]:
    book = openpyxl.load_workbook(path)
    return [[[str(c.value) for c in row if c.value is not None] for row in s.iter_rows()] for s in book]


def test_every_red_household_beyond_the_hands_is_on_the_county_page(tmp_path: Path) -> None:
    """tried §3: no county page lists the 24; who receives it stands on it."""
    write_county(tmp_path / "c.xlsx", HEADER, STATIONS, RED)
    front, red, _ = texts(tmp_path / "c.xlsx")
    assert front[1] == ["发给：禅城区民政局（调派走访人手用；各社工站的名单另发各站）"]
    assert front[3][0].startswith("红色 3 户，全部列在各站名单上；其中 2 户超出各站本期走访力量")
    assert [row[3:6] for row in red[1:3]] == [
        ["永安村", "9月9日　周二", "2025年9月5日"],
        [
            "9月1日　周一　已逾期4天",
            "2025年8月5日",
            "死亡未核销、医疗负担压过基本生活",
        ],  # no village known: the cell is empty
    ]
    write_county(tmp_path / "d.xlsx", HEADER, STATIONS, RED)
    assert (tmp_path / "c.xlsx").read_bytes() == (tmp_path / "d.xlsx").read_bytes()


def test_nobody_waiting_is_said_and_nothing_is_asked_for(tmp_path: Path) -> None:
    calm = STATIONS.with_columns(red_beyond_cnt=0, red_cnt=3)
    write_county(tmp_path / "c.xlsx", HEADER, calm.slice(0, 1), RED.clear())
    front, red, _ = texts(tmp_path / "c.xlsx")
    assert front[3] == ["红色 3 户，全部列在各站名单上。"] and "另派人手上门" not in front[4][0]
    assert red[1] == ["本期没有超出走访力量的红色户。"]


def test_the_words_of_the_counts_are_those_that_are_counted() -> None:
    """One meaning per word: each count has one word, which all papers take from there."""
    assert [f"{name}_cnt" for name in words("terms")["counts"]] == list(COUNTS) == list(STATION_COUNTS)
    assert set(words("report")["sections"]["lists"]["terms"]) == set(words("terms")["counts"])


def test_a_stations_hands_stand_beside_its_counts_and_an_unknown_number_is_no_sum(tmp_path: Path) -> None:
    write_county(tmp_path / "c.xlsx", HEADER, STATIONS, RED)
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heads = next(row for row in rows if row[0] == "代码")
    table = {
        row[0]: dict(zip(heads, row, strict=True))
        for row in rows
        if row[0] in ("440604005", "440604010", "合计")
    }
    shown = ("每月走访工时", "重点人员应访", "本期可走访", "再访十户预计发现")
    assert [table["440604005"][head] for head in shown] == [120.5, 30, 8, 6.2]
    assert [table["440604010"][head] for head in shown] == [None, 5, 12, None]
    assert [table["合计"][head] for head in shown] == [None, 35, 20, None]


def test_what_the_county_has_to_see_to_is_counted_by_station_and_red(tmp_path: Path) -> None:
    asked: dict[str, list[int | None]] = {
        "tried_cnt": [8, None],
        "not_reached_cnt": [2, None],
        "city_overdue_cnt": [1, 0],
    }
    stations = STATIONS.with_columns(**{name: pl.Series(values) for name, values in asked.items()})
    write_county(tmp_path / "c.xlsx", HEADER, stations, RED)
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx")["要督办的"]
    heads = [cell.value for cell in sheet[3]]
    first, second, total = (dict(zip(heads, (c.value for c in sheet[row]), strict=True)) for row in (4, 5, 6))
    assert (first["联系过或走访过"], first["未联系上"], first["未联系上占比"]) == (8, 2, 0.25)
    assert (second["联系过或走访过"], second["未联系上占比"]) == (0, None)
    assert (total["代码"], total["未联系上"], total["逾期归市督办"]) == ("合计", 2, 1)
    assert sheet.cell(4, heads.index("未联系上") + 1).font.color.rgb == "FFA61B12"
    assert not sheet.cell(4, heads.index("联系过或走访过") + 1).font.b
