"""What a score promised against what visits found, for all households and not only those it put on a list."""

from __future__ import annotations

import polars as pl

from models.evaluation.design_intervals import share_range
from models.evaluation.random_estimates import LEAST_RANDOM
from models.features.frame_checks import need_columns


def calibration_from_lines(lines: pl.DataFrame, bins: int = 5) -> pl.DataFrame:
    """One row per part of the households, lowest scores first, each weighed by the inverse of its chance.

    lines: score, draw_chance, label (null: not answered). A part stands for as many households as any other.
    Columns: bin (1 is lowest), line_cnt, effective_cnt (Kish's), mean_score, need_share, need_low, need_high
    (95 %); these are null below LEAST_RANDOM lines. Families who did not answer are taken to be like those
    who did: `estimates` tells how far off that may be.
    """
    need_columns(lines, ["score", "draw_chance", "label"], "lines")
    told = lines.filter(
        pl.col("score").is_not_null(), pl.col("label").is_not_null(), pl.col("draw_chance") > 0
    )
    told = told.sort("score", "draw_chance", "label").with_columns(_w=1 / pl.col("draw_chance"))
    place = (pl.col("_w").cum_sum() - pl.col("_w") / 2) / pl.col("_w").sum()
    weight, need = pl.col("_w"), pl.col("label").cast(pl.Float64)
    table = (
        told.with_columns(bin=(place * bins).floor().cast(pl.Int64) + 1)
        .group_by("bin", maintain_order=True)
        .agg(
            line_cnt=pl.len().cast(pl.Int64),
            effective_cnt=weight.sum() ** 2 / (weight**2).sum(),
            mean_score=(weight * pl.col("score")).sum() / weight.sum(),
            need_share=(weight * need).sum() / weight.sum(),
        )
    )
    span = share_range(table["need_share"].to_numpy(), table["effective_cnt"].to_numpy())
    table = table.with_columns(pl.Series("need_low", span.low), pl.Series("need_high", span.high))
    enough = pl.col("line_cnt") >= LEAST_RANDOM
    shares = [c for c, kind in table.schema.items() if kind == pl.Float64]
    hidden = [pl.when(enough).then(pl.col(c)).alias(c) for c in shares if c.startswith("need")]
    return table.with_columns(hidden).with_columns(pl.col(shares).round(6))
