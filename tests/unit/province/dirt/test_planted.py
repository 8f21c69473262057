"""Planted dirt: files keep their contracts apart from it, and it is where the ledger says."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import polars as pl

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import check_rows
from exchange.deliveries.reading import read_delivery
from province.dirt.dirt import DUPLICATE, REFUSED, REPAIRED
from tests.helpers.provinces import checked, truth


def without_heads(faults: pl.DataFrame) -> pl.DataFrame:
    """The faults less the notes that a unit has no head, which is true where the head died."""
    return faults.filter(~pl.col("rule_id").str.ends_with(".one_head"))


def test_files_keep_their_contracts_apart_from_the_planted_dirt(province: Path) -> None:
    contracts, codes, ledger = load_contracts(), load_codes(), truth(province, "dirt")
    for path in sorted((province / "inbox").rglob("*.*")):
        contract = contracts[f"{path.parent.name}.{path.stem}"]
        text = read_delivery(path, contract)
        assert not text.unknown_headers and not text.missing_headers, path
        rows = check_rows(text.frame, contract, codes)
        name = path.relative_to(province / "inbox").as_posix()
        dirty = ledger.filter(pl.col("file") == name)
        clean_faults = without_heads(rows.faults).join(dirty, on="row_no", how="anti")
        assert clean_faults.height == 0, (name, clean_faults.select("row_no", "rule_id").head(3))
        refused = dirty.filter(pl.col("kind").is_in(REFUSED))
        assert refused.join(rows.quarantined, on="row_no", how="anti").height == 0, name
        repaired = dirty.filter(pl.col("kind").is_in(REPAIRED))
        assert repaired.join(rows.repairs, on="row_no", how="anti").height == 0, name
        assert repaired.join(rows.quarantined, on="row_no", how="semi").height == 0, name
        twice = dirty.filter(pl.col("kind") == DUPLICATE)["row_no"].to_list()
        assert sorted(twice) == sorted(rows.duplicates["row_no"].to_list()), name


def test_ledger_points_at_the_planted_value(province: Path) -> None:
    """Read two files with other software and look where the ledger points."""
    ledger = truth(province, "dirt")
    contract = load_contracts()["public_security.population"]
    lines = (province / "inbox/2025-10-05/public_security/population.csv").read_bytes().decode("gb18030")
    cells = list(csv.reader(io.StringIO(lines)))
    headers = {c.name: c.header for c in contract.columns}
    rows = ledger.filter(
        (pl.col("file") == "2025-10-05/public_security/population.csv") & pl.col("planted").is_not_null()
    )
    assert rows.height > 20
    for entry in rows.iter_rows(named=True):
        assert cells[entry["row_no"] - 1][cells[0].index(headers[entry["column_name"]])] == entry["planted"]
    roll = "2025-09-05/civil_affairs/child_welfare.xlsx"
    sheet = openpyxl.load_workbook(province / "inbox" / roll).active
    assert (
        sheet.cell(1, 1).value.startswith("孤儿与事实无人抚养儿童") and sheet.cell(2, 1).value == "身份证号"
    )


def test_every_kind_of_dirt_turns_up(dirty: Path) -> None:
    kinds = set(truth(dirty, "dirt")["kind"])
    assert kinds >= {*REPAIRED, *REFUSED, DUPLICATE} - {"totals_row"}


def test_a_clean_province_has_nothing_to_fault(clean: Path) -> None:
    assert truth(clean, "dirt").height == 0
    assert without_heads(checked(clean, "civil_affairs.benefit_roll", "2025-09-05").faults).height == 0
