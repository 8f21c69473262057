"""The comparison of two homes finds every kind of difference, and none where there is none."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("homes")
    return _home(root / "a"), _home(root / "b", digest="ffff")


@pytest.fixture
def homes(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """Two homes with the same content, of which the second may be changed."""
    return made[0], shutil.copytree(made[1], tmp_path / "b")


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
    assert differences(homes[1], homes[1]) == ["neither home has a list"]


TABLES = [
    *(("warehouse", "warehouse.duckdb", name) for name in (*IDS, *ACCOUNTS, "mart.alert")),
    ("published", "published/analytics.duckdb", "mart.alert"),
]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ("UPDATE {} SET cnt = 9 WHERE id = 'P1'", "1 rows only in the first and 1 only in the second"),
        ("INSERT INTO {0} SELECT * FROM {0} WHERE id = 'P0'", "0 rows only in the first and 1 only"),
        ("DELETE FROM {}", "3 rows only in the first and 0 only"),
    ],
    ids=["changed", "doubled", "gone"],
)
def test_a_row_more_or_less_or_other_is_a_difference(
    homes: tuple[Path, Path], change: str, counts: str
) -> None:
    for _, file, table in TABLES:
        with duckdb.connect(str(homes[1] / file)) as con:
            con.execute(change.format(table))
    found = differences(*homes)
    for side, _, table in TABLES:
        assert any(line.startswith(f"{side} {table} has {counts}") for line in found), table
    assert {tuple(line.split()[:2]) for line in found} == {(side, table) for side, _, table in TABLES}


def test_columns_and_tables_of_one_side_are_named(homes: tuple[Path, Path]) -> None:
    with duckdb.connect(str(homes[1] / "published/analytics.duckdb")) as con:
        con.execute("ALTER TABLE mart.alert RENAME cnt TO count")
        con.execute("CREATE TABLE mart.more AS SELECT 1 AS id")
    assert differences(*homes) == [
        "published mart.alert.cnt: only in the first",
        "published mart.alert.count: only in the second",
        "published mart.more: not in the first",
    ]
