"""The one table of types: what a column or fact of each type is in DuckDB and in polars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import polars as pl


class ColumnType(NamedTuple):
    """One type under both names; a value goes from one to the other unchanged."""

    duckdb: str
    polars: pl.DataType


# Money and declared numbers are exact to the second decimal: sums do not depend on the order of rows. `float`
# is for shares, scores and likelihoods only.
TYPES: Mapping[str, ColumnType] = {
    "text": ColumnType("VARCHAR", pl.String()),
    "integer": ColumnType("BIGINT", pl.Int64()),
    "boolean": ColumnType("BOOLEAN", pl.Boolean()),
    "date": ColumnType("DATE", pl.Date()),
    "timestamp": ColumnType("TIMESTAMP", pl.Datetime("us")),
    "yuan": ColumnType("DECIMAL(18,2)", pl.Decimal(18, 2)),
    "number": ColumnType("DECIMAL(18,2)", pl.Decimal(18, 2)),
    "float": ColumnType("DOUBLE", pl.Float64()),
    "texts": ColumnType("VARCHAR[]", pl.List(pl.String())),
}
DTYPES: Mapping[str, pl.DataType] = {name: both.polars for name, both in TYPES.items()}
# The types a fact of the panel may have; the rest are for the warehouse's own tables.
FactType = Literal["integer", "number", "yuan", "text", "boolean", "date"]
FACT_TYPES: tuple[FactType, ...] = get_args(FactType)
