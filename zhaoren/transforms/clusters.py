"""Connected components of pairs."""

from __future__ import annotations

import polars as pl


def components(edges: pl.DataFrame) -> pl.DataFrame:
    """node, component (its smallest node) of an undirected graph of edges left, right; sorted by node."""
    both = pl.concat([edges.select("left", "right"), edges.select(left="right", right="left")])
    nodes = both.select(node="left").unique().with_columns(component=pl.col("node"))
    while True:
        reach = both.join(nodes, left_on="right", right_on="node")
        near = reach.group_by(node="left").agg(near=pl.col("component").min())
        lowest = pl.min_horizontal("component", "near")
        moved = nodes.join(near, on="node", how="left").with_columns(low=lowest)
        ahead = moved.select(pl.col("low").alias("jump"), pl.col("node").alias("low"))
        jump = moved.select("node", "low").join(ahead, on="low", how="left")
        new = jump.select("node", component=pl.min_horizontal("low", "jump"))
        if new.sort("node").equals(nodes.sort("node")):
            return new.sort("node")
        nodes = new
