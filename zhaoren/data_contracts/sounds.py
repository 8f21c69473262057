"""How a name sounds: pinyin without tones."""

from __future__ import annotations

import polars as pl


def sounds_of(names: pl.Series) -> pl.Series:
    """Pinyin of each name without tones; null in, null out."""
    from pypinyin import lazy_pinyin

    frame = names.alias("name").to_frame().with_row_index("i")
    chars = frame.with_columns(pl.col("name").str.split("").alias("c")).explode("c")
    chars = chars.filter(pl.col("c") != "")
    distinct = chars.get_column("c").unique().sort()
    table = {c: "".join(lazy_pinyin(c)).lower() for c in distinct.to_list()}
    told = chars.with_columns(pl.col("c").replace(table))
    joined = told.group_by("i", maintain_order=True).agg(pl.col("c").str.join(" "))
    return frame.join(joined, on="i", how="left", maintain_order="left").get_column("c").alias("name_sound")
