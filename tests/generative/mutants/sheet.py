"""A department's file as we would type it again: titles, header and rows, each knowing where it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_contracts.contract.model import Contract
from tests.helpers.homes import grid

INK = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]")
FAINT = re.compile(r"\S")


@dataclass
class Row:
    """One row. origin: its place among the file's own rows, None when it was never there."""

    cells: list[Any]
    origin: int | None = None
    touched: bool = False

    def fresh(self) -> Row:
        return Row(list(self.cells), self.origin, self.touched)

    def is_inked(self, places: Iterable[int]) -> bool:
        """Whether anybody would see something in the cells at these places."""
        return any(INK.search(str(self.cells[at])) for at in places if at < len(self.cells))

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing at all. Marks alone, or cells without a header, are in between."""
        return not any(FAINT.search(str(cell)) for cell in self.cells)


@dataclass
class Sheet:
    """One extract's table and how it will be written. Mutators change it in place.

    sure: whether each row's number in the finished file is known by construction.
    """

    contract: Contract
    header: list[str]
    rows: list[Row]
    format: str  # csv, xlsx or parquet
    titles: list[list[str]] = field(default_factory=list)
    encoding: str = "utf-8"
    separator: str = ","
    newline: str = "\r\n"
    quote_all: bool = False
    raw_cells: bool = False  # cells written without quoting, whatever they hold
    book: dict[str, Any] = field(default_factory=dict)
    types: dict[int, str] = field(default_factory=dict)  # Parquet types by column
    sure: bool = True

    def copy(self) -> Sheet:
        return Sheet(
            self.contract, list(self.header), [row.fresh() for row in self.rows], self.format,
            [list(t) for t in self.titles], self.encoding, self.separator, self.newline, self.quote_all,
            self.raw_cells, dict(self.book), dict(self.types), self.sure,
        )  # fmt: skip

    def touch_all(self) -> None:
        for row in self.rows:
            row.touched = True

    def place_of(self, name: str) -> int | None:
        """Where the contract's column stands, by its agreed header."""
        header = self.contract.column(name).header
        return self.header.index(header) if header in self.header else None


def base_sheet(path: Path, contract: Contract, most: int = 40) -> Sheet:
    """The file's first `most` rows, read by other readers than ours."""
    cells = grid(path)
    wanted = {column.header for column in contract.columns}
    place = next(i for i, row in enumerate(cells) if len(wanted & set(row)) * 2 > len(wanted))
    rows = [
        Row([cell.removesuffix(" 00:00:00") for cell in row], at)
        for at, row in enumerate(cells[place + 1 : place + 1 + most])
    ]
    form = path.suffix.lstrip(".")
    sheet = Sheet(contract, list(cells[place]), rows, form, [list(row) for row in cells[:place]])
    if form == "csv":
        raw = path.read_bytes()
        sheet.encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else _encoding(raw)
    return sheet


def _encoding(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def base_sheets(inbox: Path, contracts: Mapping[str, Contract], most: int = 40) -> list[Sheet]:
    """One sheet per file of the inbox's first date, sorted."""
    folder = sorted(inbox.iterdir())[0]
    paths = sorted(folder.glob("*/*"))
    return [base_sheet(p, contracts[f"{p.parent.name}.{p.name.split('.')[0]}"], most) for p in paths]
