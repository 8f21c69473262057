"""A quarter's families named by stations themselves beside as many of the lists': who was in need?"""

from __future__ import annotations

import numpy as np
import polars as pl

from models.evaluation.intervals import wilson_columns
from models.features.frame_checks import need_columns

# Fewer answered families on a side say nothing of either.
LEAST_TOLD = 20
SIDES = ("nominated", "listed")


def duel(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per quarter: of each side cnt, told_cnt, need_cnt and share; and how much more the lists found.

    rows: quarter, side (nominated, listed), label (true, false; null: not answered), one per family.
    difference: the listed share less the nominated one, with difference_low and difference_high (95 %,
    Newcombe's from both Wilson intervals, Statistics in Medicine 17, 1998). Shares and difference are null
    below LEAST_TOLD answers of a side. Stations are added up: nobody is compared with anybody.
    """
    need_columns(rows, ["quarter", "side", "label"], "rows")
    table = rows.group_by("quarter").agg(
        part
        for side in SIDES
        for part in (
            (pl.col("side") == side).sum().cast(pl.Int64).alias(f"{side}_cnt"),
            ((pl.col("side") == side) & pl.col("label").is_not_null())
            .sum()
            .cast(pl.Int64)
            .alias(f"{side}_told_cnt"),
            ((pl.col("side") == side) & pl.col("label")).sum().cast(pl.Int64).alias(f"{side}_need_cnt"),
        )
    )
    table = table.sort("quarter")
    told = {side: table[f"{side}_told_cnt"].to_numpy().astype(float) for side in SIDES}
    enough = (told["nominated"] >= LEAST_TOLD) & (told["listed"] >= LEAST_TOLD)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = {s: np.where(enough, table[f"{s}_need_cnt"].to_numpy() / told[s], np.nan) for s in SIDES}
    (a, (la, ua)), (b, (lb, ub)) = ((share[s], wilson_columns(share[s], told[s])) for s in SIDES[::-1])
    found = {
        "nominated_share": b,
        "listed_share": a,
        "difference": a - b,
        "difference_low": a - b - np.sqrt((a - la) ** 2 + (ub - b) ** 2),
        "difference_high": a - b + np.sqrt((ua - a) ** 2 + (b - lb) ** 2),
    }
    return table.with_columns(pl.Series(k, v).fill_nan(None).round(6) for k, v in found.items())
