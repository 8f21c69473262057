"""Whatever is wrong with one file, it is read or refused with a reason: nothing else comes of reading it."""

from __future__ import annotations

import gzip
import io
import os
import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import xlwt

from exchange.deliveries import reading
from exchange.deliveries.packed import one_file_only
from exchange.deliveries.reading import read_delivery
from tests.helpers.population_files import HEADERS, PLAIN, REGISTER, ROW, SECOND, refused, workbook
from tests.helpers.zips import zipped
from zhaoren.errors import ZhaorenError

FLIPS = 60
ROWS = [ROW, SECOND] * 5


def files(folder: Path) -> dict[str, bytes]:
    """One small file of each kind that is packed or binary."""
    old, kept = xlwt.Workbook(), io.BytesIO()
    sheet = old.add_sheet("数据")
    for at, row in enumerate([HEADERS, *ROWS]):
        for col, cell in enumerate(row):
            sheet.write(at, col, cell)
    old.save(kept)
    table = io.BytesIO()
    pl.DataFrame(ROWS, schema=HEADERS, orient="row").write_parquet(table)
    return {
        "xlsx": workbook(folder, HEADERS, *ROWS).read_bytes(),
        "xls": kept.getvalue(),
        "parquet": table.getvalue(),
        "zip": zipped({"a.csv": PLAIN.encode()}),
        "csv.gz": gzip.compress(PLAIN.encode()),
    }


@pytest.mark.parametrize("kind", ["xlsx", "xls", "parquet", "zip", "csv.gz"])
def test_a_flipped_byte_costs_that_file_at_most(tmp_path: Path, kind: str) -> None:
    """Tried from outside, §8 A4 and case 47: one such file stopped the day for every department."""
    whole = files(tmp_path)[kind]
    rng = random.Random(kind)
    path = tmp_path / f"population.{kind}"
    outcomes = set()
    for _ in range(FLIPS):
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        try:
            read_delivery(path, REGISTER)
            outcomes.add("read")
        except ZhaorenError as error:
            assert error.code and error.why
            outcomes.add("refused")
    assert "refused" in outcomes


class Panic(BaseException):
    """Native code's panics are no Exception."""


@pytest.mark.parametrize("failure", [MemoryError, RecursionError, Panic, ValueError, OSError])
def test_any_failure_of_a_reader_refuses_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    """Tried from outside, §8 A4. The reader's own message may quote a cell, so it is left out."""

    def fails(*_: object) -> Iterator[pl.DataFrame]:
        raise failure("陈试甲 445224196103051034")

    monkeypatch.setattr(reading, "_data_rows", fails)
    error = refused(tmp_path, PLAIN)
    assert (error.code, failure.__name__ in error.why) == ("not_readable", True)
    assert "陈试甲" not in str(error) and "445224" not in str(error)
    monkeypatch.setattr(reading, "open_table", fails)
    assert refused(tmp_path, PLAIN).code == "not_readable"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_person_who_stops_the_run_stops_it(stop: type[BaseException]) -> None:
    with pytest.raises(stop), one_file_only("a.csv"):
        raise stop


@pytest.mark.parametrize("start", [b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"PAR1", b"\x1f\x8b", PLAIN.encode()])
def test_a_sparse_file_of_sixty_gigabytes_is_refused_at_once(tmp_path: Path, start: bytes) -> None:
    """Tried from outside, §8 A4."""
    path = tmp_path / "population.xls"
    path.write_bytes(start)
    os.truncate(path, 60 * 2**30)
    with pytest.raises(ZhaorenError) as caught:
        read_delivery(path, REGISTER)
    assert caught.value.code in ("not_readable", "structure_suspect")


def test_a_member_with_markup_in_its_name_is_told_by_its_place(tmp_path: Path) -> None:
    """Tried from outside, §8 A4, B2: a member called b[/red].csv."""
    data = {"b[/red].csv": PLAIN.encode(), "c.csv": PLAIN.encode()}
    why = refused(tmp_path, zipped(data), "population.zip").why
    assert "holds 2 files, 2 of them fit" in why and "red" not in why
