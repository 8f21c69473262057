"""Household shards: parts of a province that can be worked on one after the other, or side by side.

A household's answers rest on its own members' rows and on their parents' state; nothing else of the province
is looked at until alerts compete for a station's places. Whose household is not known is a case of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Sharding:
    """So many shards of `block` household numbers each, taken in turn.

    Ids are minted in order and never given twice, so a household stays in its shard while `count` holds, and
    neighbours on the register, hence mostly kin, lie in one.
    """

    count: int = 1
    block: int = 1

    def of(self, case: pl.Expr) -> pl.Expr:
        """The shard of a household's or person's id: a letter and its number."""
        number = case.str.slice(1).cast(pl.Int64, strict=False).fill_null(0)
        return (number // self.block) % self.count

    def holds(self, shard: int) -> pl.Expr:
        """Whether a row of persons (person_id, household_id) is this shard's to answer for."""
        if self.count == 1:
            return pl.lit(True)
        return self.of(pl.coalesce("household_id", "person_id")) == shard

    @classmethod
    def of_size(cls, last_household: int, block: int) -> Sharding:
        """As many shards as households numbered up to `last_household` fill."""
        return cls(count=max(1, -(-(last_household + 1) // block)), block=block)
