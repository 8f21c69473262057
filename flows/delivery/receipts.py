"""Receipts of one date: one for every delivery of the day, and for every one that a person decided on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange.deliveries.reading import read_delivery
from exchange.receipts.receipts import Findings, receipt_name, write_receipt
from exchange.receipts.returned import receipt_id, returned_rows, row_numbers, unresolved_rows
from flows.context.failures import concerns_everybody, keep_defect
from flows.context.home import replaced_folder
from flows.context.site import Site
from warehouse.database.archive import opened_original
from warehouse.database.connection import Connection
from warehouse.identity.vault import Vault
from warehouse.queries.deliveries import deliveries_with_receipt
from warehouse.queries.findings import faulty_rows, findings_of_day
from warehouse.written.names import own_words
from zhaoren.errors import ZhaorenError


def write_receipts(site: Site, vault: Vault, as_of: date) -> None:
    """receipts/<as_of>/<department>/<name of the file>.xlsx for each delivery of the date.

    Also for one that a person released, rejected or withdrew with effect on the date.
    """
    deliveries = receipts_of(site.con, as_of)
    with replaced_folder(site.home.dated("receipts", as_of), site.home.scratch) as fresh:
        _write(site, vault, as_of, deliveries, fresh)


@contextmanager
def second_receipt(site: Site, delivery_id: str, as_of: date) -> Iterator[bool]:
    """The receipt of a delivery on which a person has decided; it is there after the body, or not at all.

    It goes among those of the decision's date; the others there stay as they were handed out. Gives whether
    it is a new one: the same data make the same bytes, so one that is there already tells that all was done.
    """
    mine = receipts_of(site.con, as_of).filter(delivery_id=delivery_id)
    folder, fresh = site.home.dated("receipts", as_of), site.home.scratch / "second-receipt"
    shutil.rmtree(fresh, ignore_errors=True)
    with site.open_vault(as_of, "receipts") as vault:
        _write(site, vault, as_of, mine, fresh)
    # The workbook last: what is beside it, the rows it has no room for, is not looked for without it.
    written = sorted((path for path in fresh.rglob("*") if path.is_file()), key=lambda path: path.suffix)
    yield not all(_is_same(path, folder / path.relative_to(fresh)) for path in written)
    for path in written:
        target = folder / path.relative_to(fresh)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    shutil.rmtree(fresh)


def write_second_receipt(site: Site, delivery_id: str, as_of: date) -> None:
    """The same, where nothing else belongs to it."""
    with second_receipt(site, delivery_id, as_of):
        pass


def _is_same(path: Path, other: Path) -> bool:
    return other.is_file() and path.read_bytes() == other.read_bytes()


def _write(site: Site, vault: Vault, as_of: date, deliveries: pl.DataFrame, folder: Path) -> None:
    found = {name: _by_delivery(rows) for name, rows in findings_of_day(site.con, as_of).items()}
    own = own_words(vault, deliveries.get_column("delivery_id").to_list())
    for row in deliveries.iter_rows(named=True):
        contract = site.contracts.get(f"{row['department']}.{row['extract']}")
        path = folder / row["receipt"]
        path.parent.mkdir(parents=True, exist_ok=True)
        # Inside the receipt stands the name that the department gave its file; the receipt is its alone.
        department, file_name, headers = own.get(
            row["delivery_id"], (row["department"], row["file_name"], {})
        )
        told = row | {"department": department, "file_name": file_name}
        try:
            write_receipt(path, contract, told, _findings(site, vault, row, found, headers))
        except Exception as error:
            if concerns_everybody(error) or isinstance(error, OSError):
                raise
            # One odd delivery must not keep the receipts and lists of all others back.
            keep_defect(site.home.defects, f"receipt-{as_of}-{row['sha256'][:12]}", error)
            write_receipt(path, contract, told, Findings(is_cut=True))


def receipts_of(con: Connection, as_of: date) -> pl.DataFrame:
    """The date's rows of ops.delivery, each with `receipt`: its receipt's path below the date's folder."""
    rows = deliveries_with_receipt(con, as_of)
    names = [receipt_name(*pair) for pair in rows.select("file_name", "kind").rows()]
    frame = rows.with_columns(receipt=pl.col("department") + "/" + pl.Series(names, dtype=pl.String))
    # Two files of one name but different endings: the second's receipt is numbered.
    again = pl.int_range(pl.len()).over("receipt")
    numbered = pl.col("receipt").str.strip_suffix(".xlsx") + pl.format(".{}.xlsx", again + 1)
    return frame.with_columns(receipt=pl.when(again > 0).then(numbered).otherwise("receipt"))


def _by_delivery(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = rows.partition_by("delivery_id", as_dict=True, include_key=False, maintain_order=True)
    return {str(key[0]): frame for key, frame in parts.items()}


def _findings(
    site: Site,
    vault: Vault,
    row: Mapping[str, Any],
    found: Mapping[str, Mapping[str, pl.DataFrame]],
    headers: Mapping[str, str],
) -> Findings:
    delivery = str(row["delivery_id"])
    parts: dict[str, Any] = {name: frames[delivery] for name, frames in found.items() if delivery in frames}
    if row["rows_quarantined"]:
        parts["originals"] = vault.quarantined(delivery)
    return Findings(**parts, headers=headers, open_rows=_open_rows(site, row), codes=site.codes)


def _open_rows(site: Site, row: Mapping[str, Any]) -> list[int]:
    """Of a receipt that was sent back: the refused rows that are not in it and stay open."""
    if row["kind"] != "mended":
        return []
    with opened_original(site.home.archive, row["sha256"], site.vault_key, site.home.scratch) as original:
        try:
            receipt = receipt_id(original) or ""
            numbers = read_delivery(original, row_numbers(receipt)).frame
            return unresolved_rows(faulty_rows(site.con, receipt), returned_rows(numbers)).to_list()
        except ZhaorenError:
            return []  # the row numbers were deleted: corrected rows count, which are missing nobody can say
