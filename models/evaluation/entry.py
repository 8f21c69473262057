"""Entry into need beside standing need: who was found in need before is easily found again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from models.evaluation.listing import is_listed

# A need verified within a year before is standing; what lay longer back has ended in between for most.
STANDING_DAYS = 365


def with_entry(rows: pl.DataFrame, labelled: pl.DataFrame) -> pl.DataFrame:
    """`rows` (household_id, as_of, …) with is_entry: no need of the household was verified a year back.

    labelled: outcomes with household_id, found_date, known_date, label; only those known by the row's date
    count.
    """
    found = labelled.filter("label").select("household_id", "found_date", "known_date").unique()
    keys = rows.select("household_id", "as_of").unique()
    before = keys.join(found, on="household_id").filter(
        (pl.col("known_date") <= pl.col("as_of"))
        & (pl.col("found_date") > pl.col("as_of").dt.offset_by(f"-{STANDING_DAYS}d"))
    )
    standing = before.select("household_id", "as_of", is_entry=pl.lit(False)).unique()
    joined = rows.join(standing, on=["household_id", "as_of"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("is_entry").fill_null(True))


def entry_counts(
    judged: pl.DataFrame, labelled: pl.DataFrame, rankings: Sequence[str]
) -> list[dict[str, Any]]:
    """Per ranking: ranking, listed_cnt, hit_cnt, entry_hit_cnt (its hits who were not known in need).

    judged: `with_truth`'s frame with one column per ranking.
    """
    rows = with_entry(judged, labelled)
    counts = []
    for ranking in rankings:
        hits = rows.filter(is_listed(rows, ranking))
        need = pl.col("in_hardship").fill_null(False)
        sums = hits.select(
            listed_cnt=pl.len(), hit_cnt=need.sum(), entry_hit_cnt=(need & pl.col("is_entry")).sum()
        )
        counts.append({"ranking": ranking, **{k: int(v) for k, v in sums.row(0, named=True).items()}})
    return counts
