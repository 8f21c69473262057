"""A pupil's number is G and the ID number; whatever a department writes into its columns stays in the vault.

tried §8 A5: on b97b271 fifteen number and name columns stood in the warehouse as they came.
"""

from __future__ import annotations

import csv
from pathlib import Path

from data_contracts.cells.id_numbers import CHECK_CHARACTERS, WEIGHTS
from tests.helpers.attacks import OTHER_VERSION, command
from tests.helpers.byte_search import found_in
from tests.helpers.homes import KEY

HEADERS = (
    "学籍号",
    "身份证件号",
    "学生姓名",
    "学校名称",
    "学段",
    "学籍状态",
    "学期",
    "出生日期",
    "家庭所在村居代码",
)
PHONE, CARD, SCHOOL, CASE = "13800138000", "6222020000000000000", "王小二家隔壁的小学", "李四家的户"
ENTRUSTED = ("vault.duckdb", "vault.key", "archive", "receipts", "reviews")


def number(place: int) -> str:
    body = f"44010620150101{place:03d}"
    total = sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True))
    return body + CHECK_CHARACTERS[total % 11]


def test_what_stands_in_a_departments_columns_stays_in_the_vault(tmp_path: Path) -> None:
    folder = tmp_path / "inbox" / "2025-09-05" / "education"
    folder.mkdir(parents=True)
    ids = [number(place) for place in range(2, 42)]
    rows = [
        [f"G{one}", one, "赵甲", f"{SCHOOL}{PHONE}", "小学", "在读", "2025-03", "2015-01-01", "440106001001"]
        for one in ids
    ]
    rows[0][0], rows[1][8], rows[2][3], rows[3][0] = CASE, CARD, ids[2], f"{ids[3]} {PHONE}"
    with (folder / "student_aid.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADERS, *rows])
    home = tmp_path / "home"
    lists = [] if OTHER_VERSION else ["--no-deliver"]  # what is taken in is enough
    done = command("run", "--plain", *lists, "--all", "--inbox", tmp_path / "inbox", "--home", home)
    assert done.returncode == 0, done.said
    marks = [*ids, PHONE, CARD, SCHOOL, CASE, "赵甲"]
    assert found_in(home, marks, but=ENTRUSTED, key=KEY) == []
    assert [mark for mark in marks if mark in done.said] == []
    kept = {one.mark for one in found_in(home, [f"G{ids[9]}", SCHOOL], but=("archive",), key=KEY)}
    assert kept == {f"G{ids[9]}", SCHOOL}  # in the vault, where linkage finds them
