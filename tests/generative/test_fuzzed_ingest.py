"""Spoilt deliveries among good ones through a real home: nothing lost, nothing half-visible."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import duckdb
import openpyxl
import polars as pl
import pytest

from flows.context.home import Home
from flows.context.site import open_site
from flows.delivery.receipts import write_receipts
from flows.ingest.ingest import ingest
from province.make import make_province
from tests.generative.mutants import Mutant, base_sheets, mutant
from tests.generative.mutants.judging import IDENTIFIER, contracts
from tests.helpers.homes import as_delivered, reading, run_dates

SPOILT = 11  # of the 18 files of the date


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("province")
    make_province(400, 1, 5, place, 0.05)
    return place / "inbox"


def spoilt_inbox(inbox: Path, target: Path, batch: int) -> dict[str, Mutant]:
    """A copy of the inbox's first date, some files of which are mutants; `department/file` -> mutant."""
    day = sorted(inbox.iterdir())[0]
    sheets = base_sheets(inbox, contracts(), 10_000)
    chosen = set(Random(batch).sample(range(len(sheets)), SPOILT))
    made = {}
    for place, (path, sheet) in enumerate(zip(sorted(day.glob("*/*")), sheets, strict=True)):
        into = target / day.name / path.parent.name
        into.mkdir(parents=True, exist_ok=True)
        if place in chosen:
            spoilt = mutant(sheet, 500 + batch)
            made[f"{path.parent.name}/{spoilt.name}"] = spoilt
            (into / spoilt.name).write_bytes(spoilt.content)
        else:
            (into / path.name).write_bytes(path.read_bytes())
    return made


def take_in(home: Home, inbox: Path) -> bool:
    """Ingest and receipts of the inbox's date, and no lists."""
    known = date.fromisoformat(next(inbox.iterdir()).name)
    with open_site(home) as site:
        new = ingest(site, inbox, known).new_cnt
        with site.open_vault(known, "deliver") as vault:
            write_receipts(site, vault, known)
    return bool(new)


def run_batch(inbox: Path, place: Path, batch: int, whole: bool = False) -> Counter:
    """One spoilt date taken in, or the `whole` main job; returns status of the mutants -> count.

    AssertionError where anything is lost, half-visible or without a receipt.
    """
    spoilt = spoilt_inbox(inbox, place / "inbox", batch)
    home = Home(place / "home")
    assert run_dates(home, place / "inbox") == [True] if whole else take_in(home, place / "inbox")
    with reading(home) as con:
        return _judged(con, home, place / "inbox", spoilt)


def _judged(con: duckdb.DuckDBPyConnection, home: Home, inbox: Path, spoilt: dict[str, Mutant]) -> Counter:
    deliveries = con.execute("SELECT * FROM ops.delivery ORDER BY department, file_name").pl()
    arrived = {f"{p.parent.name}/{p.name}" for p in inbox.glob("*/*/*")}
    named = deliveries.select(pl.col("department") + "/" + pl.col("file_name")).to_series()
    assert sorted(named) == sorted(arrived)
    ended: Counter = Counter()
    for file, row in zip(named, deliveries.to_dicts(), strict=True):
        one = spoilt.get(file)
        _accounted(con, row, f"{file}: {one}")
        if one is None:
            assert row["status"] == "accepted" and row["rows_loaded"] > 0, row
            continue
        ended[row["status"]] += 1
        if one.rows is not None and row["rows_read"]:
            assert len(one.sure_rows) <= row["rows_read"] <= len(one.rows), (
                f"{row['rows_read']} rows of {one}"
            )
    _receipts(home, deliveries)
    return ended


def _accounted(con: duckdb.DuckDBPyConnection, row: dict, about: str) -> None:
    assert row["rows_read"] == row["rows_loaded"] + row["rows_quarantined"] + row["rows_duplicate"], about
    assert row["status"] in ("accepted", "held", "rejected"), about
    assert row["status"] == "accepted" or (row["reason"] and row["rows_loaded"] == 0), about
    assert not IDENTIFIER.search(row["reason"] or ""), about
    assert _count(con, as_delivered(f"core._{row['extract']}"), row) == row["rows_loaded"], about
    refused = _count(con, "(SELECT DISTINCT delivery_id, row_no FROM ops.quarantine)", row)
    assert refused == row["rows_quarantined"] or row["status"] != "accepted", about


def _count(con: duckdb.DuckDBPyConnection, table: str, row: dict) -> int:
    sql = f"SELECT count(*) FROM {table} WHERE delivery_id = ?"
    return con.execute(sql, [row["delivery_id"]]).fetchall()[0][0]


def _receipts(home: Home, deliveries: pl.DataFrame) -> None:
    """A receipt for every delivery of the day, without a formula in it."""
    as_of = deliveries.get_column("known_date")[0]
    assert isinstance(as_of, date)
    written = sorted(home.dated("receipts", as_of).glob("*/*.xlsx"))
    by_department = Counter(path.parent.name for path in written)
    assert by_department == Counter(deliveries.get_column("department"))
    for path in written:
        for sheet in openpyxl.load_workbook(path).worksheets:
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"], path


def test_a_date_with_more_spoilt_files_than_good_ones(inbox: Path, tmp_path: Path) -> None:
    ended = run_batch(inbox, tmp_path, 1)
    assert sum(ended.values()) == SPOILT
    assert len(ended) > 1, ended


@pytest.mark.long
def test_many_such_dates(inbox: Path, tmp_path: Path) -> None:
    ended: Counter = Counter()
    for batch in range(2, 9):
        (tmp_path / str(batch)).mkdir()
        ended += run_batch(inbox, tmp_path / str(batch), batch, whole=batch < 4)
    print(f"\nmutants through the whole ingest {sum(ended.values())} (goal 60 or more): {dict(ended)}")
    assert sum(ended.values()) >= 60
