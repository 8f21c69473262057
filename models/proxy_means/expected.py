"""What a visit of a household with an unknown income is expected to find missing, in yuan a month."""

from __future__ import annotations

import polars as pl

from models.features.frame_checks import need_columns
from models.ranking.fitting import Model, predict

ESTIMATE = pl.Schema(
    [
        ("household_id", pl.String()),
        ("chance_below_line", pl.Float64()),
        ("expected_yuan_month", pl.Decimal(18, 2)),
    ]
)


def expected_missing(
    model: Model, short_share: float, features: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """One row per household of `features`, sorted: ESTIMATE.

    features: household_id and the model's columns. lines: household_id, member_cnt, line_yuan_month (the
    line of its place, a head). expected_yuan_month = chance x what those found below the line fell short of
    it, on average x heads; nothing is expected where the line or the heads are unknown.
    """
    need_columns(lines, ["household_id", "member_cnt", "line_yuan_month"], "lines")
    scored = features.select("household_id", chance_below_line=pl.Series(predict(model, features)))
    rows = scored.join(lines, on="household_id", how="left", maintain_order="left")
    whole = pl.col("line_yuan_month").cast(pl.Float64) * pl.col("member_cnt").cast(pl.Float64) * short_share
    rows = rows.with_columns(expected_yuan_month=(pl.col("chance_below_line") * whole).fill_null(0.0))
    return rows.select(list(ESTIMATE)).cast(ESTIMATE).sort("household_id")
