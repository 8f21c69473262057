"""Rates by group, defined as Aequitas defines them, with intervals, and withheld where a group is too small.

selection_rate       listed of all                       (predicted positive rate of the group)
recall               listed of those in need             (true positive rate)
false_negative_rate  not listed of those in need
false_positive_rate  listed of those not in need
precision            in need of those listed
label_rate           in need of all                      (prevalence)
score_excess         mean score minus label_rate; above 0 the score overstates the group
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.evaluation.intervals import wilson_columns
from models.features.frame_checks import need_columns

RATES = ("selection_rate", "recall", "false_negative_rate", "false_positive_rate", "precision", "label_rate")
# What each rate is a share of.
_BASE = {
    "selection_rate": "all",
    "recall": "need",
    "false_negative_rate": "need",
    "false_positive_rate": "rest",
    "precision": "listed",
    "label_rate": "all",
}
ALL = "all"


@dataclass(frozen=True)
class LeastCounts:
    """How many must be behind a figure: entities of a group, and entities of a single rate's base."""

    group: int
    base: int


def group_rates(
    frame: pl.DataFrame,
    groups: Sequence[str],
    least: LeastCounts,
    *,
    weight: str | None = None,
    entity: str | None = None,
    score: str | None = None,
) -> pl.DataFrame:
    """The rates of every value of every group, and of all rows together (group "all").

    frame   one row per judged row: `label` (Boolean, in need), `flagged` (Boolean or the part that is listed,
            0 to 1), one text column per group (null: "unknown")
    weight  how many a row stands for; entity: whose rows they are (one entity's are one answer, for the
            intervals and the least counts); score: a chance, for score_excess

    One row per group and value: group, value, row_cnt, entity_cnt, label_cnt, flagged_cnt, hit_cnt (rows, not
    weighted), weight_sum, each of RATES (weighted) with _low and _high (Wilson, 95 %), mean_score,
    score_excess with _low and _high, withheld. A group of fewer entities than `least.group` has its counts
    and no rates; a rate whose base has fewer than `least.base` is null; `withheld` says which and why.
    """
    need_columns(frame, ["label", "flagged", *groups], "judged rows")
    rows = frame.select(
        *(pl.col(g).cast(pl.String).fill_null("unknown") for g in groups),
        zr_need=pl.col("label").cast(pl.Float64),
        zr_listed=pl.col("flagged").cast(pl.Float64),
        zr_weight=pl.lit(1.0) if weight is None else pl.col(weight).cast(pl.Float64),
        zr_entity=pl.int_range(pl.len()) if entity is None else pl.col(entity),
        zr_score=pl.lit(None, pl.Float64) if score is None else pl.col(score).cast(pl.Float64),
    )
    parts = [_one_group(rows.with_columns(zr_all=pl.lit(ALL)), "zr_all", ALL)]
    parts += [_one_group(rows, g, g) for g in groups]
    return pl.concat([_with_rates(part, least) for part in parts])


def _one_group(rows: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """Sums per value, and the effective number of entities behind each base."""
    need, listed, weight = pl.col("zr_need"), pl.col("zr_listed"), pl.col("zr_weight")
    bases = {"all": pl.lit(1.0), "need": need, "rest": 1 - need, "listed": listed}
    sums = {f"w_{n}": (weight * b).sum() for n, b in bases.items()} | {
        "w_hit": (weight * need * listed).sum()
    }
    cnts = {
        "row_cnt": pl.len().cast(pl.Int64),
        "label_cnt": need.sum(),
        "flagged_cnt": listed.sum(),
        "hit_cnt": (need * listed).sum(),
    }
    whose = rows.group_by(pl.col(column).alias("value"), "zr_entity").agg(
        **sums, **cnts, w_score=(weight * pl.col("zr_score")).sum(), scored=pl.col("zr_score").count()
    )
    # an entity counts for a base when any of its rows does
    behind = {f"n_{n}": (pl.col(f"w_{n}") > 0).sum().cast(pl.Int64) for n in bases}
    size = {f"e_{n}": pl.col(f"w_{n}").sum() ** 2 / (pl.col(f"w_{n}") ** 2).sum() for n in bases}
    kept = [pl.col(c).sum() for c in (*sums, *cnts, "w_score", "scored")]
    # sorted, so that neither sums nor rows depend on the order they came in
    table = whose.sort("value", "zr_entity").group_by("value", maintain_order=True)
    return table.agg(*kept, **behind, **size).select(pl.lit(name).alias("group"), pl.all())


def _with_rates(sums: pl.DataFrame, least: LeastCounts) -> pl.DataFrame:
    part = {
        "selection_rate": sums["w_listed"],
        "recall": sums["w_hit"],
        "false_negative_rate": sums["w_need"] - sums["w_hit"],
        "false_positive_rate": sums["w_listed"] - sums["w_hit"],
        "precision": sums["w_hit"],
        "label_rate": sums["w_need"],
    }
    columns: dict[str, np.ndarray] = {}
    for name, base in _BASE.items():
        shown = ((sums["n_all"] >= least.group) & (sums[f"n_{base}"] >= least.base)).to_numpy()
        whole = sums[f"w_{base}"].to_numpy()
        known = shown & (whole > 0)
        share = np.where(known, part[name].to_numpy() / np.where(whole > 0, whole, 1.0), np.nan)
        low, high = wilson_columns(np.clip(share, 0, 1), sums[f"e_{base}"].to_numpy())
        columns |= {name: share, f"{name}_low": low, f"{name}_high": high}
    table = sums.with_columns(pl.Series(n, v).fill_nan(None) for n, v in columns.items())
    table = table.with_columns(_excess(), withheld=_withheld(least)).with_columns(
        score_excess=pl.col("mean_score") - pl.col("label_rate"),
        score_excess_low=pl.col("mean_score") - pl.col("label_rate_high"),
        score_excess_high=pl.col("mean_score") - pl.col("label_rate_low"),
    )
    rates = [f"{n}{end}" for n in (*RATES, "score_excess") for end in ("", "_low", "_high")]
    measures = pl.col("w_all").round(6).alias("weight_sum"), pl.col("mean_score", *rates).round(6)
    counts = pl.col("label_cnt", "flagged_cnt", "hit_cnt").round(6)
    return table.select(
        "group", "value", "row_cnt", pl.col("n_all").alias("entity_cnt"), counts, *measures, "withheld"
    )


def _excess() -> pl.Expr:
    known = (pl.col("scored") == pl.col("row_cnt")) & pl.col("label_rate").is_not_null()
    return pl.when(known).then(pl.col("w_score") / pl.col("w_all")).alias("mean_score")


def _withheld(least: LeastCounts) -> pl.Expr:
    """Why rates are not shown, in words; null where all are."""
    small = pl.format("{} in the group, fewer than {}: no rates", pl.col("n_all"), pl.lit(least.group))
    names = {"need": "in need", "rest": "not in need", "listed": "listed"}
    thin = [
        pl.when(pl.col(f"n_{base}") < least.base).then(pl.format("{} {}", pl.col(f"n_{base}"), pl.lit(words)))
        for base, words in names.items()
    ]
    few = pl.concat_list(thin).list.drop_nulls().list.join(", ")
    some = pl.format("{}, fewer than {}: no rates of these", few, pl.lit(least.base))
    return pl.when(pl.col("n_all") < least.group).then(small).when(few != "").then(some)
