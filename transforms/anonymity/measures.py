"""How far a table was folded: groups, the smallest, who stood out before, what is not shown, who is alike.

folded_measures(name, cells, folded, columns, k) -> one row of ref.anonymity
lone_shares(cells, k) -> (share of rows that are the only one of their kind, share with fewer than k alike)
share(part, total) -> one of them
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import polars as pl

from data_contracts.registry.tables import schema
from transforms.anonymity.folding import NOT_SHOWN

ALL_COLUMNS = "all columns"
NOTABLE = 0.005  # of the rows: less is printed as nothing
# What a cell may say without telling anything grave of anybody.
_HARMLESS = ("false", "no", "0", "none")


class _Column(Protocol):
    @property
    def sensitive(self) -> bool: ...


def folded_measures(
    name: str, cells: pl.DataFrame, folded: pl.DataFrame, columns: Mapping[str, _Column], k: int
) -> pl.DataFrame:
    """The row of one folded table; cells: what it was before, with `n`; folded: what is published of it."""
    unique, small = lone_shares(cells, k)
    sensitive = [column for column, told in columns.items() if told.sensitive]
    row = {
        "table_name": name,
        "attributes": ALL_COLUMNS,
        "row_cnt": int(folded["n"].sum()),
        "group_cnt": folded.height,
        "smallest_cnt": int(str(folded["n"].min())) if folded.height else None,
        "unique_share_before": unique,
        "under_k_share_before": small,
        "not_shown": ", ".join(_not_shown(folded, list(columns))),
        "all_alike": ", ".join(f"{c} {_alike(folded, c, list(columns)):.1%}" for c in sensitive),
    }
    return pl.DataFrame([row], schema=schema("ref.anonymity"), orient="row")


def lone_shares(cells: pl.DataFrame, k: int) -> tuple[float, float]:
    """Shares of the rows that stand alone, and that have fewer than k alike; nothing of an empty table."""
    total = int(cells["n"].sum())
    alone, few = (int(cells.filter(pl.col("n") < limit)["n"].sum()) for limit in (2, k))
    return share(alone, total), share(few, total)


def share(part: int, total: int) -> float:
    """A share as it is published: four digits; of nothing, nothing."""
    return round(part / total, 4) if total else 0.0


def _not_shown(folded: pl.DataFrame, columns: list[str]) -> list[str]:
    """The columns left out of some rows, each with its share of the rows."""
    total = int(folded["n"].sum())
    hidden = pl.col(NOT_SHOWN).str.split(",")
    shares = {c: int(folded.filter(hidden.list.contains(c))["n"].sum()) / max(total, 1) for c in columns}
    return [f"{column} {share:.0%}" for column, share in shares.items() if share >= NOTABLE]


def _alike(folded: pl.DataFrame, column: str, columns: list[str]) -> float:
    """Share of rows whose like, in all columns of more worth, have every one the same grave value.

    l-diversity of 1: who knows that somebody is among them knows the value.
    """
    total = int(folded["n"].sum())
    groups = folded.group_by(columns[: columns.index(column)] or pl.lit(0)).agg(
        pl.col("n").sum(), pl.col(column).n_unique().alias("_values"), pl.col(column).first().alias("_value")
    )
    grave = pl.col("_value").is_not_null() & ~pl.col("_value").cast(pl.String).is_in(_HARMLESS)
    return int(groups.filter((pl.col("_values") == 1) & grave)["n"].sum()) / total if total else 0.0
