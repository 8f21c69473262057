"""Ids that turned out to be one person: the master id of each, and frames read that way.

masters(links, numbered) -> DataFrame(person_id, same_as)   every linked id that is not its own master
with_master_ids(core, aliases) -> dict[str, DataFrame]       core's frames with ids as they are believed
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from transforms.linkage.connected_components import components

Frames = Mapping[str, pl.DataFrame]


def masters(links: pl.DataFrame, numbered: pl.Series) -> pl.DataFrame:
    """One row per linked id that has another for its master; sorted by person_id.

    links: person_id, other_person_id. Of persons that are one, the one with an ID number is the master, of
    several the earliest minted.
    """
    edges = links.select(pl.col("person_id").alias("left"), pl.col("other_person_id").alias("right"))
    sets = components(edges)
    ranked = sets.with_columns(_without=~pl.col("node").is_in(numbered.implode())).sort("_without", "node")
    named = ranked.with_columns(pl.col("node").first().over("component").alias("same_as"))
    named = named.filter(pl.col("node") != pl.col("same_as"))
    return named.select(pl.col("node").alias("person_id"), "same_as").sort("person_id")


def with_master_ids(core: Frames, aliases: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """core's frames with every person id replaced by its master.

    aliases: person_id, extract ('' for every one), same_as. A line for an extract goes before those for all,
    and what it leads to may itself have a master.
    """
    if aliases.is_empty():
        return dict(core)
    everywhere = aliases.filter(extract="")
    of_extract = aliases.filter(pl.col("extract") != "").partition_by("extract", as_dict=True)
    found = {}
    for name, frame in core.items():
        own = of_extract.get((name,))
        frame = frame if own is None else _replaced(frame, own, ["person_id"])
        found[name] = _replaced(frame, everywhere, [c for c in frame.columns if c.endswith("person_id")])
    return found


def _replaced(frame: pl.DataFrame, aliases: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    old, new = aliases.get_column("person_id"), aliases.get_column("same_as")
    columns = [c for c in columns if c in frame.columns]
    return frame.with_columns(pl.col(columns).replace(old, new)) if columns and old.len() else frame
