"""A receipt that comes back: whose it is, and which of the refused rows are in it.

A department corrects cells on the sheet 问题行 and sends the workbook back, which is then read as a delivery.
The first three columns are ours and unknown to every contract, so the reader sees only the department's own
columns below its own headers.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import polars as pl

from data_contracts.contract.model import Column, Contract
from exchange.receipt_mark import DELIVERY_ID, MARK, MARKED

ROW_HEADING = "原文件行号"
PROBLEMS = "问题行"
_MEMBERS = ("docProps/custom.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
_PROPERTY = re.compile(rf'name="{MARK}"[^>]*>\s*<vt:lpwstr>({DELIVERY_ID})<')
_LOOKED_AT = 4 << 20
_HEAD = 1 << 12


def receipt_id(path: Path) -> str | None:
    """The delivery that a returned receipt belongs to; None for any file that is not a receipt of ours.

    Looks at a bounded part of the file only and never fails: whoever reads the file says what is wrong.
    """
    try:
        with Path(path).open("rb") as stream:
            start = stream.read(_HEAD)
            if start.startswith(b"PK\x03\x04"):
                return _in_workbook(Path(path))
            if start.startswith(b"\xd0\xcf\x11\xe0"):
                start += stream.read(_LOOKED_AT)
                return _in_text(start.decode("utf-16-le", "ignore"))
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, NotImplementedError, ValueError):
        return None
    return _in_head(start)


def _in_workbook(path: Path) -> str | None:
    with zipfile.ZipFile(path) as archive:
        there = set(archive.namelist())
        for name in _MEMBERS:
            if name not in there:
                continue
            with archive.open(name) as member:
                text = member.read(_LOOKED_AT).decode("utf-8", "ignore")
            if found := _PROPERTY.search(text) or MARKED.search(text):
                return found[1]
    return None


def _in_head(start: bytes) -> str | None:
    """The sheet saved as text, in whatever encoding the department's software likes."""
    for encoding in ("utf-8", "gb18030", "utf-16"):
        if found := _in_text(start.decode(encoding, "ignore")):
            return found
    return None


def _in_text(text: str) -> str | None:
    found = MARKED.search(text)
    return found[1] if found else None


def row_heading(delivery_id: str) -> str:
    """The heading of the first column of 问题行: it names the receipt, however the sheet is saved."""
    return f"{ROW_HEADING}\n（{MARK} {delivery_id}）" if delivery_id else ROW_HEADING


def row_numbers(delivery_id: str) -> Contract:
    """A contract that promises only the first column of 问题行: original_row_no."""
    column = Column(
        name="original_row_no",
        header=row_heading(delivery_id),
        zh=ROW_HEADING,
        reads_as="text",
        logical_type="string",
        required=True,
    )
    return Contract(
        id="receipt.problems", department="receipt", department_zh="回执", extract="problems",
        title_zh=PROBLEMS, grain="one row per refused row", version="1.0.0", loads="roll", cadence="event",
        grace_days=0, event_date=None, access="shared", columns=(column,), rules=(), key=(),
    )  # fmt: skip


def returned_rows(numbers: pl.DataFrame) -> pl.DataFrame:
    """Which refused rows a returned receipt brings: row_no (in the receipt) and original_row_no.

    numbers: the receipt read by `row_numbers`. One row per filled row; original_row_no is null where somebody
    wrote a new row or wiped the number.
    """
    return numbers.select("row_no", pl.col("original_row_no").cast(pl.Int64, strict=False))


def unresolved_rows(refused: pl.Series, returned: pl.DataFrame) -> pl.Series:
    """The refused rows' numbers that a returned receipt does not bring back, sorted."""
    missing = refused.unique().to_frame("row_no").join(
        returned.select(row_no="original_row_no"), on="row_no", how="anti"
    )  # fmt: skip
    return missing.get_column("row_no").sort()
