"""Cells that a spreadsheet would run: guarded wherever they are written, and read back exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.deliveries.reading import read_delivery
from exchange.digests import cell_digest
from exchange.guards import guarded, guarded_columns, unguarded, unguarded_columns, write_guarded_csv
from exchange.receipts.receipts import write_receipt
from tests.helpers.receipts import CONTRACT, INFO, findings

SIGNS = ["=1+1", "+1", "-1+1", "@SUM(1)", "|cmd", "＝1+1", "＋1", "－1", "＠x", "｜x", "﹦1", "−1+1"]
UNSEEN = [
    "\n=1+1",
    "\t1",
    "\r\n-1",
    " \u3000=1+1",
    "\ufeff=1+1",
    "\u200b@x",
    "\u2060=1",
    "\u00ad=1",
    "\u202e=1",
]
OTHERS = [
    "\u202e=1",
    "\x00=1",
    "\x9b=1",
    "\u2028=1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x")',
    "'=1+1",
    "''=1+1",
]
RUN = SIGNS + UNSEEN + OTHERS
LEFT_ALONE = ["", "-", "——", "－", "--", "1", "王五", "O'Hara", "'", "''x", "a=b", "3-1", "（-1）", "'-"]


@pytest.mark.parametrize("text", RUN)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe_and_loses_it_again(text: str) -> None:
    """tried §8 C; and its neighbours: other signs, other blanks, characters that nobody sees."""
    assert guarded(text) == "'" + text
    assert unguarded("'" + text) == text
    assert cell_digest("'" + text) == cell_digest(text)  # a list's line that comes back is the printed one


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text and unguarded(text) == text


@given(st.lists(st.text(alphabet=st.sampled_from("'=+-@|＝－ \t\n\u200b\u3000a1"), max_size=6), min_size=1))
def test_the_guard_comes_off_exactly_in_texts_and_in_columns_alike(texts: list[str]) -> None:
    frame = pl.DataFrame({"a": texts, "n": range(len(texts))})
    safe = guarded_columns(frame)
    assert safe["a"].to_list() == [guarded(text) for text in texts]
    assert unguarded_columns(safe).equals(frame)
    assert [unguarded(text) for text in safe["a"]] == texts
    assert guarded_columns(frame.with_columns(a=pl.lit(None, pl.String)))["a"].null_count() == len(texts)


@pytest.mark.parametrize("text", RUN)
def test_a_receipt_saved_as_csv_and_opened_again_runs_nothing_and_comes_back_as_it_was(
    tmp_path: Path, text: str
) -> None:
    found = findings()
    cells = found.originals.with_columns(name=pl.lit(text))
    found = replace(found, originals=cells)
    (book,) = write_receipt(tmp_path / "population.xlsx", CONTRACT, INFO, found)
    head, *rows = openpyxl.load_workbook(book)["问题行"].iter_rows(values_only=True)
    lines = [[str(cell or "") for cell in row] for row in (head, *rows)]
    assert all(guarded(cell) == cell or cell.startswith("'") for line in lines for cell in line)
    saved = tmp_path / "population.csv"
    pl.DataFrame(lines[1:], schema=lines[0], orient="row").write_csv(saved)
    for came in (book, saved):
        name = read_delivery(came, CONTRACT).frame["name"][0] or ""
        assert name.strip() == "".join(c for c in text.replace("\r\n", "\n") if c != "\x00").strip()


def test_a_table_for_a_spreadsheet_is_guarded(tmp_path: Path) -> None:
    write_guarded_csv(pl.DataFrame({"place": ["=1+1", "东镇"], "yuan": [-1, 2]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "place,yuan\n'=1+1,-1\n东镇,2\n"
