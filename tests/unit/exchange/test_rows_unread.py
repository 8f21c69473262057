"""Rows that are seen are read, or refused with a reason, or refuse the file: none is cut off."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from exchange.deliveries.headers import shown, vocabulary
from exchange.deliveries.peeking import peek
from tests.helpers.population_files import (
    CONTRACTS,
    HEADERS,
    PLAIN,
    ROW,
    SECOND,
    lines,
    read,
    refused,
    workbook,
)
from tests.helpers.zips import zipped

IDS = [ROW[0], SECOND[0]]
HEADER, FIRST, NEXT = (lines(row).rstrip("\n") for row in (HEADERS, ROW, SECOND))
QUOTED = lines([*ROW[:7], '"某路\n1号"', *ROW[8:]]).rstrip("\n")
MIXED = {
    "two rows in one line": f"{HEADER}\n{FIRST}\r{NEXT}\n",
    "behind the header": f"{HEADER}\r{FIRST}\n{NEXT}\n",
    "all but one": f"{HEADER}\r{FIRST}\r{NEXT}\n",
    "beside CRLF": f"{HEADER}\r\n{FIRST}\r{NEXT}\r\n",
    "with breaks in cells": f"{HEADER}\r{QUOTED}\r{NEXT}\r",
}


@pytest.mark.parametrize("shape", MIXED)
def test_rows_parted_by_cr_alone_are_rows(tmp_path: Path, shape: str) -> None:
    """Tried from outside, §8 A3: in a file of LF they were taken for one row, and cut off behind it."""
    found = read(tmp_path, MIXED[shape])
    assert found.frame["id_number"].to_list() == IDS and found.frame["row_no"].to_list() == [2, 3]
    assert "line_ends_mixed" in [note.code for note in found.notes]


def test_a_cr_in_a_cell_stays_in_it(tmp_path: Path) -> None:
    for cell in ('"某路\r1号"', "某路\r1号"):
        found = read(tmp_path, lines(HEADERS, [*ROW[:7], cell, *ROW[8:]], SECOND))
        assert found.frame["id_number"].to_list() == IDS and found.frame["address"][0] == "某路\r1号"


def test_rows_that_cannot_be_told_apart_refuse_the_file(tmp_path: Path) -> None:
    short = ",".join(ROW[:6])
    error = refused(tmp_path, f"{HEADER}\n{short}\r{FIRST}\r{NEXT}\n")
    assert error.code == "rows_unread" and ROW[0] not in str(error)


@pytest.mark.parametrize("far", [1, 3, 4, 40, 300])
def test_text_right_of_the_header_is_told_however_far(tmp_path: Path, far: int) -> None:
    """Tried from outside, §8 A3: beyond three columns it was cut off without a word."""
    right = [*SECOND, *[""] * (far - 1), "已迁出"]
    assert read(tmp_path, lines(HEADERS, ROW, right)).frame["_extra"].to_list() == [None, "已迁出"]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([HEADERS, ROW, right])
    assert read(tmp_path, out.getvalue()).frame["_extra"].to_list() == [None, "已迁出"]
    path = workbook(tmp_path, HEADERS, ROW, right)
    assert read(tmp_path, path.read_bytes()).frame["_extra"].to_list() == [None, "已迁出"]


def test_separators_at_the_ends_of_lines_are_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, lines(HEADERS, [*ROW, *[""] * 30], [*SECOND, *[" "] * 9]))
    assert found.frame["id_number"].to_list() == IDS and "_extra" not in found.frame.columns


GLUED = {
    "without a line end": HEADER + "," + FIRST + "\n" + NEXT + "\n",
    "and without a separator": HEADER + FIRST + "\n" + NEXT + "\n",
    "the only row": HEADER + FIRST + "\n",
    "a person of words alone": HEADER + ",赵甲一,女,丧偶\n" + NEXT + "\n",
}


@pytest.mark.parametrize("shape", GLUED)
def test_a_row_glued_to_the_header_refuses_the_file_and_is_not_shown(tmp_path: Path, shape: str) -> None:
    """Tried from outside, §8 A3 and B7, case 47: that person was lost, and printed by peek and check."""
    error = refused(tmp_path, GLUED[shape])
    assert error.code == "header_glued"
    shown = f"{error} {peek(tmp_path / 'population.csv', CONTRACTS)}"
    assert not [cell for cell in (*ROW[:2], "440103001101", "赵甲一", "丧偶") if cell in shown]


def test_headers_of_agreed_words_are_shown_others_by_their_shape(tmp_path: Path) -> None:
    """Tried from outside, §8 B7: no cell of data is ever printed."""
    known = vocabulary(CONTRACTS.values())
    assert [shown(text, 3, known) for text in ("出生年月日期", "联系电话", "id_number", "序号")] == [
        "出生年月日期", "联系电话", "id_number", "序号",
    ]  # fmt: skip
    assert shown("梁明祥", 12, known) == "column 12 (3 Chinese characters)"
    assert shown("11010519491231002X", 1, known) == "column 1 (17 digits, 1 others)"
    assert shown("村居代码李四", 2, known) == "column 2 (6 Chinese characters)"


LONE = (["", ROW[0], "张㛃"], ["H1", "张㛃", "1999-01-10", "440103001101"], ROW)


@pytest.mark.parametrize("person", LONE)
def test_a_lone_person_above_the_header_refuses_the_file(tmp_path: Path, person: list[str]) -> None:
    """Tried from outside, §8 A3."""
    assert refused(tmp_path, lines(person, HEADERS, SECOND)).code == "rows_above_header"


def test_titles_above_the_header_do_not(tmp_path: Path) -> None:
    titles = (["2025年9月户籍人口"], ["填报单位：某局", "填报日期：2025-09-01", "联系电话：020-12345678"])
    assert read(tmp_path, lines(*titles, HEADERS, SECOND)).rows_read == 1


BODY = lines(ROW, SECOND)
PAGE = "<html><body>{}</body></html>"


def table(*rows: list[str]) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


BESIDE = {
    "without a header": BODY.encode(),
    "an altered header": lines([f"{name}（续）" for name in HEADERS], ROW, SECOND).encode(),
    "a workbook cut off": b"PK\x03\x04".ljust(30, b"\x00") + b"[Content_Types].xml",
}


@pytest.mark.parametrize("kind", BESIDE)
def test_another_table_in_the_archive_refuses_it(tmp_path: Path, kind: str) -> None:
    """Tried from outside, §8 A3: of a zip of two files one was read, the other's rows were lost."""
    name = "b.xlsx" if "workbook" in kind else "b.csv"
    error = refused(tmp_path, zipped({"a.csv": PLAIN.encode(), name: BESIDE[kind]}), "population.zip")
    assert error.code in ("rows_unread", "not_readable")


