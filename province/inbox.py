"""Writes the departments' files, a block at a time, and keeps the ledger of planted dirt in file rows."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from province.departments.layout import FORMATS, WITH_DATES, WITH_TITLE, to_text
from province.dirt.dirt import LEDGER, Spoiler
from province.dirt.mistaken import Mistaken

ROWS = {
    "file": pl.String,
    "row_no": pl.Int64,
    "id_number": pl.String,
    "kind": pl.String,
    "has_usable_id": pl.Boolean,
}
TOTALS = {"child_welfare", "poverty_watch", "temporary_relief"}
_CREATED = dt.datetime(2025, 1, 1)  # noqa: DTZ001  a fixed stamp keeps the bytes the same


def arrival(clock_starts: np.ndarray, t: int) -> str:
    """Folder name: the fifth of the month after month `t`."""
    return str(np.datetime64(int(clock_starts[t + 1]), "D") + 4)


@dataclass
class _File:
    path: Path
    rows: int = 0  # data rows written so far
    parts: list[pl.DataFrame] = field(default_factory=list)


class Inbox:
    """The folder of deliveries under construction; `put` per block and month, `close` at the end."""

    def __init__(
        self, root: Path, contracts: dict[str, Contract], codes: dict[str, CodeTable], dirt: float
    ) -> None:
        self.root, self.contracts, self.codes, self.dirt = root, contracts, codes, dirt
        self.spoilers = {name: Spoiler(c, codes) for name, c in contracts.items()}
        self.files: dict[tuple[str, str], _File] = {}
        self.ledger: list[pl.DataFrame] = []
        self.rows: list[pl.DataFrame] = []

    def put(self, folder: str, contract_id: str, believed: Mistaken, rng: np.random.Generator) -> None:
        """Add a block's facts to one delivery file, spoiling some of its rows."""
        contract = self.contracts[contract_id]
        extension, _, above = FORMATS[contract.extract]
        path = self.root / folder / contract.department / f"{contract.extract}.{extension}"
        file = self.files.setdefault((folder, contract_id), _File(path))
        if not believed.facts.height:
            return
        text = to_text(believed.facts, contract, self.codes)
        planted = self.spoilers[contract_id].plant(text, believed.rows, self.dirt, rng)
        offset = 2 + above + file.rows  # the header is row 1 when nothing stands above it
        self._record_dirt(path, planted.ledger.with_columns(pl.col("row_no") + offset))
        self._record_rows(path, planted.rows, offset)
        file.rows += planted.frame.height
        self._append(file, contract, planted.frame, extension)

    def _record_dirt(self, path: Path, ledger: pl.DataFrame) -> None:
        name = path.relative_to(self.root).as_posix()
        self.ledger.append(ledger.with_columns(pl.lit(name).alias("file")))

    def _record_rows(self, path: Path, rows: pl.DataFrame, offset: int) -> None:
        name = pl.lit(path.relative_to(self.root).as_posix())
        places = pl.int_range(offset, offset + rows.height, eager=True).alias("row_no")
        self.rows.append(rows.select(name.alias("file"), places, "id_number", "kind", "has_usable_id"))

    def take_rows(self) -> pl.DataFrame:
        """Whom each row written since the last call speaks of, in the order of writing."""
        rows, self.rows = pl.concat([pl.DataFrame(schema=ROWS), *self.rows]), []
        return rows

    def _append(self, file: _File, contract: Contract, frame: pl.DataFrame, extension: str) -> None:
        if extension == "csv":
            self._append_csv(file, contract, frame)
        elif extension == "parquet":
            file.path.parent.mkdir(parents=True, exist_ok=True)
            named = frame.rename({c.name: c.header for c in contract.columns})
            named.write_parquet(file.path.with_suffix(f".part{file.rows:010d}"))
        else:
            file.parts.append(frame)

    def _append_csv(self, file: _File, contract: Contract, frame: pl.DataFrame) -> None:
        encoding, fresh = FORMATS[contract.extract][1], not file.path.exists()
        file.path.parent.mkdir(parents=True, exist_ok=True)
        named = frame.rename({c.name: c.header for c in contract.columns})
        text = named.write_csv(include_header=fresh, line_terminator="\r\n")
        with file.path.open("ab") as out:
            out.write(text.encode(encoding if fresh else encoding.replace("utf-8-sig", "utf-8")))

    def close(self, rng: np.random.Generator) -> pl.DataFrame:
        """Finish every file; returns the ledger (one row per planted defect, sorted by file and row)."""
        for folder in sorted({folder for folder, _ in self.files}):
            self.finish(folder, rng)
        return pl.concat([pl.DataFrame(schema=LEDGER), *self.ledger]).sort(
            "file", "row_no", "column_name", nulls_last=True
        )

    def finish(self, folder: str, rng: np.random.Generator) -> None:
        """Finish the files of one day; folders are finished in the order of their names."""
        mine = sorted(key for key in self.files if key[0] == folder)
        for key in mine:
            file, contract_id = self.files.pop(key), key[1]
            contract = self.contracts[contract_id]
            extension, flavour, _ = FORMATS[contract.extract]
            total = self._totals(file, contract, rng)
            if extension == "xlsx":
                _write_xlsx(file, contract, flavour, total)
            elif extension == "parquet":
                _join_parts(file.path)
            elif not file.path.exists():
                self._append_csv(
                    file, contract, pl.DataFrame(schema={c.name: pl.String for c in contract.columns})
                )
            elif total is not None:
                self._append_csv(file, contract, total)

    def _totals(self, file: _File, contract: Contract, rng: np.random.Generator) -> pl.DataFrame | None:
        """A row of totals under some files, as people leave it there."""
        wanted = contract.extract in TOTALS and rng.random() < 0.5
        if not wanted or not self.dirt or not file.rows:
            return None
        row = {c.name: None for c in contract.columns} | {
            contract.columns[0].name: "合计",
            contract.columns[2].name: str(file.rows),
        }
        above = FORMATS[contract.extract][2]
        entry = {"row_no": [file.rows + above + 2], "kind": ["totals_row"], "planted": ["合计"]}
        ledger = pl.concat([pl.DataFrame(schema=LEDGER), pl.DataFrame(entry)], how="diagonal_relaxed")
        self._record_dirt(file.path, ledger)
        return pl.DataFrame([row], schema={c.name: pl.String for c in contract.columns})


