"""Cells become numbers: what kind each column is, which categories are known, and what is unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.learners.sample import Rows, Sample
from zhaoren.errors import ZhaorenError

# A category needs this many rows to be told from chance, and trees take at most 255 values of a column.
_LEAST_ROWS, _MOST_LEVELS = 5, 200


@dataclass(frozen=True)
class Column:
    """One feature as a learner reads it. `levels`: its known categories, the frequent first (None: number).

    `direction` is 1 or -1 where the chance may only rise or fall with it. `unknown_cnt` counts the infinite
    and not-a-number cells it was learned with, which were taken as unknown.
    """

    name: str
    levels: tuple[str, ...] | None = None
    direction: int = 0
    unknown_cnt: int = 0


def columns_of(sample: Sample, rows: Rows) -> tuple[Column, ...]:
    """The features that can tell rows apart. Raises ZhaorenError (no_usable_feature) when none can."""
    found = [_column(sample, rows.frame[name]) for name in sample.features]
    kept = tuple(c for c in found if _differs(rows.frame, c))
    if not kept:
        raise ZhaorenError(
            f"none of the {len(sample.features)} feature(s) tells any two rows apart",
            "sample to learn from",
            "each is unknown, or the same, in every row",
            "deliver a fact that differs between rows; until then the rules rank",
            code="no_usable_feature",
        )
    return kept


def matrix(frame: pl.DataFrame, columns: tuple[Column, ...]) -> np.ndarray:
    """One row per row, one number per column; unknown, infinite, and a category not met before are NaN."""
    return frame.select(_cell(frame.schema[c.name], c) for c in columns).to_numpy(order="c")


def _column(sample: Sample, cells: pl.Series) -> Column:
    name, kind = cells.name, cells.dtype
    if not _is_name(kind) and (name not in sample.categories or kind == pl.Boolean):
        odd = 0
        if kind.is_float():
            odd = int((~cells.is_finite()).sum())
        return Column(name, None, sample.monotone.get(name, 0), odd)
    counts = cells.to_frame().group_by(_text(kind, name).alias("level")).len().drop_nulls()
    often = counts.filter(pl.col("len") >= _LEAST_ROWS)
    ordered = often.sort("len", "level", descending=[True, False])
    return Column(name, tuple(ordered["level"].head(_MOST_LEVELS).to_list()))


def _is_name(kind: pl.DataType) -> bool:
    return kind in (pl.String, pl.Categorical, pl.Enum)


def _differs(frame: pl.DataFrame, column: Column) -> bool:
    cells = frame.select(_cell(frame.schema[column.name], column)).to_series()
    return not cells.is_null().all() and cells.n_unique() > 1


def _cell(kind: pl.DataType, column: Column) -> pl.Expr:
    if column.levels is not None:
        codes = {level: float(code) for code, level in enumerate(column.levels)}
        text = _text(kind, column.name)
        value = text.replace_strict(codes, default=None, return_dtype=pl.Float64) if codes else pl.lit(None)
        return value.cast(pl.Float64).alias(column.name)
    value = _number(kind, column.name)
    return pl.when(value.is_finite()).then(value).alias(column.name)


def _text(kind: pl.DataType, name: str) -> pl.Expr:
    # 1 and 1.0 are the same code, whichever way a file wrote it
    number = kind.is_numeric() and kind != pl.Boolean
    return (pl.col(name).cast(pl.Float64) if number else pl.col(name)).cast(pl.String)


def _number(kind: pl.DataType, name: str) -> pl.Expr:
    value = pl.col(name)
    if kind == pl.Date:
        return value.to_physical().cast(pl.Float64)
    if kind == pl.Datetime:
        return value.dt.epoch("s").cast(pl.Float64) / 86_400
    if kind == pl.Duration:
        return value.dt.total_seconds().cast(pl.Float64) / 86_400
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise ZhaorenError(
            f"column {name} holds lists or parcels of values, not values",
            "sample to learn from",
            "a learner reads numbers, dates, yes or no, and names",
            "make one column of each value, or leave the column out",
            code="feature_not_a_value",
        )
    return value.to_physical().cast(pl.Float64, strict=False)
