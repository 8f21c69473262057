"""The table of the stations' hands: what a spreadsheet leaves is read, what is wrong is named by its row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from exchange.stations.hands import HANDS, read_hands, template

TOWNS = {"440604005": "石湾镇街道", "440604010": "祖庙街道"}
HEADS = "镇街代码,起,止,社工人数,全站每月走访工时,每户走访分钟,重点人员每次分钟,备注"
ENGLISH = "town_code,valid_from,valid_to,staff_cnt,hours_month,visit_minutes,key_visit_minutes,note"
ROW = "440604005,2026-01-01,,4,120.5,90,40,"


def read(
    folder: Path, *lines: str, heads: str = HEADS, encoding: str = "utf-8"
) -> tuple[list[tuple], list[str]]:
    path = folder / "hands.csv"
    path.write_bytes("\r\n".join([heads, *lines]).encode(encoding))
    frame, problems = read_hands(path, TOWNS)
    assert dict(frame.schema) == HANDS
    return frame.rows(), [f"{problem.line}: {problem.what}" for problem in problems]


@pytest.mark.parametrize("heads", [HEADS, ENGLISH])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_both_headings_and_every_encoding_of_a_spreadsheet_are_read(
    tmp_path: Path, heads: str, encoding: str
) -> None:
    lines = (ROW + "两人休假", "440604010,2026/1/1,2026年3月31日,2,60,60,30,", ",,,,,,,", "")
    rows, problems = read(tmp_path, *lines, heads=heads, encoding=encoding)
    assert problems == []
    assert rows == [
        ("440604005", date(2026, 1, 1), None, 4, Decimal("120.50"), 90, 40),
        ("440604010", date(2026, 1, 1), date(2026, 3, 31), 2, Decimal("60.00"), 60, 30),
    ]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("440604999,2026-01-01,,4,120,90,40,", "镇街代码: there is no town 440604999"),
        ("4.40604E+08,2026-01-01,,4,120,90,40,", "镇街代码: “4.40604E+08” is no code of a town"),
        ("440604005,2026-02-30,,4,120,90,40,", "起: “2026-02-30” is no day"),
        ("440604005,,,4,120,90,40,", "起: the cell is empty"),
        ("440604005,2026-02-01,2026-01-01,4,120,90,40,", "止 lies before 起"),
        ("440604005,2026-01-01,,0,120,90,40,", "社工人数: 0 is not between 1 and 200"),
        ("440604005,2026-01-01,,2.5,120,90,40,", "社工人数: “2.5” is no whole number"),
        ("440604005,2026-01-01,,4,-8,90,40,", "全站每月走访工时: -8 is not between 1 and 40000"),
        ("440604005,2026-01-01,,4,7200,90,40,", "7200 hours are more than 4 workers have in a month"),
        ("440604005,2026-01-01,,4,120小时,90,40,", "全站每月走访工时: “120小时” is no number"),
        ("440604005,2026-01-01,,4,120,1.5,40,", "每户走访分钟: 1.5 is not between 5 and 600"),
        ("440604005,2026-01-01,,4,120,90,,", "重点人员每次分钟: the cell is empty"),
        ("440604005,2026-01-01,,4,120,90,40,a,b", "the row has more cells than there are headings"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_row_and_nothing_is_guessed(
    tmp_path: Path, row: str, what: str
) -> None:
    assert read(tmp_path, "440604010,2026-01-01,,4,120,90,40,", row) == ([], [f"3: {what}"])


def test_two_rows_for_one_day_are_refused(tmp_path: Path) -> None:
    again = "440604005,2026-07-01,,5,150,90,40,"
    rows, problems = read(tmp_path, again, ROW)
    assert rows == [] and problems == ["2: the station 440604005 has row 3 for some of the same days"]
    older = ROW.replace("2026-01-01,,", "2026-01-01,2026-06-30,")
    assert read(tmp_path, again, older)[1] == []


def test_a_missing_a_doubled_and_an_unknown_column_are_named(tmp_path: Path) -> None:
    heads = HEADS.replace("每户走访分钟", "走访分钟").replace("止", "起")
    problems = read(tmp_path, ROW, heads=heads)[1]
    assert problems == [
        "1: there is no column “走访分钟”",
        "1: the column 起 is there twice",
        "1: the column 止 is missing",
        "1: the column 每户走访分钟 is missing",
    ]


def test_the_code_of_another_town_than_the_one_named_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "hands.csv"
    blank = template(TOWNS).decode("utf-8-sig")
    assert blank.splitlines()[1] == "440604005,石湾镇街道,,,,,,,"
    filled = blank.replace("石湾镇街道,,,,,,,", "祖庙街道,2026-01-01,,4,120,90,40,")
    path.write_text(filled, encoding="utf-8-sig")
    problems = [f"{p.line}: {p.what}" for p in read_hands(path, TOWNS)[1]]
    # The row that was not filled in says nothing.
    assert problems == ["2: the code 440604005 is that of 石湾镇街道, not of 祖庙街道"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe1\x00", b"PK\x03\x04\x00\x00"])
def test_what_is_no_csv_is_said_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hands.csv"
    path.write_bytes(content)
    frame, problems = read_hands(path, TOWNS)
    assert frame.is_empty() and len(problems) == 1 and problems[0].todo
