"""The search for marks finds them wherever they are hidden, and nothing where there is none."""

from __future__ import annotations

import base64
import gzip
import sqlite3
import zlib
from pathlib import Path

import duckdb
import duckdb_extensions
import openpyxl
import polars as pl
import pytest

from tests.helpers.byte_search import found_in, found_in_text, writings
from tests.helpers.zips import zipped

MARK = "张记号零壹"
KEY = "the key of the tests"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_bytes_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.log").write_bytes(b"\0\1 x" + MARK.encode(encoding) + b"y")
    assert [one.where for one in found_in(tmp_path, [MARK, "not there at all"])] == ["a.log"]


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_base64_wherever_it_begins(tmp_path: Path, before: str) -> None:
    (tmp_path / "a").write_bytes(base64.b64encode((before + MARK + " and more").encode()))
    assert [one.mark for one in found_in(tmp_path, [MARK])] == [MARK]


def test_packed_files_and_names(tmp_path: Path) -> None:
    inner = zipped({"b.txt": gzip.compress(MARK.encode())})
    (tmp_path / "one.zip").write_bytes(zipped({"inner.zip": inner, f"{MARK}.txt": b""}))
    (tmp_path / "two.z").write_bytes(zlib.compress(MARK.encode()))
    (tmp_path / f"{MARK}.csv").touch()
    book = openpyxl.Workbook()
    book.properties.creator = MARK
    book.save(tmp_path / "book.xlsx")
    assert {one.where for one in found_in(tmp_path, [MARK])} == {
        "one.zip/inner.zip/b.txt (unpacked)",
        f"one.zip/{MARK}.txt (its name)",
        "one.zip",
        "two.z (unpacked)",
        f"{MARK}.csv (its name)",
        "book.xlsx/docProps/core.xml",
    }


def test_tables_of_any_database(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        duckdb_extensions.import_extension("httpfs", con=con)
        con.execute("LOAD httpfs")
        for name, how in (("open", ""), ("shut", f"(ENCRYPTION_KEY '{KEY}')")):
            con.execute(f"ATTACH '{tmp_path / name}.duckdb' AS {name} {how}")
            con.execute(f'CREATE SCHEMA {name}.odd; CREATE TABLE {name}.odd.t (a VARCHAR[], "{MARK}" INT)')
            con.execute(f"INSERT INTO {name}.odd.t SELECT ['{MARK}x'], n FROM range(5000) r(n)")
    with sqlite3.connect(tmp_path / "some.db") as lite:
        lite.execute("CREATE TABLE t (a TEXT, b BLOB)")
        lite.execute("INSERT INTO t VALUES ('x', ?)", [MARK.encode()])
    pl.DataFrame({"a": [MARK] * 1000}).write_parquet(tmp_path / "some.parquet", compression="zstd")
    found = {one.where for one in found_in(tmp_path, [MARK], key=KEY)}
    assert {"open.duckdb:odd.t.a", "shut.duckdb:odd.t.a", "some.db:t.b", "some.parquet:a"} <= found
    assert "shut.duckdb" not in found  # its bytes say nothing
    assert not [one for one in found_in(tmp_path, [MARK], but=["open.duckdb"]) if "duckdb" in one.where]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("张记号零贰 and 110101190701010015")
    assert found_in(tmp_path, [MARK, "110101190701010016"]) == []


def test_texts_and_writings() -> None:
    assert found_in_text(f"a {MARK!a} b", [MARK]) == [MARK]
    assert all(len(raw) >= 6 for raw in writings("11010107"))
