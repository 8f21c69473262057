"""Each kind of damage in each kind of column in each format: the verdict was written down beforehand.

verdicts.csv: `back` the row goes back to the department and its column is named; `told` the row is kept, the
cell is emptied and named; `empty` nothing stands in the cell, as it was sent; `kept` the text stays; anything
else is the value it must be read as.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from polars._typing import TimeUnit

from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contract
from data_contracts.row_checks.rows import CheckedRows, check_rows
from exchange.deliveries.reading import read_delivery
from tests.matrix.made_register import CLEAN, COLUMNS, HERE, id_number, typed
from tests.matrix.reference import cells_of
from tests.matrix.typed import WORKBOOKS
from tests.matrix.writers import FORMATS


def verdicts(name: str = "verdicts.csv") -> dict[str, dict[str, str]]:
    """Damage -> column -> what must become of the cell, and how it is written."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return {line["damage"]: line for line in csv.DictReader(file)}


@pytest.fixture(scope="module")
def register() -> Contract:
    return load_contract(HERE / "register.yaml")


@pytest.fixture(scope="module")
def codes() -> dict[str, CodeTable]:
    return load_codes()


def checked(path: Path, contract: Contract, codes: dict[str, CodeTable]) -> CheckedRows:
    return check_rows(read_delivery(path, contract).frame, contract, codes)


def outcome(found: CheckedRows, row_no: int, column: str, written: str) -> str:
    """What became of a cell, in the words of the verdicts; with the value where it is another."""
    mine = found.faults.filter((pl.col("row_no") == row_no) & (pl.col("column_name") == column))
    row = found.good.filter(pl.col("row_no") == row_no)
    if row.is_empty():
        return "back" if "reject_row" in mine["level"] else "lost"
    value = row[column][0]
    if value is None:
        return "told" if mine.height else "empty"
    return "kept" if value == written else f"{value:.0f}" if isinstance(value, Decimal) else str(value)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("damage", verdicts())
def test_every_damage_in_every_column(
    damage: str, kind: str, tmp_path: Path, register: Contract, codes: dict[str, CodeTable]
) -> None:
    """tried §1: row 1 is damaged in the first column, row 2 in the second; seven rows are clean."""
    line, rows = verdicts()[damage], [list(row) for row in CLEAN]
    for at in range(len(COLUMNS)):
        rows[at][at] = line["written"]
    ending, write = FORMATS[kind]
    path = tmp_path / f"matrix_register.{ending}"
    headers = [column.header for column in register.columns]
    write(path, [headers, *rows])

    standing = cells_of(path, kind)
    assert standing == [headers, *rows]  # the file says what it is meant to say
    found = checked(path, register, codes)
    assert found.rows_read == len(standing) - 1
    compare(found, line, line["written"])


@pytest.mark.parametrize("kind", WORKBOOKS)
@pytest.mark.parametrize("damage", verdicts("typed_verdicts.csv"))
def test_every_typed_cell_in_every_column(
    damage: str, kind: str, tmp_path: Path, register: Contract, codes: dict[str, CodeTable]
) -> None:
    """tried §1, cases 01, 02, 04, 15, 19: what a cell is, not what it shows, tells that it is damaged."""
    line = verdicts("typed_verdicts.csv")[damage]
    wanted = [at if line[column] != "-" else -1 for at, column in enumerate(COLUMNS)]
    damaged = [-1, *wanted, *[-1] * (len(CLEAN) - len(COLUMNS))]
    ending, write = WORKBOOKS[kind]
    path = tmp_path / f"matrix_register.{ending}"
    write(path, [[column.header for column in register.columns], *CLEAN], damaged, damage)
    found = checked(path, register, codes)
    assert found.rows_read == len(cells_of(path, kind)) - 1
    compare(found, line, "2025-09-01")


@pytest.mark.parametrize("column", ("record_no", "household_no", "id_number"))
def test_a_number_kept_as_a_float_in_parquet_identifies_nobody(
    column: str, tmp_path: Path, register: Contract, codes: dict[str, CodeTable]
) -> None:
    """tried §1 case 14: keys as floats were accepted, and three families became one household."""
    at = COLUMNS.index(column)
    headers = [c.header for c in register.columns]
    columns: dict[str, list[object]] = {name: [row[i] for row in CLEAN] for i, name in enumerate(headers)}
    columns[headers[at]] = [float(id_number(row).replace("X", "1")) for row in range(len(CLEAN))]
    path = tmp_path / "matrix_register.parquet"
    pl.DataFrame(columns).write_parquet(path)
    found = checked(path, register, codes)
    assert (found.rows_read, found.rows_good, found.rows_refused) == (len(CLEAN), 0, len(CLEAN))


@pytest.mark.parametrize("unit", ("ms", "us", "ns"))
def test_an_instant_in_parquet_is_a_day_in_china(
    unit: TimeUnit, tmp_path: Path, register: Contract, codes: dict[str, CodeTable]
) -> None:
    """tried §8 B8: midnight in China is 16:00 of the day before in UTC."""
    headers = [column.header for column in register.columns]
    frame = pl.DataFrame({name: [row[at] for row in CLEAN] for at, name in enumerate(headers)})
    days = pl.col(headers[4]).str.to_datetime("%Y-%m-%d").dt.cast_time_unit(unit)
    in_utc = days.dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    path = tmp_path / "matrix_register.parquet"
    frame.with_columns(in_utc).write_parquet(path)
    found = checked(path, register, codes)
    assert found.good["decided_date"].to_list() == [date.fromisoformat(row[4]) for row in CLEAN]


def compare(found: CheckedRows, line: dict[str, str], written: str) -> None:
    """Each damaged cell has its verdict, every other cell its value, and every row is accounted for."""
    assert found.rows_good + found.rows_refused + found.duplicates.height == found.rows_read
    first = found_first(found)
    wanted = {column: line[column] for column in COLUMNS if line[column] != "-"}
    seen = {c: outcome(found, first + at, c, written) for at, c in enumerate(COLUMNS) if c in wanted}
    assert seen == wanted
    whole = {row["row_no"]: row for row in found.good.iter_rows(named=True)}
    for at, row in enumerate(CLEAN):
        for column, right in typed(row).items():
            is_damaged = at < len(COLUMNS) and column == COLUMNS[at] and column in wanted
            if not is_damaged and (at >= len(COLUMNS) or first + at in whole):
                assert whole[first + at][column] == right


def found_first(found: CheckedRows) -> int:
    """The number of the first data row, as the format counts."""
    kept = [*found.good["row_no"], *found.quarantined["row_no"], *found.duplicates["row_no"]]
    return min(kept)
