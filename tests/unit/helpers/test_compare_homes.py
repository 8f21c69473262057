"""The comparison of two homes finds every kind of difference, and none where there is none."""

from __future__ import annotations

from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.helpers.compare_homes import ACCOUNTS, IDS, differences, main

LIST = "worklists/2026-03-05/440512001_town.xlsx"


def _home(root: Path, digest: str = "0a1b") -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "名单"
    book.worksheets[0]["A1"] = "入户走访名单"
    book.worksheets[0].oddFooter.left.text = f"名单日期 2026-03-05 版本 {digest}"
    hidden = book.create_sheet("校验信息")
    hidden.sheet_state = "veryHidden"
    hidden.append(["version", digest, "seq"])
    (root / LIST).parent.mkdir(parents=True)
    book.save(root / LIST)
    _tables(root / "warehouse.duckdb", *IDS, *ACCOUNTS, "mart.alert")
    (root / "published").mkdir()
    _tables(root / "published/analytics.duckdb", "mart.alert")
    return root


def _tables(path: Path, *names: str) -> None:
    with duckdb.connect(str(path)) as con:
        for name in names:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {name.split('.')[0]}")
            con.execute(
                f"CREATE TABLE {name} AS SELECT 'P' || i AS id, i AS cnt, now() AS at FROM range(3) t(i)"
            )


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    return _home(tmp_path / "a"), _home(tmp_path / "b", digest="ffff")


def test_the_digest_and_the_times_of_a_run_are_no_difference(
    homes: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert differences(*homes) == []
    monkeypatch.setattr("sys.argv", ["compare_homes", *map(str, homes)])
    assert main() == 0
    assert capsys.readouterr().out == "the same\n"


def test_a_changed_cell_is_named_with_its_place(
    homes: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = openpyxl.load_workbook(homes[1] / LIST)
    book["名单"]["B7"] = "红"
    book["名单"].oddFooter.left.text = "名单日期 2026-04-05 版本 ffff"
    book["校验信息"]["C1"] = "no"
    book.save(homes[1] / LIST)
    assert differences(*homes) == [
        f"{LIST} 名单!B7: None / '红'",
        f"{LIST} 名单!oddFooter.left: '名单日期 2026-03-05 版本' / '名单日期 2026-04-05 版本'",
        f"{LIST} 校验信息!C1: 'seq' / 'no'",
    ]
    assert differences(*homes, lists=False) == []
    monkeypatch.setattr("sys.argv", ["compare_homes", *map(str, homes)])
    assert main() == 1
    assert "名单!B7" in capsys.readouterr().out


def test_a_list_that_one_home_lacks_is_a_difference(homes: tuple[Path, Path]) -> None:
    (homes[1] / LIST).unlink()
    assert differences(*homes) == [f"{LIST}: only in the first"]
    (homes[0] / LIST).unlink()
    assert differences(*homes) == ["neither home has a list"]


@pytest.mark.parametrize(
    ("file", "table"),
    [
        *(("warehouse.duckdb", name) for name in (*IDS, *ACCOUNTS, "mart.alert")),
        ("published/analytics.duckdb", "mart.alert"),
    ],
)
def test_a_row_more_or_less_or_other_is_a_difference(homes: tuple[Path, Path], file: str, table: str) -> None:
    where = f"{Path(file).stem.replace('analytics', 'published')} {table}"
    for change, counts in (
        (f"UPDATE {table} SET cnt = 9 WHERE id = 'P1'", "1 rows only in the first and 1 only in the second"),
        (f"INSERT INTO {table} SELECT * FROM {table} WHERE id = 'P0'", "1 rows only in the first and 2 only"),
        (f"DELETE FROM {table}", "3 rows only in the first and 0 only"),
    ):
        with duckdb.connect(str(homes[1] / file)) as con:
            con.execute(change)
        found = differences(*homes)
        assert found[0].startswith(f"{where} has {counts}")
        assert all(line.startswith(where) for line in found)


def test_columns_and_tables_of_one_side_are_named(homes: tuple[Path, Path]) -> None:
    with duckdb.connect(str(homes[1] / "published/analytics.duckdb")) as con:
        con.execute("ALTER TABLE mart.alert RENAME cnt TO count")
        con.execute("CREATE TABLE mart.more AS SELECT 1 AS id")
    assert differences(*homes) == [
        "published mart.alert.cnt: only in the first",
        "published mart.alert.count: only in the second",
        "published mart.more: not in the first",
    ]
