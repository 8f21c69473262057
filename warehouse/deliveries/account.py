"""A delivery's row in `ops.delivery` and the account of its rows: read, refused, repaired, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

import polars as pl

from warehouse.database.connection import Connection, run
from warehouse.deliveries.profiles import keep_profile, keep_validation


@dataclass(frozen=True)
class Delivery:
    """One row of `ops.delivery`; rows_read = rows_loaded + rows_quarantined + rows_duplicate.

    period_month is the month it speaks of (of extracts that come as things happen: the day), part which part
    of the roll; kind is full, or mended for a receipt sent back, which adds to amends_delivery_id. file_name
    is what the file is called, in words that contracts know (file_names.py); the vault has its name and its
    headers. error_code: that of the error for which the file could not be read (ZhaorenError.code), else
    empty.
    """

    delivery_id: str
    department: str
    extract: str
    file_name: str
    sha256: str
    known_date: date
    status: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    encoding: str = ""
    reason: str = ""
    period_month: date | None = None
    part: str = ""
    kind: str = "full"
    amends_delivery_id: str | None = None
    error_code: str = ""
    name_hash: str = ""


@dataclass(frozen=True)
class Account:
    """What the checks said of one delivery, row by row and rule by rule.

    quarantine   row_no, rule_id, column_name, reason      one row per broken rejecting rule of a row
    noted        row_no, rule_id, level, column_name, reason    faults that do not keep a row out
    repairs      row_no, column_name, kind
    duplicates   row_no
    reading      code, cnt, place                       what was left out, doubted or done to read the file
    results      rule_id, level, passed (null: not checked), failing_cnt, detail
    originals    row_no, column_name, value                the quarantined rows' text, for the vault only
    profile      column_name, value, share, cnt            what the next delivery is compared with
    document     the suite's validation document, {} where none ran
    headers      column -> the department's own header, for the vault only
    """

    quarantine: pl.DataFrame
    noted: pl.DataFrame
    repairs: pl.DataFrame
    duplicates: pl.DataFrame
    reading: pl.DataFrame
    results: pl.DataFrame
    originals: pl.DataFrame
    profile: pl.DataFrame
    document: Mapping[str, Any]
    headers: Mapping[str, str]


# Which frame of an account goes to which table of ops.
ACCOUNT_TABLES = {
    "quarantine": "quarantine",
    "noted": "noted_fault",
    "repairs": "repair",
    "duplicates": "duplicate",
    "reading": "reading_note",
    "results": "check_result",
}


def insert_delivery(con: Connection, delivery: Delivery) -> None:
    """Write the delivery's row; the caller holds the transaction."""
    names = [column.name for column in fields(Delivery)]
    marks = ", ".join("?" for _ in names)
    con.execute(f"INSERT INTO ops.delivery ({', '.join(names)}) VALUES ({marks})", list(astuple(delivery)))


def insert_account(con: Connection, delivery: Delivery, account: Account) -> None:
    """Write the delivery's row and all that the checks said; the caller holds the transaction."""
    insert_delivery(con, delivery)
    for frame, table in ACCOUNT_TABLES.items():
        run(
            con,
            f"INSERT INTO ops.{table} BY NAME SELECT ? AS delivery_id, * FROM part",
            [delivery.delivery_id],
            part=getattr(account, frame),
        )
    keep_profile(con, delivery.delivery_id, account.profile)
    if account.document:
        keep_validation(con, delivery.delivery_id, account.document)


def remove_account(con: Connection, delivery: Delivery) -> None:
    """Take away the account of a delivery that is checked anew; its events stay."""
    for table in ("delivery", *ACCOUNT_TABLES.values()):
        con.execute(f"DELETE FROM ops.{table} WHERE delivery_id = ?", [delivery.delivery_id])
