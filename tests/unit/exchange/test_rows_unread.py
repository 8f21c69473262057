"""Rows that are seen are read, or refused with a reason, or refuse the file: none is cut off."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.helpers.population_files import HEADERS, ROW, SECOND, lines, read, refused, workbook

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
