"""Cells of a department that a spreadsheet would run, and what is handed out of them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl

from data_contracts.loading.contracts import load_contracts
from tests.helpers.attacks import command

CALL = "=cmd|' /C calc'!A0"
CELLS = ["=1+1", "\n=1+1", "＝1+1", "\ufeff@SUM(1)", " \u3000+1+1", "\u2060=1", "|cmd", CALL]
SIGNS = "=+-@|＝＋－＠｜"
CONTRACT = "public_security.population"


def test_no_cell_of_a_receipt_is_run_even_after_it_was_saved_as_csv(tmp_path: Path) -> None:
    """tried §8 C: '\\n=1+1' and '＝1+1' had no guard in receipts; and no guard outlived saving as CSV."""
    file = tmp_path / "population.csv"
    headers = [column.header for column in load_contracts()[CONTRACT].columns]
    rows = pl.DataFrame({header: CELLS if header == "姓名" else ["x"] * len(CELLS) for header in headers})
    rows.write_csv(file)
    done = command("check", file, "--contract", CONTRACT, "--rows-only", "--out", tmp_path / "out")
    assert "Faulty rows" in done.said, done.said
    (receipt,) = (tmp_path / "out").rglob("*.xlsx")
    head, *lines = openpyxl.load_workbook(receipt)["问题行"].iter_rows(values_only=True)
    shown = [str(line[head.index("姓名")]) for line in lines]
    assert len(shown) == len(CELLS)
    assert not [text for text in shown if text.strip("\ufeff\u2060 \u3000\n\t")[:1] in SIGNS]
