"""Departments' numbers as core holds them: keyed hashes, equal where two numbers of one column are equal.

Who has the warehouse and not the vault can neither read a number nor try one: numbers are few enough to be
tried out against any hash that has no key.
"""

from __future__ import annotations

import hashlib
import hmac

import polars as pl
import polars_hash as plh

from data_contracts.contract.model import Column
from warehouse.database.connection import Connection, fetch

DIGITS = 32  # hexadecimal, 128 bits: two of a billion numbers share one with a chance of one in 10^20


class NumberHashes:
    """The keyed hashes of one vault.

    Each column has a key of its own, by its name: numbers of one name mean the same in every extract (a
    medical insurance number on the roll and on a bill), and numbers of two names are never compared.
    """

    def __init__(self, number_key: str) -> None:
        self._secret = bytes.fromhex(number_key)

    def of(self, numbers: pl.Expr, column: str) -> pl.Expr:
        """The hashes of a column's numbers; null stays null."""
        key = hmac.new(self._secret, column.encode(), hashlib.sha256).hexdigest()
        return plh.concat_str(numbers).chash.hmac_sha256(key=key).str.head(DIGITS)

    def of_column(self, column: Column) -> pl.Expr:
        """What core holds of a column that is hashed; words that the contract itself names stay."""
        text = pl.col(column.name)
        hashed = self.of(text, column.name)
        if column.agreed:
            hashed = pl.when(text.is_in(sorted(column.agreed))).then(text).otherwise(hashed)
        return hashed.alias(column.name)

    def found_again(self, hashed: pl.DataFrame, asked: pl.DataFrame, number: str) -> pl.DataFrame:
        """The rows of `hashed` whose `number` is one of those asked for, under that number's own text.

        asked: `column`, the name under which the number is hashed; `number`; and what else must be equal.
        """
        asked = asked.drop_nulls(number).unique()
        on = [name for name in asked.columns if name in hashed.columns and name != number]
        known = self._hashed(asked, number).select(*on, "_hash", number)
        found = hashed.rename({number: "_hash"}).join(known, on=[*on, "_hash"])
        return found.select(hashed.columns)

    def of_asked(self, asked: pl.DataFrame, number: str) -> pl.Series:
        """The hashes under which the numbers asked for (as in found_again) may stand in core, sorted."""
        return self._hashed(asked.drop_nulls(number), number).get_column("_hash").unique().sort()

    def _hashed(self, asked: pl.DataFrame, number: str) -> pl.DataFrame:
        """With `_hash`, that of each number under its column's name."""
        parts = [
            part.with_columns(_hash=self.of(pl.col(number), str(column)))
            for (column,), part in asked.partition_by("column", as_dict=True).items()
        ]
        return pl.concat([asked.clear().with_columns(_hash=pl.lit(None, pl.String)), *parts])


def own_numbers(vault: Connection, hashes: NumberHashes, column: str, hashed: pl.Series) -> pl.Series:
    """The departments' own numbers behind a column's hashes, as the open vault has them."""
    kept = fetch(vault, "SELECT DISTINCT value FROM v.identity WHERE attribute = ?", [column])
    by_hash = kept.with_columns(_hash=hashes.of(pl.col("value"), column))
    return hashed.replace(by_hash["_hash"], by_hash["value"])
