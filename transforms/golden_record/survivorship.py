"""Survivorship: one value where several sources report one, by precedence unless enough others agree.

    surviving_values(reports, rule) -> DataFrame      one row per person: the value, its source, who agrees
    disagreements(reports, surviving) -> DataFrame    every report on the persons the sources differ about

reports   person_id, source, value (any one type), known_date; at most one row per person and source
rule      SurvivorshipRule: which source goes before which, and when the others overrule it

Pure over any value column: sex, birth dates and villages go through it alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

REPORT = ["person_id", "source", "value", "known_date"]


@dataclass(frozen=True)
class SurvivorshipRule:
    """Which source goes first, and how many others overrule it.

    sources: highest first; sources not named come after them, by name. The others overrule the first when at
    least `agreeing_cnt` of them, and at least `agreeing_share` of them, report the same other value;
    agreeing_cnt 0: never.
    """

    sources: tuple[str, ...]
    agreeing_cnt: int
    agreeing_share: Decimal


def surviving_values(reports: pl.DataFrame, rule: SurvivorshipRule) -> pl.DataFrame:
    """One row per person reported on, sorted by person_id.

    value, source (the highest in precedence that reports it), source_cnt (sources that report anything),
    agreement_share (of them, those that report this value), is_agreed (the others overruled the first),
    is_conflict (not all report the same). Null values are no reports.
    """
    ordered = in_order(reports.filter(pl.col("value").is_not_null()), rule.sources)
    same = pl.col("value") == pl.col("value").first()
    first = ordered.group_by("person_id").agg(
        pl.col("value", "source").first(),
        pl.len().cast(pl.Int64).alias("source_cnt"),
        same.sum().cast(pl.Int64).alias("_same"),
    )
    split = first.filter(pl.col("_same") < pl.col("source_cnt"))
    surviving = first.join(_overruling(ordered, split, rule), on="person_id", how="left")
    is_agreed = pl.col("_other").is_not_null()
    return surviving.select(
        "person_id",
        pl.when(is_agreed).then("_other").otherwise("value").alias("value"),
        pl.when(is_agreed).then("_other_source").otherwise("source").alias("source"),
        "source_cnt",
        (pl.coalesce("_other_cnt", "_same") / pl.col("source_cnt")).alias("agreement_share"),
        is_agreed.alias("is_agreed"),
        (pl.col("_same") < pl.col("source_cnt")).alias("is_conflict"),
    ).sort("person_id")


def in_order(reports: pl.DataFrame, sources: Sequence[str]) -> pl.DataFrame:
    """The reports with the sources' precedence as row order: those named first, the others by name."""
    others = set(reports.get_column("source").unique()) - set(sources)
    ranks = {source: rank for rank, source in enumerate([*sources, *sorted(others)])}
    rank = pl.col("source").replace_strict(ranks, return_dtype=pl.Int64)
    return reports.sort(rank, maintain_order=True)


def _overruling(ordered: pl.DataFrame, split: pl.DataFrame, rule: SurvivorshipRule) -> pl.DataFrame:
    """The other value that enough sources agree on, of the persons in `split`; on a tie the first reported.

    `ordered` is in order of precedence, so the first row of a value is its best source.
    """
    others = ordered.join(
        split.select("person_id", "source_cnt", first="value"), on="person_id", maintain_order="left"
    ).filter(pl.col("value") != pl.col("first"))
    votes = others.group_by("person_id", "value", maintain_order=True).agg(
        pl.col("source", "source_cnt").first(), pl.len().cast(pl.Int64).alias("_other_cnt")
    )
    best = votes.sort("_other_cnt", descending=True, maintain_order=True)
    best = best.unique("person_id", keep="first", maintain_order=True)
    # agreeing_cnt 0 must not read as "none is enough": it switches overruling off.
    many = (pl.lit(rule.agreeing_cnt) > 0) & (pl.col("_other_cnt") >= rule.agreeing_cnt)
    # Their share is among the other sources, so the first one's own report is taken off.
    share = pl.col("_other_cnt") >= (pl.col("source_cnt") - 1) * float(rule.agreeing_share)
    return best.filter(many & share).select(
        "person_id", pl.col("value").alias("_other"), pl.col("source").alias("_other_source"), "_other_cnt"
    )


def disagreements(reports: pl.DataFrame, surviving: pl.DataFrame) -> pl.DataFrame:
    """person_id, value (as text), source, known_date, is_chosen of every report on a person in conflict."""
    split = surviving.filter("is_conflict").select("person_id", kept="value")
    rows = reports.filter(pl.col("value").is_not_null()).join(split, on="person_id")
    return rows.select(
        "person_id",
        pl.col("value").cast(pl.String),
        "source",
        "known_date",
        (pl.col("value") == pl.col("kept")).alias("is_chosen"),
    ).sort("person_id", "source", "value")
