"""People a delivery names whom the referenced extract does not know."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from data_contracts.contract.model import Contract


def lookups_needed(contract: Contract) -> list[tuple[str, str, str]]:
    """(column, referenced contract, referenced column) of every orphan rule, in the contract's order.

    `references` is written <department>.<extract>.<column>. One written otherwise points nowhere we know:
    its rule stays unchecked, and is reported so.
    """
    found = []
    for rule in contract.rules_in("suite"):
        pieces = str(rule.options.get("references", "")).split(".")
        if rule.kind == "orphan_share" and rule.column and len(pieces) == 3:
            found.append((rule.column, f"{pieces[0]}.{pieces[1]}", pieces[2]))
    return list(dict.fromkeys(found))


def mark_known(
    stage: pl.DataFrame,
    good: pl.DataFrame | Iterable[pl.DataFrame],
    column: str,
    known: pl.Series,
) -> pl.DataFrame:
    """`stage` with is_known_<column>: whether the cell's value is among `known`.

    `good`: the typed good rows (row_no and the column), whole or in chunks. Null where the cell is empty
    or its row was refused. Where `known` is empty nothing can be looked up, and the stage stays as it is.
    """
    # Before the referenced extract first came, everybody would look like a stranger.
    if known.is_empty():
        return stage
    chunks = [good] if isinstance(good, pl.DataFrame) else good
    numbers = known.unique().alias(column).to_frame()
    flag = f"is_known_{column}"
    flags = [
        _flags(chunk.select("row_no", column), numbers, column).rename({"_known": flag}) for chunk in chunks
    ]
    if not flags:
        return stage
    return stage.join(pl.concat(flags), on="row_no", how="left", maintain_order="left")


def _flags(cells: pl.DataFrame, numbers: pl.DataFrame, column: str) -> pl.DataFrame:
    filled = cells.drop_nulls(column)
    found = numbers.with_columns(_known=pl.lit(True))
    return filled.join(found, on=column, how="left").select("row_no", pl.col("_known").fill_null(False))
