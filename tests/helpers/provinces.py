"""Looking into a made-up province: files through the pipeline's reader, truth, who belongs together."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from data_contracts.contract.code_tables import load_codes
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import CheckedRows, check_rows
from exchange.deliveries.reading import read_delivery

PERSONS = 6_000


def contract_of(path: Path) -> Contract:
    """The contract of a file by its department and extract."""
    return load_contracts()[f"{path.parent.name}.{path.name.split('.')[0]}"]


@cache
def checked(root: Path, contract_id: str, month: str) -> CheckedRows:
    """A delivery through the pipeline's own reader and checks."""
    contract = load_contracts()[contract_id]
    (path,) = (root / "inbox" / month / contract.department).glob(f"{contract.extract}.*")
    return check_rows(read_delivery(path, contract).frame, contract, load_codes())


@cache
def truth(root: Path, name: str) -> pl.DataFrame:
    """One of the province's truth tables."""
    return pl.read_parquet(root / "truth" / f"{name}.parquet")


def entitled(root: Path, benefit: str, month: date) -> pl.DataFrame:
    """Persons truly entitled to a benefit in a month."""
    rows = truth(root, "entitlements").filter(pl.col("benefit_id") == benefit)
    return rows.filter((pl.col("from_month") <= month) & (pl.col("until_month") >= month))


def members_on(spells: pl.DataFrame, kind: str, day: date) -> pl.DataFrame:
    """Who belonged to a household of a kind on a day."""
    valid = (pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") > day))
    return spells.filter((pl.col("kind") == kind) & valid)
