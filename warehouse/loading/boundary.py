"""What of a department's row may stand in core: the one place where a value leaves the identity boundary.

Core holds ids, keyed hashes, codes of code tables, codes with a place's shape, dates, numbers and flags. Text
that people write is not among them, so no name, phone or card can be, whatever column it came in.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from data_contracts.cells.revealing import LONGEST_AMOUNT, PLACE_SHAPE
from data_contracts.contract.model import Column, Contract
from warehouse.database.number_hashes import NumberHashes


def outgoing(contract: Contract, there: Collection[str], hashes: NumberHashes) -> list[pl.Expr]:
    """Of a contract's columns that are `there`, those that change on their way out, as core holds them.

    The row checks have refused or emptied what is no place and no amount, and told the department; here
    nothing is told, and nothing passes.
    """
    return [
        found
        for column in contract.columns
        if column.name in there and (found := _outside(column, hashes)) is not None
    ]


def _outside(column: Column, hashes: NumberHashes) -> pl.Expr | None:
    cell = pl.col(column.name)
    if column.is_hashed:
        return hashes.of_column(column)
    if column.is_place:
        return pl.when(cell.str.contains(PLACE_SHAPE)).then(cell).alias(column.name)
    if column.is_amount:
        return pl.when(cell.abs() < 10**LONGEST_AMOUNT).then(cell).alias(column.name)
    return None
