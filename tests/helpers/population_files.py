"""Files of the population register, made byte by byte, and how they are read or refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from data_contracts.loading.contracts import load_contracts
from exchange.deliveries.reading import TextRows, read_delivery
from tests.helpers.narrow import without
from zhaoren.errors import ZhaorenError

CONTRACTS = load_contracts()
REGISTER = without(CONTRACTS["public_security.population"])


HEADERS = [column.header for column in REGISTER.columns]
ROW = [
    "440308199901101512",
    "张㛃",
    "男",
    "1999-01-10",
    "H1",
    "户主",
    "440103001101",
    "某路1号",
    "",
    "",
    "正常",
    "",
]
SECOND = [
    "11010519491231002X",
    "李四",
    "女",
    "1949-12-31",
    "H2",
    "户主",
    "440103001101",
    "",
    "",
    "",
    "正常",
    "",
]


def lines(*rows: list[str], separator: str = ",", end: str = "\n") -> str:
    return "".join(separator.join(row) + end for row in rows)


def read(folder: Path, data: bytes | str, name: str = "population.csv") -> TextRows:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_delivery(path, REGISTER)


def refused(folder: Path, data: bytes | str, name: str = "population.csv") -> ZhaorenError:
    with pytest.raises(ZhaorenError) as caught:
        read(folder, data, name)
    error = caught.value
    assert error.what and error.where and error.why and error.todo
    return error


PLAIN = lines(HEADERS, ROW, SECOND)


def workbook(folder: Path, *rows: Sequence[object], name: str = "population.xlsx", before: int = 0) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("数据")
    for place, row in enumerate(rows, start=before + 1):
        for col, cell in enumerate(row, start=1):
            sheet.cell(place, col).value = cell or None
    book.save(folder / name)
    return folder / name
