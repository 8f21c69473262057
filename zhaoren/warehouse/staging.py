"""A staged copy of one delivery for its suite of delivery checks: typed rows, without identifiers."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from zhaoren.data_contracts.contract import Contract
from zhaoren.data_contracts.rows import CheckedRows
from zhaoren.warehouse.connection import connect, run


def stage(path: Path, contract: Contract, checked: CheckedRows) -> Path:
    """Write table `staged` into a new DuckDB file: every row read once.

    Columns: the contract's typed columns, where an identifier is replaced by the boolean `has_<column>`;
    `row_no`; `is_faulty` for quarantined rows (their typed values are null) and `is_duplicate`.
    """
    path.unlink(missing_ok=True)
    rows = pl.concat(
        [
            _without_identifiers(contract, checked.good).with_columns(is_faulty=False, is_duplicate=False),
            checked.quarantined.select("row_no", is_faulty=True, is_duplicate=False),
            pl.DataFrame({"row_no": checked.duplicates}, schema={"row_no": pl.Int64}).with_columns(
                is_faulty=False, is_duplicate=True
            ),
        ],
        how="diagonal",
    )
    con = connect(path)
    try:
        run(con, "CREATE TABLE staged AS SELECT * FROM rows", rows=rows)
    finally:
        con.close()
    return path


def _without_identifiers(contract: Contract, good: pl.DataFrame) -> pl.DataFrame:
    hidden = [c.name for c in contract.columns if c.classification == "identifier"]
    return good.with_columns(pl.col(n).is_not_null().alias(f"has_{n}") for n in hidden).drop(hidden)
