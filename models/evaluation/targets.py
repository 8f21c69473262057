"""Every ranking against every target at one number of lines, by town and pooled.

A ranking can only be compared with the delivered list if it chooses from the same households (who rests after
a visit can be listed by nobody) and fills as many lines. Which those are, the caller says: `candidates` holds
who may be listed, `lines` how many.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from models.evaluation.listing import expected, listed_share, whole_fen, with_lines
from models.features.frame_checks import need_columns, one_row_each

KEYS = ["as_of", "household_id"]
ALL = "all"
# A blind draw is a ranking whose values are all equal: its places are shared exactly.
RANDOM = "random"


def at_capacity(
    candidates: pl.DataFrame,
    truth: pl.DataFrame,
    lines: int | pl.DataFrame,
    rankings: Sequence[str],
    targets: Sequence[str],
) -> pl.DataFrame:
    """What each ranking finds of each target within the lines; exact where values tie.

    candidates  as_of, household_id, town_code, one column per ranking (see `listing.is_listed`), one row per
                household and date
    truth       as_of, household_id, one Boolean column per target, and missing_yuan_month: what the household
                truly misses, a month
    lines       per station and date: a number, or a frame town_code, line_cnt (and as_of if it varies)

    One row per ranking, target, town_code and as_of (both also "all", as text): base_cnt (candidates that are
    the target), listed_cnt, hit_cnt, yuan_month (missing at the listed who are the target), all expectations.
    Rankings come as given after `random`; a ranking counts on the dates on which it has any value.
    """
    names = [RANDOM, *(name for name in rankings if name != RANDOM)]
    need_columns(candidates, [*KEYS, "town_code", *names[1:]], "candidates")
    need_columns(truth, [*KEYS, *targets, "missing_yuan_month"], "truth")
    for frame, name in ((candidates, "candidates"), (truth, "truth")):
        one_row_each(frame, KEYS, name)
    known = truth.select(*KEYS, *targets, _fen=whole_fen("missing_yuan_month").fill_null(0))
    frame = candidates.drop(*targets, strict=False).drop_nulls("town_code").join(known, on=KEYS, how="left")
    frame = with_lines(frame, lines).with_columns(pl.lit(0).alias(RANDOM)).sort(KEYS)
    parts = [_counts(frame, name, targets) for name in names]
    return _rolled_up(pl.concat(parts), names, targets)


def shares(counts: pl.DataFrame) -> pl.DataFrame:
    """`at_capacity`'s rows with precision (of the listed) and recall (of the target); null of nothing."""
    return counts.with_columns(
        precision=pl.when(pl.col("listed_cnt") > 0).then(pl.col("hit_cnt") / pl.col("listed_cnt")).round(6),
        recall=pl.when(pl.col("base_cnt") > 0).then(pl.col("hit_cnt") / pl.col("base_cnt")).round(6),
    )


def _counts(frame: pl.DataFrame, ranking: str, targets: Sequence[str]) -> pl.DataFrame:
    """One row per date, town and target of one ranking."""
    dates = frame.filter(pl.col(ranking).is_not_null())["as_of"].unique()
    frame = frame.filter(pl.col("as_of").is_in(dates.implode()))
    frame = frame.with_columns(_chance=listed_share(frame, ranking))
    towns = frame.group_by("as_of", "town_code").agg(
        expected(pl.lit(1)).alias("listed_cnt"),
        *(pl.col(target).sum().cast(pl.Int64).alias(f"base|{target}") for target in targets),
        *(expected(pl.col(target)).alias(f"hit|{target}") for target in targets),
        *(expected(pl.when(pl.col(target)).then("_fen")).alias(f"fen|{target}") for target in targets),
    )
    each = [
        towns.select(
            pl.lit(ranking).alias("ranking"),
            pl.lit(target).alias("target"),
            "as_of",
            "town_code",
            "listed_cnt",
            *(pl.col(f"{what}|{target}").alias(what) for what in ("base", "hit", "fen")),
        )
        for target in targets
    ]
    return pl.concat(each)


def _rolled_up(counts: pl.DataFrame, names: Sequence[str], targets: Sequence[str]) -> pl.DataFrame:
    rows = counts.with_columns(pl.col("as_of").cast(pl.String)).sort("as_of", "town_code")
    every = [
        rows.with_columns(pl.lit(ALL).alias(c) for c in pooled)
        for pooled in ([], ["as_of"], ["town_code"], ["as_of", "town_code"])
    ]
    keys = ["ranking", "target", "town_code", "as_of"]
    summed = (
        pl.concat(every)
        .group_by(keys, maintain_order=True)
        .agg(
            pl.col("base").sum().alias("base_cnt"),
            pl.col("listed_cnt").sum().round(6),
            pl.col("hit").sum().round(6).alias("hit_cnt"),
            (pl.col("fen").sum().round() / 100).cast(pl.Decimal(18, 2)).alias("yuan_month"),
        )
    )
    order = {name: place for place, name in enumerate(names)}
    kinds = {name: place for place, name in enumerate(targets)}
    return summed.sort(
        pl.col("town_code") != ALL,
        "town_code",
        pl.col("as_of") != ALL,
        "as_of",
        pl.col("target").replace_strict(kinds),
        pl.col("ranking").replace_strict(order),
    )
