"""A month in which little changed: an earlier one's files once more, about one row in a hundred different.

A changed row has the amount (else the code, else the day) of another row of its file; numbers, names and keys
stay, so that every row still speaks of whom it spoke of.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

import fastexcel
import polars as pl
import xlsxwriter

from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from province.departments.layout import FORMATS

EVERY = 100
# Kinds of cells in which a file may change, those that say most first.
KINDS = ("yuan", "code", "date")
# Where the first such column is the wrong one: another kind of event would lack what that kind must have.
CHANGING = {"cremation_marriage": "registered_date", "enrolment": "enrolment_status_code"}
Row = list[str]


def next_month(day: dt.date) -> dt.date:
    """The same day of the month after it."""
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, day.day)


def write_changed(inbox: Path, source: dt.date, target: dt.date) -> None:
    """`<inbox>/<target>`: the files of `<inbox>/<source>` with one row in a hundred changed."""
    contracts = {contract.extract: contract for contract in load_contracts().values()}
    for path in sorted((inbox / str(source)).glob("*/*")):
        into = inbox / str(target) / path.parent.name / path.name
        into.parent.mkdir(parents=True, exist_ok=True)
        contract = contracts[path.stem]
        column = changing_header(contract)
        if path.suffix == ".csv":
            _csv(path, into, column, FORMATS[contract.extract][1])
        elif path.suffix == ".parquet":
            _parquet(path, into, column)
        else:
            _xlsx(path, into, column)


def changing_header(contract: Contract) -> str:
    """The header of the column in which the contract's files change."""
    own = {"sex_code", "birth_date", "village_code", *contract.core_key}
    wanted = CHANGING.get(contract.extract)
    for kind in KINDS:
        for column in contract.columns:
            if column.name == wanted or (not wanted and column.reads_as == kind and column.name not in own):
                return column.header
    raise AssertionError(f"{contract.extract} has nothing that may change")


def changed(rows: Iterable[Row], header: str) -> Iterator[Row]:
    """The rows; below the line that holds the header, each hundredth (from the second on) is changed.

    A changed cell gets the newest value above it that is not its own, so that hardly any stays as it was.
    """
    place, number = -1, 0
    newest, other = "", ""  # the last value seen, and the last one that was not the same
    for row in rows:
        if place < 0:
            place = row.index(header) if header in row else -1
            yield row
            continue
        cell = row[place]
        if cell and cell != newest:
            newest, other = cell, newest
        if number % EVERY == 1 and cell and other:
            row = [*row[:place], other, *row[place + 1 :]]
        number += 1
        yield row


def _csv(source: Path, target: Path, header: str, encoding: str) -> None:
    with (
        source.open(encoding=encoding, newline="") as read,
        target.open("w", encoding=encoding, newline="") as out,
    ):
        csv.writer(out).writerows(changed(csv.reader(read), header))


def _parquet(source: Path, target: Path, header: str) -> None:
    """By columns: as rows of Python, the insured of a province would fill the memory."""
    frame, cell = pl.read_parquet(source), pl.col(header)
    one, two = frame[header].drop_nulls().value_counts(sort=True)[header].head(2)
    is_changed = pl.int_range(pl.len()) % EVERY == 1
    other = pl.when(cell == one).then(pl.lit(two)).otherwise(pl.lit(one))
    frame.with_columns(pl.when(is_changed).then(other).otherwise(cell).alias(header)).write_parquet(target)


def _xlsx(source: Path, target: Path, header: str) -> None:
    """A workbook of text; a cell that was a day is written as one types it."""
    sheet = fastexcel.read_excel(source).load_sheet(0, header_row=None, dtypes="string").to_polars()
    book = xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_numbers": False})
    page = book.add_worksheet("Sheet1")
    rows = (["" if cell is None else cell for cell in row] for row in sheet.iter_rows())
    for number, row in enumerate(changed(rows, header)):
        for column, cell in enumerate(row):
            if cell:
                page.write_string(number, column, cell.removesuffix(" 00:00:00"))
    book.close()