def _join_parts(path: Path) -> None:
    """One parquet file out of the blocks' parts, read and written a part at a time."""
    parts = sorted(path.parent.glob(path.stem + ".part*"))
    if len(parts) == 1:
        shutil.move(parts[0], path)
        return
    pl.scan_parquet(parts, glob=False).sink_parquet(path, maintain_order=True)
    for part in parts:
        part.unlink()


def _write_xlsx(file: _File, contract: Contract, flavour: str, total: pl.DataFrame | None) -> None:
    """A workbook of text cells; under some formats a title row above, or real dates in date columns."""
    file.path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(file.path), {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": _CREATED})
    sheet, date = book.add_worksheet("Sheet1"), book.add_format({"num_format": "yyyy-mm-dd"})
    top = 0
    if flavour == WITH_TITLE:
        sheet.write_string(0, 0, f"{contract.title_zh}（{file.path.parent.parent.name[:7]}报送）")
        top = 1
    sheet.write_row(top, 0, [c.header for c in contract.columns])
    dated = (
        {i for i, c in enumerate(contract.columns) if c.reads_as == "date"}
        if flavour == WITH_DATES
        else set()
    )
    empty = pl.DataFrame(schema={c.name: pl.String for c in contract.columns})
    rows = pl.concat([empty, *file.parts] + ([total] if total is not None else []))
    for number, row in enumerate(rows.rows(), start=top + 1):
        for column, value in enumerate(row):
            if value is None or value == "":
                continue
            if (
                column in dated
                and len(value) == 10
                and value[4] == "-"
                and not value.endswith("-02-30")
                and value[0] != "0"
            ):
                sheet.write_datetime(number, column, dt.datetime.fromisoformat(value), date)
            else:
                sheet.write_string(number, column, value)
    book.close()
