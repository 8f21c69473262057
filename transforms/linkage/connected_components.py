"""Connected components of pairs: who belongs together when one pair leads to the next."""

from __future__ import annotations

import polars as pl


def components(edges: pl.DataFrame) -> pl.DataFrame:
    """node, component of the undirected graph of edges (left, right); sorted by node.

    A component is named by its smallest node. Edges with a null are no edges; a loop makes a node of its own.
    Each round hooks every tree onto the least neighbouring one and then lets nodes point at their root, so a
    chain of a million nodes needs some twenty rounds and not a million.
    """
    sides = edges.select("left", "right").drop_nulls()
    nodes = pl.concat([sides["left"], sides["right"]]).unique().sort().rename("node")
    indexes = nodes.to_frame().with_row_index("index")
    root = indexes["index"].alias("root")
    numbered = _renumbered(sides, indexes)
    while numbered.height:
        root = _pointed_at_roots(_hooked(root, numbered))
        numbered = _between_trees(numbered, root)
    return pl.DataFrame({"node": nodes, "component": nodes.gather(root)})


def _renumbered(sides: pl.DataFrame, indexes: pl.DataFrame) -> pl.DataFrame:
    """The edges as indexes into the sorted nodes (one, other), loops left out."""
    for name, end in (("left", "one"), ("right", "other")):
        sides = sides.join(indexes.rename({"node": name, "index": end}), on=name, maintain_order="left")
    return sides.select("one", "other").filter(pl.col("one") != pl.col("other"))


def _hooked(root: pl.Series, edges: pl.DataFrame) -> pl.Series:
    """Each root that has a smaller neighbour points at the least of them."""
    high, low = pl.max_horizontal("one", "other"), pl.min_horizontal("one", "other")
    least = edges.select(high=high, low=low).group_by("high").agg(pl.col("low").min())
    return root.scatter(least["high"], least["low"])


def _pointed_at_roots(root: pl.Series) -> pl.Series:
    """Follow pointers, doubling the step, until every node points at a root."""
    while True:
        further = root.gather(root)
        if further.equals(root):
            return root
        root = further


def _between_trees(edges: pl.DataFrame, root: pl.Series) -> pl.DataFrame:
    """The edges as edges between roots, each once, without those inside one tree."""
    ends = pl.DataFrame({"one": root.gather(edges["one"]), "other": root.gather(edges["other"])})
    return ends.filter(pl.col("one") != pl.col("other")).unique()