def test_papers_beside_the_table_are_told(tmp_path: Path) -> None:
    papers = {"说明.txt": "填表说明\n1. 每月5日前报送".encode(), "批文.pdf": b"%PDF-1.7 ..."}
    found = read(tmp_path, zipped({"a.csv": PLAIN.encode(), **papers}), "population.zip")
    assert found.rows_read == 2 and [note.cnt for note in found.notes if note.code == "member_read"] == [3]


def test_further_tables_of_a_web_page(tmp_path: Path) -> None:
    """Tried from outside, §8 A3: of a page's tables only the largest was read."""
    for more in (table(HEADERS, SECOND), table(SECOND), table([f"{n}续" for n in HEADERS], SECOND, ROW)):
        error = refused(tmp_path, PAGE.format(table(HEADERS, ROW, SECOND) + more))
        assert error.code == "rows_unread" and " rows stand in other tables" in error.why
    menu = table(["首页", "返回"], ["导出", "打印"])
    found = read(tmp_path, PAGE.format(menu * 20 + table(HEADERS, ROW) + menu))
    assert found.frame["id_number"].to_list() == [ROW[0]]
    assert ("web_tables_unread", 21) in [(note.code, note.cnt) for note in found.notes]


def test_a_small_table_with_the_header_goes_before_a_large_one_without(tmp_path: Path) -> None:
    layout = table(*[["栏目", "链接", "更多", "其他"]] * 30)
    assert read(tmp_path, PAGE.format(layout + table(HEADERS, ROW))).rows_read == 1


@pytest.mark.parametrize("gap", [0, 1])
def test_a_second_table_beside_the_first_refuses_the_file(tmp_path: Path, gap: int) -> None:
    """Tried from outside, §8 A3: side by side under the same headers, the second half was lost."""
    blank = [""] * gap
    error = refused(tmp_path, lines([*HEADERS, *blank, *HEADERS], [*ROW, *blank, *SECOND]))
    assert error.code == "rows_unread" and "1 rows stand in a second table" in error.why
    assert read(tmp_path, lines([*HEADERS, *blank, *HEADERS], [*ROW, *blank, *[""] * 12])).rows_read == 1


def test_a_second_table_below_the_first_is_read_row_by_row(tmp_path: Path) -> None:
    found = read(tmp_path, lines(HEADERS, ROW, [], ["姓名", "公民身份号码"], ["李四", SECOND[0]]))
    assert found.frame["row_no"].to_list() == [2, 4, 5]


@pytest.mark.parametrize("text", [PLAIN.encode("gb18030"), PLAIN.encode()])
def test_a_broken_character_is_named_by_its_cell(tmp_path: Path, text: bytes) -> None:
    """Tried from outside, §1 case 18: the refusal named a byte only."""
    broken = text.replace("李四".encode(), "李四".encode()[:-1]).replace(
        "李四".encode("gb18030"), "李四".encode("gb18030")[:-1]
    )
    error = refused(tmp_path, broken)
    assert error.code == "character_broken" and error.what.endswith("cell: B3")
    assert "row 3, column B" in error.where and "at byte" in error.why
