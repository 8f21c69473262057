"""Filled worklists spoilt on their way back: a filled line is taken or named, or the file refused whole."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import openpyxl
import polars as pl
import pytest

from exchange.answers.feedback import read_feedback
from exchange.answers.filling import fill_worklist
from exchange.lists.worklist import SHEET_NAME
from tests.generative.mutants.books import shown
from tests.generative.mutants.cells import TEXTS
from tests.generative.mutants.raw import RAW, Raw
from tests.helpers.lists import AS_OF, CODES, HEADER, header_row, lines, write_visits
from zhaoren.errors import ZhaorenError

TODAY = date(2025, 10, 1)
FILL_INS = ("结果代码", "走访日期", "协助申请的政策", "说明", "走访人")
CASES = ("20250905-aa-N", "20250905-bb-N")


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A list with two of its lines filled as they should be."""
    place = tmp_path_factory.mktemp("list")
    write_visits(place / "out.xlsx", HEADER, lines(), CODES)
    answers = pl.DataFrame(
        {
            "alert_id": CASES,
            "result_code": ["20", "40"],
            "found_date": [date(2025, 9, 8), date(2025, 9, 30)],
            "benefit_id": ["dibao", None],
            "note_zh": ["已交表", None],
            "worker": ["甲", "甲"],
        }
    )
    fill_worklist(place / "out.xlsx", place / "filled.xlsx", answers)
    return (place / "filled.xlsx").read_bytes()


def odd_cells(content: bytes, rng: Random) -> bytes:
    """Some cells of the list's lines with odd texts, dates or numbers in them."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[SHEET_NAME]
    head = header_row(sheet)
    columns = {str(cell.value): cell.column for cell in sheet[head] if cell.value}
    values: list[object] = [shown(text) for texts in TEXTS.values() for text in texts]
    values += [date(2025, 9, 9), 45_000, 1.5, True, "40", "20 符合", None]
    for _ in range(rng.choice((1, 2, 6))):
        line = head + rng.randint(1, 3)
        column = columns[
            rng.choice([name for name in columns if name in FILL_INS or rng.random() < 0.2] or ["序号"])
        ]
        cell = sheet.cell(line, column)
        cell.value = rng.choice(values)
        if isinstance(cell.value, str):
            cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled_lines(path: Path) -> set[int]:
    """Rows of the sheet with a case number of the list and anything filled in."""
    sheet = openpyxl.load_workbook(path)[SHEET_NAME]
    head = header_row(sheet)
    columns = {str(cell.value): cell.column for cell in sheet[head] if cell.value}
    places = [columns[name] for name in FILL_INS if name in columns]
    return {
        row
        for row in range(head + 1, sheet.max_row + 1)
        if str(sheet.cell(row, columns["个案编号"]).value).startswith(f"{AS_OF:%Y%m%d}-")
        and any(re.search(r"\w", str(sheet.cell(row, place).value or "")) for place in places)
    }


def run(content: bytes, seeds: range, folder: Path) -> Counter:
    counts: Counter = Counter()
    path = folder / "back.xlsx"
    for seed in seeds:
        rng = Random(seed)
        by_cell = seed % 3 > 0
        raw = Raw("back.xlsx", odd_cells(content, rng) if by_cell else content, True)
        recipe = "cells" if by_cell else rng.choice(sorted(RAW))
        if not by_cell:
            RAW[recipe](raw, rng)
        path.write_bytes(raw.content)
        try:
            back = read_feedback(path, TODAY)
        except ZhaorenError as error:
            assert error.what and error.why and error.todo, f"seed {seed} {recipe}: {error}"
            counts["refused"] += 1
            continue
        except BaseException as error:
            raise AssertionError(f"seed {seed} {recipe}: {error!r}") from error
        counts["read"] += 1
        if by_cell:
            named = {int(row) for text in back.problems for row in re.findall(r"第(\d+)行：", text)}
            lost = filled_lines(path) - set(back.rows["row_no"]) - named
            assert not lost, f"seed {seed}: rows {sorted(lost)} are neither taken nor named: {back.problems}"
    return counts


def test_every_filled_line_is_taken_or_named(returned: bytes, tmp_path: Path) -> None:
    counts = run(returned, range(18), tmp_path)
    assert counts["read"] >= 12 and counts["refused"] >= 2, counts


@pytest.mark.long
def test_many_spoilt_lists(returned: bytes, tmp_path: Path) -> None:
    counts = run(returned, range(1000, 1300), tmp_path)
    print(f"\nfilled lists {sum(counts.values())}, lines lost 0 (goal 0): {dict(counts)}")
