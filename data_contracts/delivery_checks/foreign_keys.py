"""People a delivery names whom the referenced extract does not know."""

from __future__ import annotations

import secrets

import polars as pl

from data_contracts.contract.model import Contract

# Another in each process, as that of the stage.
_SEED = secrets.randbits(64)


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


def references(good: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Of the typed good rows, for `mark_known`: row_no, and a hash of each column that refers to others."""
    rules = [rule for rule in contract.rules_in("suite") if rule.kind == "orphan_share" and rule.column]
    columns = list(dict.fromkeys(str(rule.column) for rule in rules))
    if not columns:
        return pl.DataFrame(schema={"row_no": pl.Int64})
    return good.select("row_no", *(_hashed(pl.col(column)) for column in columns))


def hashes(values: pl.Series) -> pl.Series:
    """The distinct values' hashes, to look references up in; they mean nothing to another process."""
    return values.drop_nulls().to_frame("value").select(_hashed(pl.col("value")).unique()).to_series()


def mark_known(stage: pl.DataFrame, refers: pl.DataFrame, column: str, known: pl.Series) -> pl.DataFrame:
    """`stage` with is_known_<column>: whether the cell's value is among `known` (`hashes`).

    `refers`: `references` of the good rows. Null where the cell is empty or its row was refused. Where
    `known` is empty nothing can be looked up, and the stage stays as it is.
    """
    # Before the referenced extract first came, everybody would look like a stranger.
    if known.is_empty():
        return stage
    flag = pl.col(column).is_in(known.implode()).alias(f"is_known_{column}")
    return stage.join(refers.select("row_no", flag), on="row_no", how="left", maintain_order="left")


def _hashed(cell: pl.Expr) -> pl.Expr:
    # As text: two contracts may type one number differently.
    return pl.when(cell.is_not_null()).then(cell.cast(pl.String).hash(_SEED))
