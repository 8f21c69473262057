"""What a fact of the panel is: its type, its value for somebody not listed, the numbers in its definition.

    attach(spine, rows, key, facts, doubt) -> DataFrame    facts on a spine, absent kept apart from unknown
    side_by_side(frames, key) -> DataFrame                 several of them as one frame
    FactDefinitions.from_mapping(values: Mapping[str, int]) -> FactDefinitions
    living(members: DataFrame) -> DataFrame                members alive and not moved out

`values` are those of the parameter group `fact_definitions` in force on the run's date, by parameter name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import polars as pl

from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Fact:
    """One fact's name and type, and what it is for somebody whom a delivered source does not list."""

    name: str
    dtype: Any
    absent: Any = None


def attach(
    spine: pl.DataFrame,
    rows: pl.DataFrame | None,
    key: str,
    facts: Sequence[Fact],
    doubt: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row per spine row with `key` and the facts.

    rows None (never delivered): every fact null. Not among the rows: the fact's `absent` value, but null for
    a key in `doubt`. Among them: the row's own value, null included.
    """
    keys = spine.select(key)
    if rows is None:
        return keys.with_columns(pl.lit(None, dtype=fact.dtype).alias(fact.name) for fact in facts)
    listed = rows.select(key, *(pl.col(f.name).cast(f.dtype) for f in facts), pl.lit(True).alias("_listed"))
    joined = keys.join(listed, on=key, how="left", maintain_order="left")
    unsure = joined[key].is_in(doubt[key].implode()) if doubt is not None else pl.lit(False)
    joined = joined.with_columns((pl.col("_listed").is_null() & ~unsure).alias("_absent"))
    return joined.select(
        key,
        *(
            pl.when(pl.col("_absent"))
            .then(pl.lit(f.absent, dtype=f.dtype))
            .otherwise(pl.col(f.name))
            .alias(f.name)
            for f in facts
        ),
    )


def side_by_side(frames: Sequence[pl.DataFrame], key: str) -> pl.DataFrame:
    """Frames of one spine as one: `key` once, then every frame's other columns. in the same row order."""
    # Not a join: every frame was attached to the same spine, so the rows already match one to one.
    first, *others = frames
    return pl.concat([first, *(frame.drop(key) for frame in others)], how="horizontal")


def living(members: pl.DataFrame) -> pl.DataFrame:
    """Members in the household now, as policies/definitions/family.yaml says."""
    return members.filter("is_member")


@dataclass(frozen=True)
class FactDefinitions:
    """Over how many months events are added up on the run's date; other law is in policies/definitions."""

    burden_window_months: int
    burden_history_months: int
    relief_window_months: int

    @classmethod
    def from_mapping(cls, values: Mapping[str, int]) -> FactDefinitions:
        """Take the values from their group; a missing name is a ZhaorenError saying which."""
        names = [field.name for field in fields(cls)]
        lacking = [name for name in names if values.get(name) is None]
        if lacking:
            raise ZhaorenError(
                "the fact definitions do not fit: " + ", ".join(lacking),
                where="policies/parameters/fact_definitions.yaml",
                why="each definition must be given there exactly once",
                todo="add the missing names",
            )
        return cls(**{name: values[name] for name in names})
