"""A county's list of second looks: what it shows, what may be answered, and that it is read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl

from exchange.answers.given import read_hidden_columns
from exchange.answers.opening import open_list
from exchange.answers.side_cells import Reading
from exchange.answers.side_reading import read_sheet
from exchange.answers.side_sheets import SPOT_CHECKS
from exchange.lists.referrals import SpotCheckHeader, write_spot_checks

AS_OF = date(2025, 11, 5)
ROWS = pl.DataFrame(
    {"step_id": ["S1", "S2"], "case_no": ["10000177", "10000188"], "head_name_masked": ["李*", "张*"],
     "town_name": ["石湾镇街道", "祖庙街道"], "village_name": ["甲村", "乙村"],
     "found_date": [date(2025, 10, 10), date(2025, 10, 12)],
     "result_zh": ["情况不属实", "符合条件，已协助申请"],
     "kind_code": ["spot_check"] * 2, "subject": ["40", "20"], "subject_zh": ["", ""],
     "event_code": ["drawn"] * 2, "due_date": [date(2025, 12, 3), date(2025, 11, 3)]},
)  # fmt: skip


def _written(folder: Path) -> Path:
    path = folder / "440604.xlsx"
    write_spot_checks(path, SpotCheckHeader("440604", "禅城区", AS_OF, "v1"), ROWS)
    return path


def test_reviewers_see_what_was_reported_and_nothing_of_who_visited(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(_written(tmp_path))["抽查复核"]
    headings = [cell.value for cell in sheet[3]]
    assert headings == [
        "个案编号", "户主", "镇街", "村（社区）", "走访日期", "走访结果", "期限",
        "复核结果", "复核日期", "说明", "复核人",
    ]  # fmt: skip
    overdue = [cell.value for cell in sheet[4]]
    assert overdue[0] == "10000188" and overdue[5] == "符合条件，已协助申请" and "已逾期" in overdue[6]
    assert "走访人" not in headings


def test_a_second_look_is_read_back(tmp_path: Path) -> None:
    path = _written(tmp_path)
    book = openpyxl.load_workbook(path)
    sheet = book["抽查复核"]
    for column, value in (
        ("H", "与走访结果不一致"),
        ("I", date(2025, 11, 9)),
        ("J", "家里没有困难"),
        ("K", "丙"),
    ):
        sheet[f"{column}4"] = value
    book.save(path)
    read = open_list(path)
    hidden = read_hidden_columns(read)
    reading = Reading(date(2025, 8, 5), AS_OF, date(2025, 11, 10), False, hidden.choices())
    answers = read_sheet(read, hidden, SPOT_CHECKS, reading)
    assert answers.found == []
    (row,) = answers.rows
    assert (row["case_no"], row["event"], row["event_date"]) == (
        "10000188",
        "与走访结果不一致",
        date(2025, 11, 9),
    )
    assert row["printed"]["step_id"] == "S2" and row["printed"]["step_kind"] == "spot_check"


def test_the_same_visits_have_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    assert _written(tmp_path).read_bytes() == _written(tmp_path / "b").read_bytes()
