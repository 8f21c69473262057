"""What a child's registered parents can do for it: known, dead, unable.

    parents(people, able, definitions) -> DataFrame   person_id + PARENT facts, one row per person

`able` is the persons frame with is_severe_disabled, in_custody, custody_days and custody_total_days. With no
parent registered the two other counts are null; so they are when any registered parent's state is unknown,
since a parent we cannot see is neither well nor dead. The counts never overlap: the dead are not 'unable'.
"""

from __future__ import annotations

import polars as pl

from transforms.core_as_of import strict_sum
from transforms.panel.definitions import FactDefinitions


def parents(people: pl.DataFrame, able: pl.DataFrame, definitions: FactDefinitions) -> pl.DataFrame:
    """One row per person: parent_known_cnt, parent_dead_cnt, parent_unable_cnt."""
    links = _links(people).join(_states(able, definitions), on="parent_id", how="left")
    known = links.group_by("person_id").agg(pl.len().cast(pl.Int64).alias("parent_known_cnt"))
    sums = strict_sum(links.sort("person_id"), "person_id", ["parent_dead_cnt", "parent_unable_cnt"])
    counts = people.select("person_id", "registration_status_code")
    counts = counts.join(known, on="person_id", how="left", maintain_order="left")
    counts = counts.join(sums, on="person_id", how="left", maintain_order="left")
    on_roll = pl.col("registration_status_code").is_not_null()
    return counts.select(
        "person_id",
        pl.when(on_roll).then(pl.col("parent_known_cnt").fill_null(0)).alias("parent_known_cnt"),
        "parent_dead_cnt",
        "parent_unable_cnt",
    )


def _links(people: pl.DataFrame) -> pl.DataFrame:
    columns = ("father_person_id", "mother_person_id")
    pairs = [people.select("person_id", pl.col(c).alias("parent_id")) for c in columns]
    return pl.concat(pairs).drop_nulls()


def _states(able: pl.DataFrame, definitions: FactDefinitions) -> pl.DataFrame:
    """Dead and unable per possible parent, as 0/1/null."""
    held = pl.max_horizontal("custody_days", "custody_total_days") >= definitions.parent_custody_days
    dead = ~pl.col("is_alive")
    unable = pl.col("is_severe_disabled") | (pl.col("in_custody") & held)
    return able.select(
        pl.col("person_id").alias("parent_id"),
        dead.cast(pl.Int64).alias("parent_dead_cnt"),
        pl.when(dead).then(0).otherwise(unable.cast(pl.Int64)).alias("parent_unable_cnt"),
    )
