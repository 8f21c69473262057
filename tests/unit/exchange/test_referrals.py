"""The receiver's list of referrals: what it shows, what may be answered, and that it is read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from exchange.answers.given import read_hidden_columns
from exchange.answers.opening import open_list
from exchange.answers.side_cells import Reading
from exchange.answers.side_reading import read_sheet
from exchange.answers.side_sheets import REFERRALS
from exchange.lists.referrals import ReferralHeader, write_referrals
from zhaoren.errors import ZhaorenError

AS_OF = date(2025, 9, 5)
HEADER = ReferralHeader("440604", "禅城区", "medical_insurance", "医保部门", AS_OF, "v1")
ROWS = pl.DataFrame(
    {"step_id": ["S1", "S2"], "case_no": ["10000177", "10000188"], "head_name_masked": ["李*", "张*"],
     "town_name": ["石湾镇街道", "祖庙街道"], "reason_zh": ["医保未缴费。", None],
     "begun_date": [date(2025, 8, 20), date(2025, 8, 12)], "kind_code": ["referral", "referral"],
     "subject": ["medical_insurance"] * 2, "subject_zh": ["医保部门"] * 2, "event_code": ["accepted", "sent"],
     "due_date": [date(2025, 9, 20), date(2025, 9, 1)]},
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_referrals(tmp_path / "440604_medical_insurance.xlsx", HEADER, ROWS)
    return tmp_path / "440604_medical_insurance.xlsx"


def test_the_overdue_referral_stands_first_in_red_with_its_answers(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["转介清单"]
    assert [cell.value for cell in sheet[3]] == [
        "个案编号", "户主", "镇街", "事由", "转出日期", "期限", "答复", "日期", "说明", "填写人",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[4]][:6] == [
        "10000188", "张*", "祖庙街道", None, "2025年8月12日", "9月1日　周一\n已逾期4天",
    ]  # fmt: skip
    assert sheet["F4"].font.color.rgb == "FFA61B12" and not sheet["F5"].font.b
    offered = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    hidden = book["校验信息"]
    for place, texts in (("G4", ["已受理", "已答复", "未受理"]), ("G5", ["已答复", "未受理"])):
        cells = offered[place].rsplit("!", 1)[1].replace("$", "")
        assert [cell.value for (cell,) in hidden[cells]] == texts
    assert "禅城区" in str(sheet["A1"].value) and "医保部门" in str(sheet["A1"].value)


def test_what_a_receiver_fills_in_is_read_back(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["转介清单"]
    for column, value in (("G", "已受理"), ("H", date(2025, 9, 8)), ("J", "王")):
        sheet[f"{column}4"] = value
    book.save(path)
    read = open_list(path)
    hidden = read_hidden_columns(read)
    reading = Reading(date(2025, 6, 5), AS_OF, date(2025, 9, 10), False, hidden.choices())
    answers = read_sheet(read, hidden, REFERRALS, reading)
    assert answers.found == []
    (row,) = answers.rows
    assert (row["case_no"], row["event"], row["event_date"]) == ("10000188", "已受理", date(2025, 9, 8))
    assert row["printed"]["step_id"] == "S2"


def test_the_same_referrals_have_the_same_bytes_and_a_leak_stops_them(path: Path, tmp_path: Path) -> None:
    write_referrals(tmp_path / "again.xlsx", HEADER, ROWS)
    assert path.read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    with pytest.raises(ZhaorenError, match="diagnosis"):
        write_referrals(tmp_path / "leak.xlsx", HEADER, ROWS.with_columns(reason_zh=pl.lit("患尿毒症")))
    assert not (tmp_path / "leak.xlsx").exists()
